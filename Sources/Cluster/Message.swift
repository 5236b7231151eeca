import Costs

/// What nodes say to each other over `node/<id>/inbox`.
///
/// Every message carries who speaks, in which life, the highest leadership that it knows, and some rumours. Its JSON is
/// flat: `{"schema": "lamella/gossip/1", "kind": "ping", "from": "a", "generation": 3, "incarnation": 0,
/// "term": 5, "sequence": 17, ...}`.
public struct Message: Hashable, Sendable {
    public static let schema = "lamella/gossip/1"

    public enum Body: Hashable, Sendable {
        /// Are you there? Answered by `ack` with the same sequence.
        case ping(sequence: UInt64)
        /// The node named answered the probe of this sequence.
        case ack(sequence: UInt64, of: NodeID)
        /// The relay is there, but the target of the probe did not answer it.
        case nack(sequence: UInt64, of: NodeID)
        /// Probe the target for me.
        case pingRequest(sequence: UInt64, target: NodeID)
        /// Rumours only.
        case gossip
        case digest(Digest)
        /// The leader says what the receiver shall hold.
        case assignment(Assignment)
        /// The receiver of an assignment says what it holds.
        case report(MemberReport)
        /// The sender stops in good order.
        case leave
    }

    public var from: NodeID
    public var life: Life
    /// The highest term number that the sender has seen in anything.
    public var termNumber: UInt64
    /// The highest leadership that the sender knows.
    public var leader: LeaderRecord?
    public var rumours: [Rumour]
    public var body: Body

    public init(
        from: NodeID, life: Life, termNumber: UInt64 = 0, leader: LeaderRecord? = nil, rumours: [Rumour] = [],
        body: Body
    ) {
        self.from = from
        self.life = life
        self.termNumber = termNumber
        self.leader = leader
        self.rumours = rumours
        self.body = body
    }

    /// The `kind` member of the JSON form.
    public var kind: String {
        switch body {
        case .ping: "ping"
        case .ack: "ack"
        case .nack: "nack"
        case .pingRequest: "ping_request"
        case .gossip: "gossip"
        case .digest: "digest"
        case .assignment: "assignment"
        case .report: "report"
        case .leave: "leave"
        }
    }
}

extension Message: Codable {
    enum CodingKeys: String, CodingKey {
        case schema, kind, from, generation, incarnation, term, sequence, target, of, digest, assignment, report, leader
        case rumours
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let schema = try container.decode(String.self, forKey: .schema)
        guard schema == Self.schema else {
            throw DecodingError.dataCorruptedError(
                forKey: .schema, in: container, debugDescription: "expected \(Self.schema), found \(schema)")
        }
        from = try container.decode(NodeID.self, forKey: .from)
        life = Life(
            generation: try container.decode(UInt64.self, forKey: .generation),
            incarnation: try container.decode(UInt64.self, forKey: .incarnation))
        termNumber = try container.decode(UInt64.self, forKey: .term)
        leader = try container.decodeIfPresent(LeaderRecord.self, forKey: .leader)
        rumours = try container.decodeIfPresent([Rumour].self, forKey: .rumours) ?? []
        func sequence() throws -> UInt64 { try container.decode(UInt64.self, forKey: .sequence) }
        let kind = try container.decode(String.self, forKey: .kind)
        switch kind {
        case "ping": body = .ping(sequence: try sequence())
        case "ack": body = .ack(sequence: try sequence(), of: try container.decode(NodeID.self, forKey: .of))
        case "nack": body = .nack(sequence: try sequence(), of: try container.decode(NodeID.self, forKey: .of))
        case "ping_request":
            body = .pingRequest(
                sequence: try sequence(), target: try container.decode(NodeID.self, forKey: .target))
        case "gossip": body = .gossip
        case "digest": body = .digest(try container.decode(Digest.self, forKey: .digest))
        case "assignment": body = .assignment(try container.decode(Assignment.self, forKey: .assignment))
        case "report": body = .report(try container.decode(MemberReport.self, forKey: .report))
        case "leave": body = .leave
        default:
            throw DecodingError.dataCorruptedError(
                forKey: .kind, in: container, debugDescription: "unknown kind \(kind)")
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(Self.schema, forKey: .schema)
        try container.encode(kind, forKey: .kind)
        try container.encode(from, forKey: .from)
        try container.encode(life.generation, forKey: .generation)
        try container.encode(life.incarnation, forKey: .incarnation)
        try container.encode(termNumber, forKey: .term)
        switch body {
        case .ping(let sequence): try container.encode(sequence, forKey: .sequence)
        case .ack(let sequence, let of), .nack(let sequence, let of):
            try container.encode(sequence, forKey: .sequence)
            try container.encode(of, forKey: .of)
        case .pingRequest(let sequence, let target):
            try container.encode(sequence, forKey: .sequence)
            try container.encode(target, forKey: .target)
        case .gossip, .leave: break
        case .digest(let digest): try container.encode(digest, forKey: .digest)
        case .assignment(let assignment): try container.encode(assignment, forKey: .assignment)
        case .report(let report): try container.encode(report, forKey: .report)
        }
        try container.encodeIfPresent(leader, forKey: .leader)
        if !rumours.isEmpty { try container.encode(rumours, forKey: .rumours) }
    }
}
