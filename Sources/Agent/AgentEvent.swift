import Board
import Cluster
import Costs
import MQTT
import Runtime

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
    /// The board has news (`BoardCounter.takeNews`).
    case boardNews
    /// How fast the board is, or why that is not known.
    case boardMeasured(Result<BoardSpeed, ConfigurationError>)
    case reload
    case stop
    /// The agent stops, and no request is open any more, or their time is over.
    case requestsSettled
}

extension AgentEvent {
    /// In words.
    var kind: String {
        switch self {
        case .mqtt(.message(let topic, _, _)): "a message on \(topic)"
        case .mqtt: "news of the connection to the broker"
        case .runner(.report): "a report of the runner"
        case .runner(.lost): "the end of the runner"
        case .solved: "a plan found"
        case .tick: "a tick"
        case .modelAdded: "a change to a model"
        case .drained: "the end of a plan"
        case .boardNews, .boardMeasured: "news of the board"
        case .reload: "a new configuration"
        case .stop, .requestsSettled: "the stop"
        }
    }
}
