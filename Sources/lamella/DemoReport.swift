import Cluster
import Costs

/// What `lamella up` found out, for `--json`.
struct DemoReport: Codable, Sendable {
    /// One run of the images through one plan.
    struct Run: Codable, Sendable {
        var plan: PlanRecord
        var requests: Int
        var answered: Int
        /// Answers whose largest score is at the label.
        var accuracy: Double
        var predictedLatencyS: Double
        var measuredLatencyMedianS: Double
        /// Of the measured latencies, the one below which 95 % lie.
        var measuredLatency95S: Double

        enum CodingKeys: String, CodingKey {
            case plan, requests, answered, accuracy
            case predictedLatencyS = "predicted_latency_s"
            case measuredLatencyMedianS = "measured_latency_median_s"
            case measuredLatency95S = "measured_latency_95_s"
        }
    }

    struct Change: Codable, Sendable {
        var between: [NodeID]
        var fromBytesPerS: Double
        var toBytesPerS: Double

        enum CodingKeys: String, CodingKey {
            case between
            case fromBytesPerS = "from_bytes_per_s"
            case toBytesPerS = "to_bytes_per_s"
        }
    }

    var leader: LeaderRecord
    var boards: Int
    var before: Run
    /// Nil where no link is in use, so that none could be changed.
    var change: Change?
    /// The leader's decision about the change, with its reason.
    var decision: PlanEvent?
    var after: Run?
    /// Boards whose agent did not stop with success.
    var uncleanStops: [NodeID]

    var succeeded: Bool {
        uncleanStops.isEmpty && [before, after].compactMap { $0 }.allSatisfy { $0.answered == $0.requests }
    }

    enum CodingKeys: String, CodingKey {
        case leader, boards, before, change, decision, after
        case uncleanStops = "unclean_stops"
    }
}
