/// The figures of a `ChainProgram` that a search needs: only quantities that can matter, with the limits to keep.
///
/// Quantities are numbered anew: the objective is 0, then those with a finite limit, then those that are only kept for
/// the plan's `S` or for hidden loads.
final class ChainNetwork {
    /// What `S` is, with the new number of the quantity.
    enum Shared: Sendable, Equatable {
        case none
        case total(Int)
        case bottleneck
    }

    let program: ChainProgram
    let limits: ChainLimits
    /// The program's number of each quantity.
    let quantityOf: [Int]
    /// Limit of each quantity with the tolerance of the search; infinite where there is none.
    let limit: [Double]
    /// Quantities that have a limit.
    let limited: [Int]
    let shared: Shared
    /// Limit of the bottleneck with the tolerance of the search.
    let loadLimit: Double
    /// The quantity whose total tells the time for hidden loads; nil where no load is hidden.
    let hiddenQuantity: Int?
    /// Flat: `quantity * deviceCount + device`.
    let firstUse: [Double]
    /// Flat: `quantity * deviceCount + device`.
    let sharedPrice: [Double]
    /// Does a device's use cost something by itself?
    let isCharged: [Bool]
    /// Does a device's use put a price on `S`?
    let isPriced: [Bool]
    let deviceOf: [Int]
    let modesOf: [[Int]]
    let capacityBytes: [Int]
    /// Weights of the layers before each boundary.
    let weightsBefore: [Int]

    var quantityCount: Int { quantityOf.count }
    var layerCount: Int { program.layerCount }
    var deviceCount: Int { program.deviceCount }
    var modeCount: Int { program.modeCount }
    var hasLoads: Bool { shared == .bottleneck }

    init(_ program: ChainProgram, limits: ChainLimits) {
        self.program = program
        self.limits = limits
        let isPriced = (0..<program.deviceCount).map { device in
            program.quantities.enumerated().contains { index, quantity in
                (index == 0 || limits.quantities[index] < .infinity) && quantity.sharedPrice[device] > 0
            }
        }
        var quantityOf = [0]
        quantityOf += program.quantities.indices.dropFirst().filter { limits.quantities[$0] < .infinity }
        func number(_ quantity: Int) -> Int {
            if let known = quantityOf.firstIndex(of: quantity) { return known }
            quantityOf.append(quantity)
            return quantityOf.count - 1
        }
        let anyPrice = isPriced.contains(true)
        switch program.shared {
        case .none: shared = .none
        case .total(let quantity): shared = anyPrice ? .total(number(quantity)) : .none
        case .bottleneck:
            // A program that was made without loads has none.
            let matters = !program.stepLoads.isEmpty && (anyPrice || limits.bottleneck < .infinity)
            shared = matters ? .bottleneck : .none
        }
        hiddenQuantity = program.hiddenLoads.map { number($0.quantity) }
        self.quantityOf = quantityOf
        self.isPriced = shared == .none ? [Bool](repeating: false, count: program.deviceCount) : isPriced
        limit = quantityOf.map { ChainLimits.relaxed(limits.quantities[$0]) }
        limited = quantityOf.indices.filter { $0 > 0 && limits.quantities[quantityOf[$0]] < .infinity }
        loadLimit = ChainLimits.relaxed(limits.bottleneck)
        firstUse = quantityOf.flatMap { program.quantities[$0].firstUse }
        sharedPrice = quantityOf.flatMap { program.quantities[$0].sharedPrice }
        let charges = quantityOf.map { program.quantities[$0].firstUse }
        isCharged = (0..<program.deviceCount).map { device in charges.contains { $0[device] > 0 } }
        deviceOf = program.modes.map(\.device)
        let deviceOf = self.deviceOf
        modesOf = (0..<program.deviceCount).map { device in deviceOf.indices.filter { deviceOf[$0] == device } }
        capacityBytes = limits.capacityBytes
        var sums = [0]
        for bytes in program.weightBytes { sums.append(sums[sums.count - 1] + bytes) }
        weightsBefore = sums
    }

    /// Every allowed step that a device can hold, by the program's step index.
    func allSteps() -> [Bool] {
        let length = program.maximumStepLength
        var isKept = [Bool](repeating: false, count: layerCount * length * modeCount)
        for first in 0..<layerCount {
            var peak = 0
            for last in first..<min(layerCount, first + length) {
                peak = max(peak, program.workingPeakBytes[last])
                let bytes = weightsBefore[last + 1] - weightsBefore[first] + peak
                for mode in 0..<modeCount {
                    let step = program.stepIndex(first: first, length: last - first + 1, mode: mode)
                    guard program.stepIsAllowed(step), bytes <= capacityBytes[deviceOf[mode]] else { continue }
                    if hasLoads, program.stepLoads[step] > loadLimit { continue }
                    isKept[step] = true
                }
            }
        }
        return isKept
    }

    /// More than any schedule costs: every layer at the dearest, every device used.
    func ceiling() -> Double {
        let stride = program.quantityCount
        var totals = [Double](repeating: 1, count: quantityCount)
        func add(_ figures: [Double], _ quantity: Int, _ range: Range<Int>) {
            var largest = 0.0
            for index in range {
                let figure = figures[index * stride + quantityOf[quantity]]
                if figure.isFinite { largest = max(largest, figure) }
            }
            totals[quantity] += largest
        }
        let length = program.maximumStepLength
        for layer in 0..<layerCount {
            for quantity in totals.indices {
                let row = layer * length * modeCount
                add(program.steps, quantity, row..<(row + length * modeCount))
                let moves = layer * modeCount * modeCount
                if layer > 0 { add(program.moves, quantity, moves..<(moves + modeCount * modeCount)) }
            }
        }
        if let hidden = program.hiddenLoads, let quantity = hiddenQuantity {
            let row = length * modeCount
            for layer in 0..<layerCount {
                totals[quantity] += hidden.loadS[(layer * row)..<((layer + 1) * row)].max() ?? 0
            }
        }
        for index in firstUse.indices { totals[index / deviceCount] += firstUse[index] }
        let largest: Double =
            switch shared {
            case .none: 0
            case .total(let quantity): totals[quantity]
            case .bottleneck:
                program.stepLoads.reduce(0, +) + program.moveLoads.reduce(0) { $0 + ($1.isFinite ? $1 : 0) }
            }
        return 2 * (totals[0] + largest * sharedPrice[..<deviceCount].reduce(0, +))
    }
}
