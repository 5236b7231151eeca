import Cluster
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

    public var schema: String
    public var node: NodeID
    /// RFC 3339 UTC.
    public var at: String
    /// Processes that want to run, over the last minute; nil where the kernel does not tell.
    public var load: Double?
    public var memoryAvailableBytes: Int?
    public var runnerMemoryBytes: Int?
    public var requests: [Requests]
    public var segments: [Segment]

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
        case schema, node, at, load, requests, segments
        case memoryAvailableBytes = "memory_available_bytes"
        case runnerMemoryBytes = "runner_memory_bytes"
    }
}

extension Agent {
    static let metricsPeriod: Duration = .seconds(5)

    func publishMetricsIfDue() async {
        guard MonotonicTime.now - lastMetrics >= Self.metricsPeriod else { return }
        lastMetrics = MonotonicTime.now
        let view = member.view
        let board = await BoardLoad.read()
        let inForce = Set(view.plans.map(\.id))
        segmentTimes = segmentTimes.filter { inForce.contains($0.key) }
        let segments = segmentTimes.values.flatMap(\.values)
            .sorted { ($0.model, $0.segment) < ($1.model, $1.segment) }
        let requests = await desk.latencies.entries.sorted { $0.key < $1.key }.compactMap { model, entry in
            entry.medianS.map { median in
                NodeMetrics.Requests(
                    model: model, plan: entry.plan, count: entry.count, latencyMedianS: median,
                    latencyPredictedS: view.plans.first { $0.id == entry.plan }?.plan.latencyS)
            }
        }
        let metrics = NodeMetrics(
            node: configuration.node,
            at: UTCTime.string(secondsSince1970: WallClock.secondsSince1970), load: board.load,
            memoryAvailableBytes: board.memory?.availableBytes, runnerMemoryBytes: segments.map(\.memoryBytes).max(),
            requests: requests,
            segments: segments.map {
                NodeMetrics.Segment(
                    model: $0.model, plan: $0.plan, segment: $0.segment, computeS: $0.computeS, count: $0.count)
            })
        publish(metrics, to: .nodeMetrics(configuration.node))
    }
}
