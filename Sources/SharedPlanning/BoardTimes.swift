import Sharing
import SharingPlans

/// What each board does when, as predicted: `SharedSchedule` with spans joined that follow each other.
struct BoardTimes: Sendable {
    struct Span: Sendable, Equatable {
        var startS: Double
        var endS: Double
        /// Operators that are run, or regions that are sent.
        var count: Int
        var byteCount = 0
        /// Positions of the first and last operator that is run.
        var operators = 0...0
    }

    /// What one device sends to another.
    struct Sent: Sendable {
        let from: Int
        let to: Int
        var spans: [Span]
    }

    /// By device.
    let computing: [[Span]]
    /// By sender, then receiver; only pairs that have something to send.
    let sent: [Sent]
    let endS: Double
    /// Time in which a device neither computes nor sends nor receives, of each.
    let idleS: [Double]

    /// Throws where the assignment does not fit the graph.
    init(_ solution: SharedSolution) throws(SharingError) {
        let shared = solution.graph
        let cluster = solution.problem.cluster
        let transfers = try Transfers(solution.assignment, shared)
        let schedule = SharedSchedule(transfers, shared, cluster)
        let endS = schedule.latencyS
        // Neighbours closer than this cannot be told apart in any picture.
        let nearS = endS * 1e-4
        var computing = cluster.devices.map { _ in [Span]() }
        for (position, row) in schedule.runs.enumerated() {
            for (device, run) in row.enumerated() {
                guard let run else { continue }
                if let last = computing[device].last, run.startS - last.endS <= nearS {
                    computing[device][computing[device].count - 1].endS = run.endS
                    computing[device][computing[device].count - 1].count += 1
                    computing[device][computing[device].count - 1].operators = last.operators.lowerBound...position
                } else {
                    computing[device].append(
                        Span(startS: run.startS, endS: run.endS, count: 1, operators: position...position))
                }
            }
        }
        var sent: [Sent] = []
        for (transfer, span) in zip(transfers.all, schedule.transfers).sorted(by: { $0.1.startS < $1.1.startS }) {
            let byteCount = shared.byteCount(TensorRegion(transfer.tensor, transfer.region))
            let place = sent.firstIndex { $0.from == transfer.from && $0.to == transfer.to } ?? sent.count
            if place == sent.count { sent.append(Sent(from: transfer.from, to: transfer.to, spans: [])) }
            let new = Span(startS: span.startS, endS: span.endS, count: 1, byteCount: byteCount)
            if let last = sent[place].spans.last, new.startS - last.endS <= nearS {
                let index = sent[place].spans.count - 1
                sent[place].spans[index].endS = max(last.endS, new.endS)
                sent[place].spans[index].count += 1
                sent[place].spans[index].byteCount += byteCount
            } else {
                sent[place].spans.append(new)
            }
        }
        sent.sort { ($0.from, $0.to) < ($1.from, $1.to) }
        idleS = cluster.devices.indices.map { device in
            let busy = computing[device] + sent.filter { $0.from == device || $0.to == device }.flatMap(\.spans)
            return max(0, endS - Self.unionS(busy, until: endS))
        }
        self.computing = computing
        self.sent = sent
        self.endS = endS
    }

    /// Time that spans cover together.
    static func unionS(_ spans: [Span], until endS: Double) -> Double {
        var sum = 0.0
        var reached = 0.0
        for span in spans.sorted(by: { $0.startS < $1.startS }) {
            let start = max(reached, min(span.startS, endS))
            let end = min(span.endS, endS)
            if end > start { sum += end - start }
            reached = max(reached, end)
        }
        return sum
    }
}
