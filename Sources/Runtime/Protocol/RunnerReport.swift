import Cluster
import Costs

/// What the runner tells its agent: one JSON object for each line of the runner's standard output.
///
/// `{"report": "drained", "drained": {"plan": {…}, "model": "digits"}}`
public enum RunnerReport: Sendable, Equatable {
    /// The runner listens; peers can connect.
    public struct Started: Codable, Sendable, Equatable {
        public var node: NodeID
        public var port: Int
        public var processID: Int
        /// Resident memory before any weight.
        public var memoryBytes: Int

        public init(node: NodeID, port: Int, processID: Int, memoryBytes: Int) {
            self.node = node
            self.port = port
            self.processID = processID
            self.memoryBytes = memoryBytes
        }

        enum CodingKeys: String, CodingKey {
            case node, port
            case processID = "process_id"
            case memoryBytes = "memory_bytes"
        }
    }

    /// Every blob of a `fetch` is in the store.
    public struct Fetched: Codable, Sendable, Equatable {
        public var sha256: [String]
        /// Bytes that crossed the network for it.
        public var receivedBytes: Int

        public init(sha256: [String], receivedBytes: Int) {
            self.sha256 = sha256
            self.receivedBytes = receivedBytes
        }

        enum CodingKeys: String, CodingKey {
            case sha256
            case receivedBytes = "received_bytes"
        }
    }

    /// The sessions of a plan are made.
    public struct Ready: Codable, Sendable, Equatable {
        public var plan: PlanID
        public var model: String
        /// Resident memory of the runner, all plans included.
        public var memoryBytes: Int
        /// The most that the runner needed for this plan alone, loading included (nil: unknown).
        public var peakMemoryBytes: Int?
        /// From the command to here: fetching, cutting, loading.
        public var loadS: Double
        /// Bytes that crossed the network for it.
        public var receivedBytes: Int
        /// This board's part of the plan.
        public var program: DeviceProgram

        public init(
            plan: PlanID, model: String, memoryBytes: Int, peakMemoryBytes: Int? = nil, loadS: Double,
            receivedBytes: Int, program: DeviceProgram
        ) {
            self.plan = plan
            self.model = model
            self.memoryBytes = memoryBytes
            self.peakMemoryBytes = peakMemoryBytes
            self.loadS = loadS
            self.receivedBytes = receivedBytes
            self.program = program
        }

        enum CodingKeys: String, CodingKey {
            case plan, model, program
            case memoryBytes = "memory_bytes"
            case peakMemoryBytes = "peak_memory_bytes"
            case loadS = "load_s"
            case receivedBytes = "received_bytes"
        }
    }

    /// A plan or a fetch that cannot be had, with the reason.
    public struct Refused: Codable, Sendable, Equatable {
        /// Nil where a `fetch` failed.
        public var plan: PlanID?
        public var model: String?
        public var reason: String
        /// It may be had once there is room on the disk; nil: that is not what it lacks.
        public var diskIsFull: Bool?

        public init(plan: PlanID?, model: String?, reason: String, diskIsFull: Bool? = nil) {
            self.plan = plan
            self.model = model
            self.reason = reason
            self.diskIsFull = diskIsFull
        }

        enum CodingKeys: String, CodingKey {
            case plan, model, reason
            case diskIsFull = "disk_is_full"
        }
    }

    /// What running a segment took, since the last report of it.
    public struct Measured: Codable, Sendable, Equatable {
        public var plan: PlanID
        public var model: String
        public var segment: Int
        /// Median.
        public var computeS: Double
        public var count: Int
        /// Resident memory of the runner.
        public var memoryBytes: Int
        /// The most that the runner needed for this plan alone so far (nil: unknown).
        public var peakMemoryBytes: Int?

