import Cluster
import Costs
import MQTT

/// Everything that the agent's loop is told, one at a time.
package enum AgentEvent: Sendable {
    case mqtt(MQTTEvent)
    case runner(RunnerEvent)
    case solved(SolveToken, SolveOutcome)
    /// The member wanted to be woken.
    case tick
    /// A client added, replaced or removed a model here.
    case modelAdded(ModelRecord)
    /// No request of the plan is in flight any more.
    case drained(PlanID)
    /// The board has news (`BoardKeeper.takeNews`).
    case boardNews
    case reload
    case stop
    /// The agent stops, and no request is open any more, or their time is over.
    case requestsSettled
}
