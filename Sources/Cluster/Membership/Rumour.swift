import Costs

/// A piece of news that travels with other messages from node to node.
///
/// Its JSON has one member that says what it is: `{"member": {...}}`, `{"capabilities": {...}}` or `{"model": {...}}`.
public enum Rumour: Hashable, Sendable {
    case member(MemberClaim)
    case capabilities(NodeCapabilities)
    case model(ModelRecord)
}

extension Rumour: Codable {
    enum CodingKeys: String, CodingKey { case member, capabilities, model }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        if let claim = try container.decodeIfPresent(MemberClaim.self, forKey: .member) {
            self = .member(claim)
        } else if let capabilities = try container.decodeIfPresent(NodeCapabilities.self, forKey: .capabilities) {
            self = .capabilities(capabilities)
        } else if let model = try container.decodeIfPresent(ModelRecord.self, forKey: .model) {
            self = .model(model)
        } else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "a rumour is a member, capabilities or a model")
            )
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        switch self {
        case .member(let claim): try container.encode(claim, forKey: .member)
        case .capabilities(let capabilities): try container.encode(capabilities, forKey: .capabilities)
        case .model(let model): try container.encode(model, forKey: .model)
        }
    }
}

/// What a node knows, by version only: the receiver sends what the sender lacks.
public struct Digest: Hashable, Sendable, Codable {
    public struct Model: Hashable, Sendable, Codable {
        public var name: String
        public var version: UInt64
        public var holders: Int

        public init(name: String, version: UInt64, holders: Int) {
            self.name = name
            self.version = version
            self.holders = holders
        }
    }

    public struct Capabilities: Hashable, Sendable, Codable {
        public var node: NodeID
        public var version: UInt64

        public init(node: NodeID, version: UInt64) {
            self.node = node
            self.version = version
        }
    }

    public var members: [MemberClaim]
    public var capabilities: [Capabilities]
    public var models: [Model]
    /// Shall the receiver send its own digest back?
    public var answerWanted: Bool

    public init(members: [MemberClaim], capabilities: [Capabilities], models: [Model], answerWanted: Bool) {
        self.members = members
        self.capabilities = capabilities
        self.models = models
        self.answerWanted = answerWanted
    }

    enum CodingKeys: String, CodingKey {
        case members, capabilities, models
        case answerWanted = "answer_wanted"
    }
}