        public init(
            plan: PlanID, model: String, segment: Int, computeS: Double, count: Int, memoryBytes: Int,
            peakMemoryBytes: Int? = nil
        ) {
            self.plan = plan
            self.model = model
            self.segment = segment
            self.computeS = computeS
            self.count = count
            self.memoryBytes = memoryBytes
            self.peakMemoryBytes = peakMemoryBytes
        }

        enum CodingKeys: String, CodingKey {
            case plan, model, segment, count
            case computeS = "compute_s"
            case memoryBytes = "memory_bytes"
            case peakMemoryBytes = "peak_memory_bytes"
        }
    }

    /// What transfers to a peer showed of the network; a figure that was not seen yet is nil.
    public struct LinkEstimate: Codable, Sendable, Equatable {
        public var peer: NodeID
        public var bandwidthBytesPerS: Double?
        /// One way.
        public var latencyS: Double?
        /// Round trips and transfers since the runner began.
        public var count: Int
        /// Transfers that the bandwidth rests on: since the runner began, or since boards that shared left it in doubt.
        public var transferCount: Int

        public init(
            peer: NodeID, bandwidthBytesPerS: Double?, latencyS: Double?, count: Int, transferCount: Int
        ) {
            self.peer = peer
            self.bandwidthBytesPerS = bandwidthBytesPerS
            self.latencyS = latencyS
            self.count = count
            self.transferCount = transferCount
        }

        enum CodingKeys: String, CodingKey {
            case peer, count
            case transferCount = "transfer_count"
            case bandwidthBytesPerS = "bandwidth_bytes_per_s"
            case latencyS = "latency_s"
        }
    }

    case started(Started)
    case fetched(Fetched)
    case ready(Ready)
    case refused(Refused)
    /// The plan's id is on disk and its tensors are taken from now on.
    case committed(PlanReference)
    case drained(PlanReference)
    case measured(Measured)
    case link(LinkEstimate)
    /// The runner's loop goes round: every `RunnerOptions.reportIntervalS`, whether there is news or not.
    case alive
    /// Something went wrong that no command asked for.
    case fault(String)
}

extension RunnerReport: Codable {
    private enum CodingKeys: String, CodingKey {
        case report, started, fetched, ready, refused, committed, drained, measured, link, alive, fault
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let name = try container.decode(String.self, forKey: .report)
        switch CodingKeys(stringValue: name) {
        case .started: self = .started(try container.decode(Started.self, forKey: .started))
        case .fetched: self = .fetched(try container.decode(Fetched.self, forKey: .fetched))
        case .ready: self = .ready(try container.decode(Ready.self, forKey: .ready))
        case .refused: self = .refused(try container.decode(Refused.self, forKey: .refused))
        case .committed: self = .committed(try container.decode(PlanReference.self, forKey: .committed))
        case .drained: self = .drained(try container.decode(PlanReference.self, forKey: .drained))
        case .measured: self = .measured(try container.decode(Measured.self, forKey: .measured))
        case .link: self = .link(try container.decode(LinkEstimate.self, forKey: .link))
        case .alive: self = .alive
        case .fault: self = .fault(try container.decode(String.self, forKey: .fault))
        case .report, nil:
            throw DecodingError.dataCorruptedError(
                forKey: .report, in: container, debugDescription: "an agent knows no report \"\(name)\"")
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        func put<Body: Encodable>(_ key: CodingKeys, _ body: Body) throws {
            try container.encode(key.stringValue, forKey: .report)
            try container.encode(body, forKey: key)
        }
        switch self {
        case .started(let body): try put(.started, body)
        case .fetched(let body): try put(.fetched, body)
        case .ready(let body): try put(.ready, body)
        case .refused(let body): try put(.refused, body)
        case .committed(let body): try put(.committed, body)
        case .drained(let body): try put(.drained, body)
        case .measured(let body): try put(.measured, body)
        case .link(let body): try put(.link, body)
        case .alive: try container.encode(CodingKeys.alive.stringValue, forKey: .report)
        case .fault(let body): try put(.fault, body)
        }
    }
}
