import Sharing

/// CoEdge: one share of rows for each device, the same for all convolutions; linear layers on one device, the fastest.
///
/// The shares x(d) come from a linear program: least T with
///
///     x(d) * a(d) + h(d) <= T,   sum over d of x(d) = 1,   x(d) >= 0
///
/// where a(d) is the time of all shared operators on d alone, and of the input's way to d, and h(d) that of its halo
/// rows. At its optimum every device with a share has equality, so that x(d) = max(0, T - h(d)) / a(d), and T follows
/// from the sum. A device that has fewer rows of a convolution's result than the convolution's padding would need rows
/// from beyond its neighbour: the one of them with the least share is dropped, and the program solved again. (The
/// paper compares rows with the largest padding of all; which rows, it leaves open.)
enum CoEdge {
    static func plan(_ shared: SharedGraph, _ cluster: SharingCluster) throws(SharingError) -> SharingPlan {
        let costs = Costs(shared, cluster)
        var active = Array(cluster.devices.indices)
        var shares = costs.shares(active)
        while active.count > 1, let dropped = costs.tooSmall(shares, active) {
            active.removeAll { $0 == dropped }
            shares = costs.shares(active)
        }
        let plain = PlainLayouts(
            [.proportional(.rows, shares), .whole(on: cluster.fastest, of: cluster.deviceCount)], shared, cluster)
        let layouts = shared.graph.operators.indices.map { plain.layout(costs.isLinear[$0] ? 1 : 0, $0) }
        let refusals = plain.refusals[0].enumerated().compactMap { costs.isLinear[$0.offset] ? nil : $0.element }
        return try SharingPlan(.coEdge, layouts, refusals: refusals, shared, cluster)
    }

    private struct Costs {
        /// A convolution's rows and the larger padding at their two ends.
        struct Rows {
            let extent: Int
            let padding: Int
        }

        let isLinear: [Bool]
        private let proportionalS: [Double]
        private let haloS: [Double]
        private let convolutions: [Rows]

        init(_ shared: SharedGraph, _ cluster: SharingCluster) {
            let operators = shared.graph.operators
            isLinear = operators.map { $0.type == "Gemm" || $0.type == "MatMul" }
            var flop = 0.0
            var haloBytes = 0
            var convolutions: [Rows] = []
            for (position, step) in operators.enumerated() {
                guard let axes = try? shared.axes(of: position, .height) else { continue }
                flop += step.flop
                let shape = shared.shape(of: position)
                guard step.type == "Conv", let needs = try? shared.needs(position, .whole(shape)),
                    let pads = needs.padding, let input = needs.inputs.first, axes[0] >= 2
                else { continue }
                let padding = max(pads[axes[0] - 2], pads[axes[0] - 2 + pads.count / 2])
                convolutions.append(Rows(extent: shape[axes[0]], padding: padding))
                let row = shared.byteCount(TensorRegion(input.tensor, input.region.replacing(axes[0], with: 0..<1)))
                haloBytes += 2 * padding * row
            }
            self.convolutions = convolutions
            let inputBytes = shared.graph.inputs.reduce(0) { sum, input in
                sum + (shared.graph.tensors[input]?.byteCount ?? 0)
            }
            proportionalS = cluster.devices.indices.map {
                cluster.computeS(flop, on: $0) + cluster.movingS(inputBytes, from: cluster.source, to: $0)
            }
            haloS = cluster.devices.indices.map { device in
                let neighbours = [device - 1, device + 1].filter(cluster.devices.indices.contains)
                let slowest = neighbours.map { cluster.movingS(haloBytes, from: $0, to: device) }.max() ?? 0
                return slowest
            }
        }

        /// The linear program's solution; 0 for devices that do not take part.
        func shares(_ active: [Int]) -> [Double] {
            var result = proportionalS.map { _ in 0.0 }
            var used = active.sorted { (haloS[$0], $0) < (haloS[$1], $1) }
            while let last = used.last {
                let rate = used.reduce(0) { $0 + 1 / max(proportionalS[$1], .leastNormalMagnitude) }
                let limit =
                    (1 + used.reduce(0) { $0 + haloS[$1] / max(proportionalS[$1], .leastNormalMagnitude) }) / rate
                if used.count > 1, limit <= haloS[last] {
                    used.removeLast()
                    continue
                }
                for device in used {
                    result[device] = (limit - haloS[device]) / max(proportionalS[device], .leastNormalMagnitude)
                }
                break
            }
            return result
        }

        /// The device of least share that has too few rows of some convolution (nil: none).
        func tooSmall(_ shares: [Double], _ active: [Int]) -> Int? {
            active.filter { device in
                convolutions.contains { rows in
                    let cuts = [0] + SharedLayout.proportionalCuts(rows.extent, weights: shares) + [rows.extent]
                    return cuts[device + 1] - cuts[device] < rows.padding
                }
            }.min { (shares[$0], $0) < (shares[$1], $1) }
        }
    }
}
