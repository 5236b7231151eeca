import Cluster
import Costs
import JSON

/// What a board or a person says, with the topic where it belongs.
public enum OutboundMessage: Sendable, Equatable {
    case nodeState(NodeID, NodeState)
    case capabilities(NodeCapabilities)
    case inbox(NodeID, Message)
    case leader(LeaderRecord)
    case model(ModelRecord)
    case plan(PlanRecord)
    case planEvent(PlanEvent)
    case replan(ReplanRequest)
    case zoneCarbon(ZoneCarbon)
    case nodeCarbon(NodeCarbon)
    case replanReply(ReplanReply)
    /// Withdraws what a retained topic says.
    case clear(Topic)

    public var topic: Topic {
        switch self {
        case .nodeState(let node, _): .nodeState(node)
        case .capabilities(let record): .nodeCapabilities(record.node)
        case .inbox(let node, _): .nodeInbox(node)
        case .leader: .leader
        case .model(let record): .model(record.name)
        case .plan(let record): .plan(record.model.name)
        case .planEvent(let event): .planEvent(event.model)
        case .replan: .command(Topic.replan)
        case .zoneCarbon(let record): .zoneCarbon(record.zone)
        case .nodeCarbon(let record): .nodeCarbon(record.node)
        case .replanReply(let reply): .commandReply(verb: Topic.replan, client: reply.client)
        case .clear(let topic): topic
        }
    }

    /// The message as it goes to the broker.
    ///
    /// - Throws: `TopicError` for a name that no topic can hold, `JSONError` for a value that JSON cannot carry.
    public func publication(in cluster: String) throws -> MQTTPublication {
        let text =
            switch self {
            case .nodeState(_, let state): state.rawValue
            case .capabilities(let record): try JSON.encode(record)
            case .inbox(_, let message): try JSON.encode(message)
            case .leader(let record): try JSON.encode(record)
            case .model(let record): try JSON.encode(record)
            case .plan(let record): try JSON.encode(record)
            case .planEvent(let event): try JSON.encode(event)
            case .replan(let request): try JSON.encode(request)
            case .zoneCarbon(let record): try JSON.encode(record)
            case .nodeCarbon(let record): try JSON.encode(record)
            case .replanReply(let reply): try JSON.encode(reply)
            case .clear: ""
            }
        return MQTTPublication(
            topic: try topic.text(in: cluster), text: text, qualityOfService: topic.qualityOfService,
            retained: topic.isRetained)
    }
}
