import Costs

/// Everything that a `ClusterMember` wants done, in order.
public enum ClusterEffect: Sendable, Equatable {
    /// To `node/<to>/inbox`. May be lost.
    case send(Message, to: NodeID)
    /// To be on disk before any later effect of the list is carried out. If it cannot be written, the agent stops.
    case persist(StoredState)
    /// To `leader`, retained; the shell fills in `since`.
    case publishLeader(LeaderRecord)
    /// To `plan/<model>`, retained; the shell fills in `issuedAt`.
    case publishPlan(PlanRecord)
    /// Empties `plan/<model>`: no plan is in force.
    case retractPlan(model: String)
    /// To `plan/<model>/event`; the shell fills in `at`.
    case publishEvent(PlanEvent)
    /// To our own `node/<id>/state`, retained.
    case publishState(NodeState)
    /// To our own `node/<id>/capabilities`, retained.
    case publishCapabilities(NodeCapabilities)
    /// To our own `node/<id>/carbon`, retained.
    case publishCarbon(NodeCarbon)
    /// Empties our own `node/<id>/carbon`: the intensity is not known any more.
    case retractCarbon
    /// To `model/<name>`, retained.
    case publishModel(ModelRecord)
    /// Solve without blocking; answer with `.solved`. One at a time.
    case solve(SolveRequest)
    case cancelSolve(SolveToken)
    /// To our own runner: fetch weights, load sessions; answer with `.prepared` or `.refused`.
    case prepare(PlanRecord)
    /// To our own runner, and to the ledger where this board is the plan's source: the plan is in force.
    case commit(PlanID, model: String)
    /// To the ledger of the source's board: start no more requests under the plan; answer with `.drained`.
    case drain(PlanID, model: String)
    /// To our own runner: unload the plan now, whatever it is doing; to the ledger: its requests must run again.
    case abandon(PlanID, model: String)
    /// To `command/replan/reply/<client>`.
    case reply(ReplanReply)
    /// `ClusterMember.view` is another than before.
    case viewChanged
    /// Something was refused or dropped; one sentence for the log.
    case warning(String)
}
