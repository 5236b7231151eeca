import Planning
import Sharing

/// The linear program of shares where it is settled along which axis each layer is cut and which devices take part: cut
/// points may lie anywhere, and the sum of `PublishedTerms` is least.
///
/// Cut points of layer l are fractions 0 <= c(l,1) <= ... <= 1 of its axis; lo(l,d) and hi(l,d) those at both ends of
/// d's share. For every device d that takes part in l
///
///     T(l) >= a(l,d) * (hi(l,d) - lo(l,d)) + sum over inputs of (bytes that d lacks) / B,    least sum of T(l)
///
/// An input that layer m made, cut along an axis that moves with l's, lacks at both ends what m's share does not reach:
///
///     below >= own_lo(m,d) - need_lo(l,d),   above >= need_hi(l,d) - own_hi(m,d),   both >= 0
///
/// with need_lo = r * lo(l,d) + halo, and r the ratio of the extents. One of which all is needed lacks 1 - (hi(m,d) -
/// lo(m,d)). Where both are cut along different axes the lack is a product of two shares, and stands as the share of l
/// times what m's other devices have where shares are as the speeds. Memory is a row for each device that has a limit:
/// weights in proportion to shares where a part needs a part of them, and room for the largest activations of one
/// operator.
struct ShareRelaxation {
    struct Choice: Equatable {
        /// Axis that is cut (nil: one device computes all).
        var axis: Int?
        /// Devices that take part, ascending; one where there is no axis.
        var active: [Int]
    }

    /// A sum of columns and a constant.
    private struct Sum {
        var constant = 0.0
        var terms: [(column: Int, coefficient: Double)] = []

        static func + (left: Sum, right: Sum) -> Sum {
            Sum(constant: left.constant + right.constant, terms: left.terms + right.terms)
        }

        static func * (sum: Sum, factor: Double) -> Sum {
            Sum(
                constant: sum.constant * factor,
                terms: sum.terms.map { ($0.column, $0.coefficient * factor) })
        }

        static func - (left: Sum, right: Sum) -> Sum { left + right * -1 }
    }

    let shared: SharedGraph
    let cluster: SharingCluster
    let layers: [Range<Int>]
    let choices: [Choice]
    private(set) var program = LinearProgram()
    private var cuts: [[Int]] = []
    /// The layer of each operator.
    private let layerOf: [Int]

    init(_ shared: SharedGraph, _ cluster: SharingCluster, _ layers: [Range<Int>], _ choices: [Choice]) {
        self.shared = shared
        self.cluster = cluster
        self.layers = layers
        self.choices = choices
        layerOf = layers.enumerated().flatMap { index, positions in positions.map { _ in index } }
        build()
    }

    /// Layouts of the cut points of a solution, rounded to whole elements (nil: a rule refuses one).
    func layouts(_ solution: LinearProgram.Solution) -> [SharedLayout]? {
        layouts { layer in cuts[layer].map { solution.values[$0] } }
    }

    /// Layouts where shares are in proportion to speeds.
    func proportionalLayouts() -> [SharedLayout]? {
        layouts { layer in
            let speeds = choices[layer].active.map { cluster.speeds[$0] }
            let sum = speeds.reduce(0, +)
            var reached = 0.0
            return speeds.dropLast().map { speed in
                reached += speed
                return reached / sum
            }
        }
    }

    private func layouts(_ fractions: (_ layer: Int) -> [Double]) -> [SharedLayout]? {
        var layouts: [SharedLayout] = []
        for (index, positions) in layers.enumerated() {
            let choice = choices[index]
            let points = [0] + fractions(index) + [1]
            for position in positions {
                let shape = shared.shape(of: position)
                var regions = cluster.devices.map { _ in Region.empty(rank: shape.count) }
                for (place, device) in choice.active.enumerated() {
                    guard let axis = choice.axis else {
                        regions[device] = .whole(shape)
                        continue
                    }
                    let extent = Double(shape[axis])
                    let low = Int((points[place] * extent).rounded())
                    let high = max(low, Int((points[place + 1] * extent).rounded()))
                    regions[device] = Region.whole(shape).replacing(axis, with: low..<high)
                }
                layouts.append(SharedLayout(regions))
            }
        }
        return layouts
    }

    // MARK: The program

    private mutating func build() {
        for (index, choice) in choices.enumerated() {
            cuts.append(choice.active.dropFirst().map { program.addColumn("cut \(index) \($0)") })
            for (left, right) in zip(cuts[index], cuts[index].dropFirst()) {
                program.addRow("ascending \(index)", lower: 0, [(right, 1), (left, -1)])
            }
        }
        for (index, positions) in layers.enumerated() {
            let term = program.addColumn("term \(index)", cost: 1, upper: .infinity)
            let flop = positions.reduce(0) { $0 + shared.flop(of: $1) }
            for device in choices[index].active {
                var sum = (high(index, device) - low(index, device)) * cluster.computeS(flop, on: device)
                for position in positions {
                    for input in shared.graph.operators[position].activations {
                        let producer = shared.graph.tensors[input]?.producer
                        if let producer, layerOf[producer] == index { continue }
                        sum = sum + lackS(input, producer.map { layerOf[$0] }, position, index, device)
                    }
                }
                program.addRow("device \(device) \(index)", lower: sum.constant, [(term, 1)] + (sum * -1).terms)
            }
        }
        let term = program.addColumn("results", cost: 1, upper: .infinity)
        for output in shared.graph.outputs {
            guard let tensor = shared.graph.tensors[output], let producer = tensor.producer else { continue }
            let layer = layerOf[producer]
            let had = high(layer, cluster.destination) - low(layer, cluster.destination)
            let sum = (Sum(constant: 1) - had) * (Double(tensor.byteCount) / rate(to: cluster.destination))
            program.addRow("result", lower: sum.constant, [(term, 1)] + (sum * -1).terms)
        }
        addMemory()
    }

