import Costs

/// How a board is doing: the payload of `node/<id>/metrics`.
public struct NodeMetrics: Sendable, Codable, Equatable {
    public static let schema = "lamella/metrics/1"

    /// Requests that entered at this board under the plan in force.
    public struct Requests: Sendable, Codable, Equatable {
        public var model: String
        public var plan: PlanID
        public var count: Int
        /// Over the latest requests.
        public var latencyMedianS: Double
        /// What the plan said; nil where it is not known here.
        public var latencyPredictedS: Double?

        public init(
            model: String, plan: PlanID, count: Int, latencyMedianS: Double, latencyPredictedS: Double?
        ) {
            self.model = model
            self.plan = plan
            self.count = count
            self.latencyMedianS = latencyMedianS
            self.latencyPredictedS = latencyPredictedS
        }

        enum CodingKeys: String, CodingKey {
            case model, plan, count
            case latencyMedianS = "latency_median_s"
            case latencyPredictedS = "latency_predicted_s"
        }
    }

    /// What running a segment takes on this board.
    public struct Segment: Sendable, Codable, Equatable {
        public var model: String
        public var plan: PlanID
        public var segment: Int
        /// Median of the latest runs.
        public var computeS: Double
        public var count: Int

        public init(model: String, plan: PlanID, segment: Int, computeS: Double, count: Int) {
            self.model = model
            self.plan = plan
            self.segment = segment
            self.computeS = computeS
            self.count = count
        }

        enum CodingKeys: String, CodingKey {
            case model, plan, segment, count
            case computeS = "compute_s"
        }
    }

    /// What a plan in force predicts of a device of this board, and what was measured. Nil: unknown.
    public struct Share: Sendable, Codable, Equatable {
        public var model: String
        public var plan: PlanID
        public var device: DeviceID
        /// What the plan asks for.
        public var frequencyHz: Double?
        /// Of one inference.
        public var busyPredictedS: Double?
        public var busyMeasuredS: Double?
        /// Of the whole board for one inference, waiting included.
        public var energyPredictedJ: Double?
        public var energyMeasuredJ: Double?
        /// `measured`, or `modelled` where no sensor tells.
        public var energySource: String?
        public var memoryPredictedBytes: Int
        /// The most that the board's runner needed for the plan alone, loading included.
        public var memoryMeasuredBytes: Int?
        /// Inferences that the device had a part in.
        public var runs: Int

        public init(
            model: String, plan: PlanID, device: DeviceID, frequencyHz: Double? = nil, busyPredictedS: Double? = nil,
            busyMeasuredS: Double? = nil, energyPredictedJ: Double? = nil, energyMeasuredJ: Double? = nil,
            energySource: String? = nil, memoryPredictedBytes: Int,
            memoryMeasuredBytes: Int? = nil, runs: Int
        ) {
            self.model = model
            self.plan = plan
            self.device = device
            self.frequencyHz = frequencyHz
            self.busyPredictedS = busyPredictedS
            self.busyMeasuredS = busyMeasuredS
            self.energyPredictedJ = energyPredictedJ
            self.energyMeasuredJ = energyMeasuredJ
            self.energySource = energySource
            self.memoryPredictedBytes = memoryPredictedBytes
            self.memoryMeasuredBytes = memoryMeasuredBytes
            self.runs = runs
        }

        enum CodingKeys: String, CodingKey {
            case model, plan, device, runs
            case frequencyHz = "frequency_hz"
            case busyPredictedS = "busy_predicted_s"
            case busyMeasuredS = "busy_measured_s"
            case energyPredictedJ = "energy_predicted_j"
            case energyMeasuredJ = "energy_measured_j"
            case energySource = "energy_source"
            case memoryPredictedBytes = "memory_predicted_bytes"
            case memoryMeasuredBytes = "memory_measured_bytes"
        }
    }

    /// A device's clock as it is.
    public struct Clock: Sendable, Codable, Equatable {
        public var device: DeviceID
        public var frequencyHz: Double

        public init(device: DeviceID, frequencyHz: Double) {
            self.device = device
            self.frequencyHz = frequencyHz
        }

        enum CodingKeys: String, CodingKey {
            case device
            case frequencyHz = "frequency_hz"
        }
    }

    public var schema: String
    public var node: NodeID
    /// RFC 3339 UTC.
    public var at: String
    /// Processes that want to run, over the last minute; nil where the kernel does not tell.
    public var load: Double?
    public var memoryAvailableBytes: Int?
    public var runnerMemoryBytes: Int?
    /// Of the hottest zone.
    public var temperatureC: Double?
    /// Of the whole board.
    public var powerW: Double?
    /// `measured`, or `modelled` where no sensor tells.
    public var powerSource: String?
    public var clocks: [Clock]?
    public var requests: [Requests]
    public var segments: [Segment]
    public var shares: [Share]?

    public init(
        node: NodeID, at: String, load: Double?, memoryAvailableBytes: Int?, runnerMemoryBytes: Int?,
        requests: [Requests], segments: [Segment]
    ) {
        schema = Self.schema
        self.node = node
        self.at = at
        self.load = load
        self.memoryAvailableBytes = memoryAvailableBytes
        self.runnerMemoryBytes = runnerMemoryBytes
        self.requests = requests
        self.segments = segments
    }

    enum CodingKeys: String, CodingKey {
        case schema, node, at, load, clocks, requests, segments, shares
        case temperatureC = "temperature_c"
        case powerW = "power_w"
        case powerSource = "power_source"
        case memoryAvailableBytes = "memory_available_bytes"
        case runnerMemoryBytes = "runner_memory_bytes"
    }
}
