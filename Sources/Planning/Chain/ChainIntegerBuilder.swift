/// Builds the columns and the flow rows of a `ChainIntegerProgram`; its limits are in `ChainIntegerBuilder+Limits`.
struct ChainIntegerBuilder {
    typealias Terms = [(column: Int, coefficient: Double)]

    /// As `ChainProgram.isFeasible`: what keeps a limit there must keep it here.
    static let limitTolerance = 1e-9

    let program: ChainProgram
    var linear = LinearProgram()
    /// For each quantity, what one unit of the linear program is.
    let units: [Double]
    /// The same for the figure `S`.
    let sharedUnit: Double
    let bytesPerUnit: Double
    /// By index; nil where a step or move cannot be taken.
    var stepColumns: [Int?]
    var moveColumns: [Int?]
    /// `layer * modeCount + mode`.
    var coverColumns: [Int?]
    var usedColumns: [Int?]
    /// By mode.
    var chosenColumns: [Int?]
    /// `S * used`, by device.
    var holdColumns: [Int?]
    var sharedColumn: Int?
    /// Seconds waited before each layer.
    var waitColumns: [Int] = []

    init(_ program: ChainProgram) {
        self.program = program
        let sums = program.quantities.indices.map { ChainSums(program, quantity: $0) }
        let leastShared: Double
        switch program.shared {
        case .none:
            leastShared = 0
            sharedUnit = 1
        case .total(let quantity):
            leastShared = sums[quantity].least
            sharedUnit = Self.unit(for: [program.quantities[quantity].limit, leastShared, sums[quantity].greatest])
        case .bottleneck(let limit):
            let loads = ChainSums(loadsOf: nil, program)
            leastShared = loads.least / Double(program.deviceCount)
            sharedUnit = Self.unit(for: [limit, loads.least, loads.greatest])
        }
        units = program.quantities.indices.map { index in
            let quantity = program.quantities[index]
            // What any plan has at least, one device being used.
            let charge = zip(quantity.firstUse, quantity.sharedPrice).map { $0 + $1 * leastShared }.min() ?? 0
            return Self.unit(
                for: [index == 0 ? .infinity : quantity.limit, sums[index].least + charge, sums[index].greatest])
        }
        bytesPerUnit = Self.unit(for: [Double(program.capacityBytes.min() ?? 0)])
        stepColumns = [Int?](repeating: nil, count: program.steps.count / program.quantityCount)
        moveColumns = [Int?](repeating: nil, count: program.moves.count / program.quantityCount)
        coverColumns = [Int?](repeating: nil, count: program.layerCount * program.modeCount)
        usedColumns = [Int?](repeating: nil, count: program.deviceCount)
        chosenColumns = [Int?](repeating: nil, count: program.modeCount)
        holdColumns = [Int?](repeating: nil, count: program.deviceCount)
    }

    /// A power of two, about a thousandth of the first positive figure.
    private static func unit(for figures: [Double]) -> Double {
        guard let figure = figures.first(where: { $0.isFinite && $0 > 0 }) else { return 1 }
        return Double(sign: .plus, exponent: figure.exponent - 10, significand: 1)
    }

    mutating func build() {
        addSteps()
        addMoves()
        addFlow()
        addCover()
        addUse()
        addShared()
        addWaits()
        addMemory()
        addBounds()
    }

    // MARK: - Steps and moves

    private mutating func addSteps() {
        forEachStep { builder, step, index in
            guard builder.canBeTaken(step, index) else { return }
            builder.stepColumns[index] = builder.linear.addColumn(
                "y[\(step.first),\(step.length),\(step.mode)]",
                cost: builder.stepFigure(index, quantity: 0) / builder.units[0], isInteger: true)
        }
    }

    /// Moves are integer by the rows, and named so: with continuous ones, HiGHS's presolve (1.15.1) takes some programs
    /// for infeasible that are not.
    private mutating func addMoves() {
        forEachMove { builder, boundary, from, to, index in
            guard builder.program.moveIsAllowed(index), builder.keepsLimits({ builder.moveFigure(index, quantity: $0) })
            else { return }
            builder.moveColumns[index] = builder.linear.addColumn(
                "z[\(boundary),\(from),\(to)]", cost: builder.moveFigure(index, quantity: 0) / builder.units[0],
                isInteger: true)
        }
    }

    private mutating func addFlow() {
        let starts = stepColumnsByBoundary { $0.first }
        let ends = stepColumnsByBoundary { $0.first + $0.length }
        linear.addRow(
            "start", lower: 1, upper: 1, program.modes.indices.flatMap { mode in starts[mode].map { ($0, 1) } })
        for boundary in 1..<max(1, program.layerCount) {
            for mode in program.modes.indices {
                let index = boundary * program.modeCount + mode
                let leaving = program.modes.indices.compactMap {
                    moveColumns[program.moveIndex(boundary: boundary, from: mode, to: $0)]
                }
                let entering = program.modes.indices.compactMap {
                    moveColumns[program.moveIndex(boundary: boundary, from: $0, to: mode)]
                }
                linear.addRow(
                    "leave[\(boundary),\(mode)]", lower: 0, upper: 0,
                    leaving.map { ($0, 1) } + ends[index].map { ($0, -1) })
                linear.addRow(
                    "enter[\(boundary),\(mode)]", lower: 0, upper: 0,
                    entering.map { ($0, 1) } + starts[index].map { ($0, -1) })
            }
        }
    }

