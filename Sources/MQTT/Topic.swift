import Cluster
import Costs

/// A topic below `lamella/v1/<cluster>`. The only place where topics are put together and taken apart.
public enum Topic: Hashable, Sendable {
    /// `node/<id>/state`: retained, and the node's last will; plain text.
    case nodeState(NodeID)
    /// `node/<id>/capabilities`: retained.
    case nodeCapabilities(NodeID)
    /// `node/<id>/carbon`: retained.
    case nodeCarbon(NodeID)
    /// `node/<id>/metrics`.
    case nodeMetrics(NodeID)
    /// `node/<id>/inbox`: what peers say to the node.
    case nodeInbox(NodeID)
    /// `zone/<zone>/carbon`: retained.
    case zoneCarbon(String)
    /// `leader`: retained.
    case leader
    /// `plan/<model>`: retained; the plan in force.
    case plan(String)
    /// `plan/<model>/event`.
    case planEvent(String)
    /// `model/<name>`: retained; announces a model.
    case model(String)
    /// `command/<verb>`.
    case command(String)
    /// `command/<verb>/reply/<client>`.
    case commandReply(verb: String, client: String)

    /// The first part of every topic.
    public static let prefix = "lamella/v1"
    /// The verb of a request to plan again.
    public static let replan = "replan"

    /// The topic as text.
    ///
    /// - Throws: `TopicError` where a name cannot be part of a topic; see `TopicName`.
    public func text(in cluster: String) throws(TopicError) -> String {
        let text = ([Self.prefix, cluster] + parts).joined(separator: "/")
        for name in [cluster] + parts {
            if let problem = TopicName.problem(with: name) { throw TopicError(topic: text, problem: problem) }
        }
        return text
    }

    /// Takes a topic apart.
    ///
    /// - Throws: `TopicError` where it is none of this cluster's.
    public init(_ text: String, in cluster: String) throws(TopicError) {
        let root = Self.prefix + "/" + cluster + "/"
        guard text.hasPrefix(root) else { throw TopicError(topic: text, problem: "does not start with \(root)") }
        let parts = text.dropFirst(root.count).split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        for part in parts {
            if let problem = TopicName.problem(with: part) { throw TopicError(topic: text, problem: problem) }
        }
        guard let topic = Topic(parts: parts) else {
            throw TopicError(topic: text, problem: "is no topic of Lamella")
        }
        self = topic
    }

    private var parts: [String] {
        switch self {
        case .nodeState(let node): ["node", node.name, "state"]
        case .nodeCapabilities(let node): ["node", node.name, "capabilities"]
        case .nodeCarbon(let node): ["node", node.name, "carbon"]
        case .nodeMetrics(let node): ["node", node.name, "metrics"]
        case .nodeInbox(let node): ["node", node.name, "inbox"]
        case .zoneCarbon(let zone): ["zone", zone, "carbon"]
        case .leader: ["leader"]
        case .plan(let model): ["plan", model]
        case .planEvent(let model): ["plan", model, "event"]
        case .model(let name): ["model", name]
        case .command(let verb): ["command", verb]
        case .commandReply(let verb, let client): ["command", verb, "reply", client]
        }
    }

    private init?(parts: [String]) {
        switch (parts.count, parts.first) {
        case (1, "leader"): self = .leader
        case (2, "plan"): self = .plan(parts[1])
        case (2, "model"): self = .model(parts[1])
        case (2, "command"): self = .command(parts[1])
        case (3, "plan") where parts[2] == "event": self = .planEvent(parts[1])
        case (3, "zone") where parts[2] == "carbon": self = .zoneCarbon(parts[1])
        case (3, "node"):
            let node = NodeID(parts[1])
            switch parts[2] {
            case "state": self = .nodeState(node)
            case "capabilities": self = .nodeCapabilities(node)
            case "carbon": self = .nodeCarbon(node)
            case "metrics": self = .nodeMetrics(node)
            case "inbox": self = .nodeInbox(node)
            default: return nil
            }
        case (4, "command") where parts[2] == "reply": self = .commandReply(verb: parts[1], client: parts[3])
        default: return nil
        }
    }

    /// Does the broker keep the last message?
    public var isRetained: Bool {
        switch self {
        case .nodeState, .nodeCapabilities, .nodeCarbon, .zoneCarbon, .leader, .plan, .model: true
        case .nodeMetrics, .nodeInbox, .planEvent, .command, .commandReply: false
        }
    }

    /// Gossip and metrics are sent again soon; the rest shall arrive.
    public var qualityOfService: QualityOfService {
        switch self {
        case .nodeMetrics, .nodeInbox: .atMostOnce
        default: .atLeastOnce
        }
    }
}

extension Topic {
    /// Filters for what every node follows: who is there, who leads, models, plans, commands and
    /// the carbon of grid zones; and its own inbox.
    ///
    /// - Throws: `TopicError` where a name cannot be part of a topic.
    public static func agentFilters(node: NodeID, in cluster: String) throws(TopicError) -> [String] {
        let root = try root(of: cluster)
        return try [
            "\(root)/node/+/state", "\(root)/node/+/capabilities", "\(root)/leader", "\(root)/plan/+",
            "\(root)/model/+",
            "\(root)/command/+", "\(root)/zone/+/carbon",
        ] + [Topic.nodeInbox(node).text(in: cluster)]
    }

    /// Filters for a person who watches: all that is retained about boards, leader, models and plans, and plan events.
    ///
    /// - Parameter withMetrics: what boards measure, too; it comes every few seconds.
    /// - Throws: `TopicError` where the name cannot be part of a topic.
    public static func watchFilters(
        in cluster: String, withMetrics: Bool = false
    ) throws(TopicError) -> [String] {
        let root = try root(of: cluster)
        return (withMetrics ? ["\(root)/node/+/metrics"] : []) + [
            "\(root)/node/+/state", "\(root)/node/+/capabilities", "\(root)/leader", "\(root)/model/+",
            "\(root)/plan/+",
            "\(root)/plan/+/event", "\(root)/zone/+/carbon",
        ]
    }

    /// Filters for who asks about carbon: grid zones, what boards make of them, and which boards are there.
    ///
    /// - Throws: `TopicError` where the name cannot be part of a topic.
    public static func carbonFilters(in cluster: String) throws(TopicError) -> [String] {
        let root = try root(of: cluster)
        return ["\(root)/zone/+/carbon", "\(root)/node/+/carbon", "\(root)/node/+/state"]
    }

    /// `lamella/v1/<cluster>`.
    public static func root(of cluster: String) throws(TopicError) -> String {
        if let problem = TopicName.problem(with: cluster) {
            throw TopicError(topic: "\(prefix)/\(cluster)", problem: problem)
        }
        return "\(prefix)/\(cluster)"
    }
}
