import Costs

/// Everything that a `ClusterMember` can be told.
public enum ClusterInput: Sendable {
    /// Time has passed; wanted at `ClusterMember.nextTick`, and at once after `init`.
    case tick
    /// From `node/<id>/inbox`.
    case message(Message)
    /// Subscribed and ready to speak. All own retained topics are published again in answer.
    case brokerConnected
    /// While disconnected no peer is suspected: it is our own ear that is deaf.
    case brokerDisconnected
    /// From `node/<id>/state` of any node, ourselves included.
    case nodeState(NodeID, NodeState)
    /// From `node/<id>/capabilities` of other nodes.
    case capabilitiesHeard(NodeCapabilities)
    /// Our own devices, memory, links or eligibility changed. `node` and `version` are filled in here.
    case capabilitiesChanged(NodeCapabilities)
    /// Our own `node/<id>/state` shall be this from now on (`degraded` is live, but says that something is wrong).
    case stateChanged(NodeState)
    /// From `model/<name>`.
    case modelHeard(ModelRecord)
    /// Somebody added, replaced or removed a model on this node; an equal or lower version is raised here.
    case modelAdded(ModelRecord)
    /// This node now holds the model's graph and every weight.
    case modelHeld(name: String)
    /// From `leader`, possibly stale.
    case leaderHeard(LeaderRecord)
    /// From `plan/<model>`, possibly stale.
    case planHeard(PlanRecord)
    /// `plan/<model>` was emptied.
    case planRetracted(model: String)
    /// The result of an earlier `.solve`.
    case solved(SolveToken, SolveOutcome)
    /// From our own runner: loaded, with the memory measured.
    case prepared(PlanID, memory: [DeviceMemory])
    /// From our own runner: cannot be loaded.
    case refused(PlanID, reason: String)
    /// From our own request ledger: no request is in flight under the plan any more.
    case drained(PlanID)
    /// The runner died: everything that it had loaded is lost. Plans prepared later are not concerned.
    case executorLost(reason: String)
    /// The disk takes nothing that would have to be promised, and why; nil: it does again.
    case storageChanged(fault: String?)
    /// From `command/replan`; every node may be told, the leader acts.
    case replanRequested(ReplanRequest)
    /// The leader plans like this from now on.
    case planningChanged(PlanningSettings)
    /// From `zone/<zone>/carbon`, with the time of day at which it came, in seconds since 1970.
    case carbonHeard(ZoneCarbon, wallS: Double)
    /// `zone/<zone>/carbon` was emptied.
    case carbonWithdrawn(zone: String)
    /// The agent stops in good order.
    case stop
}
