import Cluster
import Costs

/// A board and where its runner listens.
public struct PeerAddress: Codable, Sendable, Hashable {
    public var node: NodeID
    public var endpoint: Endpoint

    public init(node: NodeID, endpoint: Endpoint) {
        self.node = node
        self.endpoint = endpoint
    }
}

/// Makes a runner behave as if it sat on a slower board with slower links, for clusters on one machine.
public struct RunnerEmulation: Codable, Sendable, Equatable {
    /// What is sent to one peer is delayed as this link would delay it.
    public struct Link: Codable, Sendable, Equatable {
        public var peer: NodeID
        public var bandwidthBytesPerS: Double
        public var latencyS: Double

        public init(peer: NodeID, bandwidthBytesPerS: Double, latencyS: Double) {
            self.peer = peer
            self.bandwidthBytesPerS = bandwidthBytesPerS
            self.latencyS = latencyS
        }

        enum CodingKeys: String, CodingKey {
            case peer
            case bandwidthBytesPerS = "bandwidth_bytes_per_s"
            case latencyS = "latency_s"
        }
    }

    /// A segment takes at least its FLOP divided by this; nil: as fast as the machine is.
    public var flops: Double?
    public var links: [Link]

    public init(flops: Double? = nil, links: [Link] = []) {
        self.flops = flops
        self.links = links
    }
}

/// What a runner must know before it can work; sent again whenever something of it changes.
public struct RunnerConfiguration: Codable, Sendable, Equatable {
    public var peers: [PeerAddress]
    /// Threads that share one operator.
    public var intraThreads: Int
    /// Operators that may run side by side.
    public var interThreads: Int
    /// A plan that needs more (weights + activations) is refused; nil: no limit of its own.
    public var memoryLimitBytes: Int?
    /// May idle links be loaded for a moment, to know them?
    public var probesLinks: Bool
    public var emulation: RunnerEmulation?

    public init(
        peers: [PeerAddress] = [], intraThreads: Int = 1, interThreads: Int = 1, memoryLimitBytes: Int? = nil,
        probesLinks: Bool = false, emulation: RunnerEmulation? = nil
    ) {
        self.peers = peers
        self.intraThreads = intraThreads
        self.interThreads = interThreads
        self.memoryLimitBytes = memoryLimitBytes
        self.probesLinks = probesLinks
        self.emulation = emulation
    }

    enum CodingKeys: String, CodingKey {
        case peers, emulation
        case probesLinks = "probes_links"
        case intraThreads = "intra_threads"
        case interThreads = "inter_threads"
        case memoryLimitBytes = "memory_limit_bytes"
    }
}

/// Brings blobs into the board's weight store.
public struct FetchRequest: Codable, Sendable, Equatable {
    /// Hexadecimal SHA-256 of each blob.
    public var sha256: [String]
    /// Boards that may have them; tried in turn.
    public var from: [NodeID]

    public init(sha256: [String], from: [NodeID]) {
        self.sha256 = sha256
        self.from = from
    }
}

/// Makes everything ready for a plan: graph, weights, sessions.
///
/// The runner fetches what it lacks from `record.model.holders`, then from the other participants.
public struct PrepareRequest: Codable, Sendable, Equatable {
    public var record: PlanRecord
    /// Every device that the plan names, the source's and destination's included.
    public var placements: [DevicePlacement]

    public init(record: PlanRecord, placements: [DevicePlacement]) {
        self.record = record
        self.placements = placements
    }
}

/// A plan that was prepared before.
public struct PlanReference: Codable, Sendable, Hashable {
    public var plan: PlanID
    public var model: String

    public init(plan: PlanID, model: String) {
        self.plan = plan
        self.model = model
    }
}

/// What the agent tells its runner: one JSON object for each line of the runner's standard input.
///
/// `{"command": "commit", "commit": {"plan": {…}, "model": "digits"}}`
public enum RunnerCommand: Sendable, Equatable {
    case configure(RunnerConfiguration)
    case addPeer(PeerAddress)
    case fetch(FetchRequest)
    case prepare(PrepareRequest)
    case commit(PlanReference)
    /// Finish what is inside, take nothing new, free the sessions, then report `drained`.
    case drain(PlanReference)
    /// Forget a plan that was never committed.
    case abandon(PlanReference)
}

extension RunnerCommand: Codable {
    private enum CodingKeys: String, CodingKey {
        case command, configure, addPeer, fetch, prepare, commit, drain, abandon
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let name = try container.decode(String.self, forKey: .command)
        switch CodingKeys(stringValue: name) {
        case .configure: self = .configure(try container.decode(RunnerConfiguration.self, forKey: .configure))
        case .addPeer: self = .addPeer(try container.decode(PeerAddress.self, forKey: .addPeer))
        case .fetch: self = .fetch(try container.decode(FetchRequest.self, forKey: .fetch))
        case .prepare: self = .prepare(try container.decode(PrepareRequest.self, forKey: .prepare))
        case .commit: self = .commit(try container.decode(PlanReference.self, forKey: .commit))
        case .drain: self = .drain(try container.decode(PlanReference.self, forKey: .drain))
        case .abandon: self = .abandon(try container.decode(PlanReference.self, forKey: .abandon))
        case .command, nil:
            throw DecodingError.dataCorruptedError(
                forKey: .command, in: container, debugDescription: "a runner knows no command \"\(name)\"")
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        func put<Body: Encodable>(_ key: CodingKeys, _ body: Body) throws {
            try container.encode(key.stringValue, forKey: .command)
            try container.encode(body, forKey: key)
        }
        switch self {
        case .configure(let body): try put(.configure, body)
        case .addPeer(let body): try put(.addPeer, body)
        case .fetch(let body): try put(.fetch, body)
        case .prepare(let body): try put(.prepare, body)
        case .commit(let body): try put(.commit, body)
        case .drain(let body): try put(.drain, body)
        case .abandon(let body): try put(.abandon, body)
        }
    }
}
