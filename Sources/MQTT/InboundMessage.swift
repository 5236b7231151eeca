import Cluster
import Costs
import JSON

/// A message of the cluster, taken from its topic and payload.
///
/// Members that are not known are ignored, so that an older board understands a newer one.
public enum InboundMessage: Sendable, Equatable {
    case nodeState(NodeID, NodeState)
    case capabilities(NodeCapabilities)
    /// Gossip for the node named.
    case inbox(NodeID, Message)
    case leader(LeaderRecord)
    case model(ModelRecord)
    case plan(PlanRecord)
    case planEvent(PlanEvent)
    case replan(ReplanRequest)
    case zoneCarbon(ZoneCarbon)
    case nodeCarbon(NodeCarbon)
    case metrics(NodeMetrics)
    case replanReply(ReplanReply)
    /// An empty retained payload: what the topic said before is withdrawn.
    case cleared(Topic)
    /// A topic of the design whose payload this version does not use: other commands.
    case unused(Topic, JSONValue)

    /// - Parameters:
    ///   - topic: as received.
    ///   - cluster: the cluster's name; other clusters' topics are refused.
    /// - Throws: `PayloadError`.
    public init(topic text: String, payload: [UInt8], in cluster: String) throws(PayloadError) {
        let topic: Topic
        do {
            topic = try Topic(text, in: cluster)
        } catch {
            throw PayloadError(topic: text, problem: error.problem)
        }
        if payload.isEmpty, topic.isRetained {
            self = .cleared(topic)
            return
        }
        switch topic {
        case .nodeState(let node): self = .nodeState(node, try Self.state(payload, topic: text))
        case .nodeCapabilities(let node):
            let record = try Self.decode(NodeCapabilities.self, payload, topic: text)
            try Self.require(record.schema, NodeCapabilities.schema, at: "schema", topic: text)
            try Self.require(record.node.name, node.name, at: "node", topic: text)
            self = .capabilities(record)
        case .nodeInbox(let node): self = .inbox(node, try Self.decode(Message.self, payload, topic: text))
        case .leader:
            let record = try Self.decode(LeaderRecord.self, payload, topic: text)
            try Self.require(record.schema, LeaderRecord.schema, at: "schema", topic: text)
            self = .leader(record)
        case .model(let name):
            let record = try Self.decode(ModelRecord.self, payload, topic: text)
            try Self.require(record.schema, ModelRecord.schema, at: "schema", topic: text)
            try Self.require(record.name, name, at: "name", topic: text)
            self = .model(record)
        case .plan(let model):
            let record = try Self.decode(PlanRecord.self, payload, topic: text)
            try Self.require(record.schema, PlanRecord.schema, at: "schema", topic: text)
            try Self.require(record.model.name, model, at: "model.name", topic: text)
            self = .plan(record)
        case .planEvent(let model):
            let event = try Self.decode(PlanEvent.self, payload, topic: text)
            try Self.require(event.schema, PlanEvent.schema, at: "schema", topic: text)
            try Self.require(event.model, model, at: "model", topic: text)
            self = .planEvent(event)
        case .command(Topic.replan):
            self = .replan(try Self.decode(ReplanRequest.self, payload, topic: text))
        case .commandReply(Topic.replan, let client):
            let reply = try Self.decode(ReplanReply.self, payload, topic: text)
            try Self.require(reply.schema, ReplanReply.schema, at: "schema", topic: text)
            try Self.require(reply.client, client, at: "client", topic: text)
            self = .replanReply(reply)
        case .zoneCarbon(let zone):
            let record = try Self.decode(ZoneCarbon.self, payload, topic: text)
            try Self.require(record.schema, ZoneCarbon.schema, at: "schema", topic: text)
            try Self.require(record.zone, zone, at: "zone", topic: text)
            if let fault = record.fault { throw PayloadError(topic: text, problem: fault) }
            self = .zoneCarbon(record)
        case .nodeCarbon(let node):
            let record = try Self.decode(NodeCarbon.self, payload, topic: text)
            try Self.require(record.schema, NodeCarbon.schema, at: "schema", topic: text)
            try Self.require(record.node.name, node.name, at: "node", topic: text)
            self = .nodeCarbon(record)
        case .nodeMetrics(let node):
            let record = try Self.decode(NodeMetrics.self, payload, topic: text)
            try Self.require(record.schema, NodeMetrics.schema, at: "schema", topic: text)
            try Self.require(record.node.name, node.name, at: "node", topic: text)
            self = .metrics(record)
        case .command, .commandReply:
            self = .unused(topic, try Self.parse(payload, topic: text))
        }
    }

    private static func decode<T: Decodable>(
        _ type: T.Type, _ payload: [UInt8], topic: String
    ) throws(PayloadError) -> T {
        let value = try parse(payload, topic: topic)
        do {
            return try JSON.decode(type, from: value)
        } catch let error as JSONError {
            throw PayloadError(topic: topic, error)
        } catch {
            throw PayloadError(topic: topic, problem: "\(error)")
        }
    }

    private static func parse(_ payload: [UInt8], topic: String) throws(PayloadError) -> JSONValue {
        do {
            return try JSON.parse(payload, limits: .message)
        } catch {
            throw PayloadError(topic: topic, error)
        }
    }

    private static func state(_ payload: [UInt8], topic: String) throws(PayloadError) -> NodeState {
        guard payload.count <= 16, let text = String(validating: payload, as: UTF8.self),
            let state = NodeState(rawValue: text)
        else {
            let states = NodeState.allCases.map(\.rawValue).joined(separator: ", ")
            throw PayloadError(topic: topic, problem: "expected one of \(states) as plain text")
        }
        return state
    }

    private static func require(
        _ found: String, _ expected: String, at path: String, topic: String
    ) throws(PayloadError) {
        guard found == expected else {
            throw PayloadError(topic: topic, path: path, problem: "expected \(expected), found \(found)")
        }
    }
}