    private mutating func addMemory() {
        let largest =
            layers.joined().map { position in
                let step = shared.graph.operators[position]
                return shared.graph.activationBytes(of: step.activations + step.outputs)
            }.max() ?? 0
        for (index, device) in cluster.devices.enumerated() {
            guard let memory = device.memoryBytes else { continue }
            var sum = Sum()
            for (layer, positions) in layers.enumerated() where choices[layer].active.contains(index) {
                for position in positions {
                    let shape = shared.shape(of: position)
                    guard let whole = weightBytes(position, .whole(shape)), whole > 0 else { continue }
                    let half = choices[layer].axis.flatMap { axis in
                        weightBytes(position, Region.whole(shape).replacing(axis, with: 0..<max(1, shape[axis] / 2)))
                    }
                    let isCut = half ?? whole < whole
                    sum =
                        sum + (isCut ? high(layer, index) - low(layer, index) : Sum(constant: 1)) * Double(whole)
                }
            }
            // In units of the limit, so that rows are of about one size.
            sum = sum * (1 / Double(max(1, memory)))
            let room = 1 - Double(largest) / Double(max(1, memory))
            program.addRow("memory \(index)", upper: room - sum.constant, sum.terms)
        }
    }

    private func weightBytes(_ position: Int, _ region: Region) -> Int? {
        (try? shared.needs(position, region))?.weights.reduce(0) { $0 + shared.byteCount($1) }
    }

    private func low(_ layer: Int, _ device: Int) -> Sum { bound(layer, device, 0) }
    private func high(_ layer: Int, _ device: Int) -> Sum { bound(layer, device, 1) }

    private func bound(_ layer: Int, _ device: Int, _ side: Int) -> Sum {
        guard let place = choices[layer].active.firstIndex(of: device) else { return Sum() }
        let cut = place + side
        if cut == 0 { return Sum() }
        if cut == choices[layer].active.count { return Sum(constant: 1) }
        return Sum(terms: [(cuts[layer][cut - 1], 1)])
    }

    /// Bytes per second from the others, as if all sent as much.
    private func rate(to device: Int) -> Double {
        let others = cluster.devices.indices.filter { $0 != device }
        let sum = others.reduce(0) { $0 + 1 / cluster.bandwidthBytesPerS[$1][device] }
        return sum > 0 ? Double(others.count) / sum : .infinity
    }

    /// Seconds that a device waits for what it lacks of an input.
    private mutating func lackS(
        _ input: String, _ producer: Int?, _ position: Int, _ layer: Int, _ device: Int
    ) -> Sum {
        let shape = shared.shape(of: position)
        let share = high(layer, device) - low(layer, device)
        let perByteS = 1 / rate(to: device)
        let bytes = Double(shared.graph.tensors[input]?.byteCount ?? 0)
        let probe = choices[layer].axis.map { axis in
            let extent = shape[axis]
            return Region.whole(shape).replacing(axis, with: extent / 3..<max(extent / 3 + 1, 2 * extent / 3))
        }
        let needed = (try? shared.needs(position, probe ?? .whole(shape)))?.inputs.first { $0.tensor == input }
        guard let needed else { return Sum() }
        let inputShape = shared.shape(ofTensor: input)
        let isWhole = needed.region.isWhole(of: inputShape)
        guard let producer else {
            // An input of the graph.
            if device == cluster.source { return Sum() }
            return isWhole ? Sum(constant: bytes * perByteS) : share * (bytes * perByteS)
        }
        let own = high(producer, device) - low(producer, device)
        if isWhole { return (Sum(constant: 1) - own) * (bytes * perByteS) }
        let isOwner = choices[producer].active.contains(device)
        if choices[producer].active == [device] { return Sum() }
        guard isOwner, let axis = choices[layer].axis, let from = choices[producer].axis, let probe,
            inputShape.indices.contains(from), inputShape[from] > 1, needed.region[from] != 0..<inputShape[from]
        else {
            let speeds = choices[producer].active.map { cluster.speeds[$0] }.reduce(0, +)
            let had = isOwner ? cluster.speeds[device] / speeds : 0
            return share * (bytes * (1 - had) * perByteS)
        }
        // Ends of the need in fractions of the input's axis.
        let extent = Double(inputShape[from])
        let ratio = extent / Double(shape[axis])
        let before = (Double(needed.region[from].lowerBound) - ratio * Double(probe[axis].lowerBound)) / extent
        let behind = (Double(needed.region[from].upperBound) - ratio * Double(probe[axis].upperBound)) / extent
        guard abs(before) < 0.5, abs(behind) < 0.5 else { return share * (bytes * perByteS) }
        var sum = Sum()
        if choices[layer].active.first != device {
            sum = sum + lack(low(producer, device) - low(layer, device) - Sum(constant: before))
        }
        if choices[layer].active.last != device {
            sum = sum + lack(high(layer, device) + Sum(constant: behind) - high(producer, device))
        }
        return sum * (bytes * perByteS)
    }

    /// A column that is at least a sum, and at least 0.
    private mutating func lack(_ sum: Sum) -> Sum {
        let column = program.addColumn("lack", upper: .infinity)
        program.addRow("lack", lower: sum.constant, [(column, 1)] + (sum * -1).terms)
        return Sum(terms: [(column, 1)])
    }
}
