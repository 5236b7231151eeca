import Sharing

/// What no plan can undercut.
///
/// The largest of: all FLOP over the sum of all speeds; along the longest path through the graph each operator's FLOP
/// over the sum of the speeds of as many devices as it has parts; what latencies of links add where devices must meet
/// (`MeetingBound`); and, where somebody solves a linear program, what must move and must be held (`TransferBound`).
public enum SharingBound {
    /// Bytes move for nothing, and memory is ample.
    public static func latencyS(_ shared: SharedGraph, _ cluster: SharingCluster) -> Double {
        Plain(shared, cluster).boundS
    }

    /// The bound of plans that keep the memories, by a linear program; infinite where there are none.
    ///
    /// - Parameter timeS: seconds that the program may take; past them `latencyS(_:_:)` is the answer.
    public static func latencyS(
        _ shared: SharedGraph, _ cluster: SharingCluster, _ solver: any ShareSolving, within timeS: Double = .infinity
    ) -> Double {
        let plain = Plain(shared, cluster)
        let plainS = plain.boundS
        guard plainS > 0, shared.graph.operators.count <= TransferBound.operatorsMost else { return plainS }
        let program = TransferBound(
            shared, cluster, leastFLOP: plain.leastFLOP, phases: plain.phases, knownS: plainS
        ).program
        guard let found = try? solver.bound(of: program, within: timeS) else { return plainS }
        // A little less than what the solver took for the least, by more than its tolerance.
        return max(plainS, found * plainS * (1 - 1e-5))
    }

    private struct Plain {
        let boundS: Double
        let leastFLOP: [Double]
        let phases: [[Int]]

        init(_ shared: SharedGraph, _ cluster: SharingCluster) {
            let speeds = cluster.speeds.sorted(by: >)
            let all = speeds.reduce(0, +)
            var sum = 0.0
            var ends: [Double] = []
            var least: [Double] = []
            for (position, step) in shared.graph.operators.enumerated() {
                let shape = shared.shape(of: position)
                let parts = shared.shareableAxes(of: position).reduce(1) { product, axis in
                    min(speeds.count, product * shape[axis])
                }
                let start =
                    step.activations.compactMap { shared.graph.tensors[$0]?.producer }.map { ends[$0] }.max() ?? 0
                let flop = SharingBound.leastFLOP(position, shared)
                sum += flop
                least.append(flop)
                ends.append(start + flop / speeds.prefix(parts).reduce(0, +))
            }
            leastFLOP = least
            let meetings = MeetingBound(shared, cluster)
            phases = meetings.phases(leastFLOP: least)
            boundS = max(sum / all, ends.max() ?? 0, meetings.latency(phases, leastFLOP: least))
        }
    }

    /// What all parts of an operator cost together at least.
    ///
    /// Pooling costs what it reads. Windows that lie apart leave out elements, and parts leave out those between them.
    private static func leastFLOP(_ position: Int, _ shared: SharedGraph) -> Double {
        let shape = shared.shape(of: position)
        let step = shared.graph.operators[position]
        guard let whole = try? shared.needs(position, .whole(shape)).flop else { return 0 }
        guard step.type.hasSuffix("Pool") else { return whole }
        let corner = (try? shared.needs(position, Region(shape.map { _ in 0..<1 })).flop) ?? whole
        return min(whole, corner * Double(shape.reduce(1, *)))
    }
}