    /// Columns of the steps by `boundary * modeCount + mode`.
    func stepColumnsByBoundary(_ boundary: (ChainSchedule.Step) -> Int) -> [[Int]] {
        var columns = [[Int]](repeating: [], count: (program.layerCount + 1) * program.modeCount)
        for first in 0..<program.layerCount {
            for length in 1...min(program.maximumStepLength, program.layerCount - first) {
                for mode in program.modes.indices {
                    let step = ChainSchedule.Step(first: first, length: length, mode: mode)
                    guard let column = stepColumns[program.stepIndex(first: first, length: length, mode: mode)]
                    else { continue }
                    columns[boundary(step) * program.modeCount + mode].append(column)
                }
            }
        }
        return columns
    }

    /// `x[layer,mode]`, carried from layer to layer: sparser than a sum over all steps that cover a layer.
    ///
    /// They are integer by the rows, and named so: with continuous ones, HiGHS's presolve (1.15.1) loses solutions of
    /// one program in a thousand.
    private mutating func addCover() {
        if program.maximumStepLength == 1 {
            for layer in 0..<program.layerCount {
                for mode in program.modes.indices {
                    coverColumns[layer * program.modeCount + mode] =
                        stepColumns[program.stepIndex(first: layer, length: 1, mode: mode)]
                }
            }
            return
        }
        let starts = stepColumnsByBoundary { $0.first }
        let ends = stepColumnsByBoundary { $0.first + $0.length }
        for mode in program.modes.indices {
            var before: Int?
            for layer in 0..<program.layerCount {
                let index = layer * program.modeCount + mode
                guard before != nil || !starts[index].isEmpty else { continue }
                let column = linear.addColumn("x[\(layer),\(mode)]", isInteger: true)
                var terms: Terms = [(column, 1)]
                if let before { terms.append((before, -1)) }
                terms += starts[index].map { ($0, -1) } + ends[index].map { ($0, 1) }
                linear.addRow("cover[\(layer),\(mode)]", lower: 0, upper: 0, terms)
                coverColumns[index] = column
                before = column
            }
        }
    }

    /// `used` and `chosen`, where they mean anything: several modes, a charge or a price.
    private mutating func addUse() {
        for device in 0..<program.deviceCount {
            let modes = program.modes.indices.filter { program.modes[$0].device == device }
            let isCharged = program.quantities.contains { $0.firstUse[device] > 0 || $0.sharedPrice[device] > 0 }
            guard modes.count > 1 || isCharged else { continue }
            let used = linear.addColumn(
                "used[\(device)]", cost: program.quantities[0].firstUse[device] / units[0], isInteger: true)
            usedColumns[device] = used
            for mode in modes {
                chosenColumns[mode] =
                    modes.count == 1 ? used : linear.addColumn("chosen[\(mode)]", isInteger: true)
            }
            if modes.count > 1 {
                linear.addRow(
                    "one[\(device)]", lower: 0, upper: 0,
                    [(used, -1)] + modes.compactMap { mode in chosenColumns[mode].map { ($0, 1) } })
            }
            for mode in modes {
                guard let chosen = chosenColumns[mode] else { continue }
                for layer in 0..<program.layerCount {
                    guard let cover = coverColumns[layer * program.modeCount + mode] else { continue }
                    linear.addRow("chosen[\(layer),\(mode)]", upper: 0, [(cover, 1), (chosen, -1)])
                }
            }
        }
    }

    // MARK: - What can be taken

    /// Could any schedule within the limits take this step?
    private func canBeTaken(_ step: ChainSchedule.Step, _ index: Int) -> Bool {
        guard program.stepIsAllowed(index), keepsLimits({ stepFigure(index, quantity: $0) }) else { return false }
        if case .bottleneck(let limit) = program.shared, program.stepLoads[index] > loosened(limit) { return false }
        let layers = step.first..<(step.first + step.length)
        let bytes = program.weightBytes[layers].reduce(0, +) + (program.workingPeakBytes[layers].max() ?? 0)
        return bytes <= program.capacityBytes[program.modes[step.mode].device]
    }

    private func keepsLimits(_ figure: (Int) -> Double) -> Bool {
        program.quantities.indices.dropFirst().allSatisfy { figure($0) <= loosened(program.quantities[$0].limit) }
    }

    func loosened(_ limit: Double) -> Double { limit + Self.limitTolerance * abs(limit) }

    func stepFigure(_ index: Int, quantity: Int) -> Double { program.steps[index * program.quantityCount + quantity] }
    func moveFigure(_ index: Int, quantity: Int) -> Double { program.moves[index * program.quantityCount + quantity] }

    mutating func forEachStep(_ body: (inout ChainIntegerBuilder, ChainSchedule.Step, Int) -> Void) {
        for first in 0..<program.layerCount {
            for length in 1...min(program.maximumStepLength, program.layerCount - first) {
                for mode in program.modes.indices {
                    let step = ChainSchedule.Step(first: first, length: length, mode: mode)
                    body(&self, step, program.stepIndex(first: first, length: length, mode: mode))
                }
            }
        }
    }

    mutating func forEachMove(_ body: (inout ChainIntegerBuilder, Int, Int, Int, Int) -> Void) {
        for boundary in 1..<max(1, program.layerCount) {
            for from in program.modes.indices {
                for to in program.modes.indices {
                    body(&self, boundary, from, to, program.moveIndex(boundary: boundary, from: from, to: to))
                }
            }
        }
    }
}
