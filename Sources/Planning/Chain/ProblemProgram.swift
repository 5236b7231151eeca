import Costs

/// A problem as a `ChainProgram`, with what is needed to read a schedule of the program as a plan.
///
/// The quantities are the objective and, as far as the problem asks for them: the latency, the energy of each limited
/// device, the carbon, the entries of each device, and for the published rule of chapter 7 the layers that its bundles
/// fall short of the largest size (`sum of (size - length) <= size - 1` says that n layers have at most ceil(n / size)
/// bundles).
///
/// What a device takes while it waits is idle power over the whole latency or cycle (`Shared`) less idle power while it
/// is busy, so that the figures of steps and moves are what work adds to idling.
public struct ProblemProgram: Sendable {
    /// Figures that a program may have: beyond it a planner says so instead of filling the memory.
    public static let maximumFigures = 1 << 26

    public private(set) var program: ChainProgram
    let problem: Problem
    let table: CostTable
    let energy: EnergyTable
    let layout: QuantityLayout
    /// Cheapest splits of runs of layers into measured bundles; nil where none were measured.
    let splits: RunSplits?
    /// The published rule counts bundles over a whole device; the sound one cuts each run for itself.
    let countsBundles: Bool

    public init(_ problem: Problem, table: CostTable) throws(PlanningError) {
        self.problem = problem
        self.table = table
        energy = EnergyTable(problem)
        layout = QuantityLayout(problem, table: table, energy: energy)
        countsBundles = table.hasMeasuredBundles && problem.costModel == .published
        let modes = Self.modes(problem, table: table, layout: layout)
        let modelLayers = problem.layers.count { $0.kind == .model }
        let size = min(problem.constraints.maximumBundleSize ?? .max, max(1, modelLayers))
        splits =
            table.hasMeasuredBundles
            ? RunSplits(problem, table: table, modes: modes, maximumSize: size) : nil
        let length = !table.hasMeasuredBundles ? 1 : countsBundles ? size : max(1, modelLayers)
        let figures =
            table.layerCount * modes.count * (length + modes.count) * layout.quantities.count
        guard figures <= Self.maximumFigures else {
            throw .limit(
                "\(problem.model): \(table.layerCount) layers, bundles of up to \(length), \(modes.count) devices and "
                    + "frequencies and \(layout.quantities.count) limits make \(figures) figures, more than "
                    + "\(Self.maximumFigures); set maximum_bundle_size, or leave out devices, frequencies or limits")
        }
        program = ChainProgram(
            layerCount: table.layerCount, deviceCount: table.deviceCount, modes: modes, maximumStepLength: length,
            quantities: layout.quantities, shared: layout.shared, weightBytes: table.weightBytes,
            workingPeakBytes: table.workingPeakBytes,
            capacityBytes: zip(table.memoryBytes, table.runtimeBytes).map { max(0, $0 - $1) })
        addSteps()
        addMoves()
    }

    /// Every point of every device; only the fastest where nothing would gain by a slower one.
    private static func modes(_ problem: Problem, table: CostTable, layout: QuantityLayout) -> [ChainProgram.Mode] {
        (0..<table.deviceCount).flatMap { device -> [ChainProgram.Mode] in
            guard layout.hasEnergy || table.hasMeasuredBundles else {
                return [ChainProgram.Mode(device: device, point: table.fastestPoints[device])]
            }
            return table.points[device].indices.map { ChainProgram.Mode(device: device, point: $0) }
        }
    }

    private mutating func addSteps() {
        var loadS: [Double]?
        if problem.weights == .preloaded, problem.costModel == .sound {
            loadS = [Double](repeating: 0, count: program.layerCount * program.maximumStepLength * program.modeCount)
        }
        var figures = [Double](repeating: 0, count: layout.quantities.count)
        for first in 0..<table.layerCount {
            for (index, mode) in program.modes.enumerated() {
                for length in 1...min(program.maximumStepLength, table.layerCount - first) {
                    let layers = first...(first + length - 1)
                    guard layers.allSatisfy({ isAllowed($0, on: mode.device) }),
                        let work = work(layers, mode, index)
                    else { continue }
                    fill(&figures, work, layers, mode)
                    program.setStep(first: first, length: length, mode: index, figures, load: work.busyS)
                    loadS?[program.stepIndex(first: first, length: length, mode: index)] = work.hiddenS
                }
            }
        }
        if let loadS { program.hiddenLoads = .init(quantity: layout.latency ?? 0, loadS: loadS) }
    }

    /// May the device run the layer, and can it hold the layer and its own runtime?
    private func isAllowed(_ layer: Int, on device: Int) -> Bool {
        table.isAllowed(layer: layer, device: device)
            && table.bytesAlone(layer: layer, device: device) <= table.memoryBytes[device]
    }

    /// What a step takes.
    private struct Work {
        var seconds = 0.0
        /// Weights that may load while the device waits; not in `seconds`.
        var hiddenS = 0.0
        var busyS = 0.0
        /// What it adds to idling; nil where a power is unknown, which no quantity then asks for.
        var addedJ: Double? = 0
    }

    /// Nil where the layers may not run as one.
    private func work(_ layers: ClosedRange<Int>, _ mode: ChainProgram.Mode, _ index: Int) -> Work? {
        guard let splits else { return analytic(layers.lowerBound, mode) }
        guard layers.allSatisfy({ problem.layers[$0].kind == .model }) else {
            return layers.count == 1 ? analytic(layers.lowerBound, mode) : nil
        }
        let bundles: [ClosedRange<Int>]
        if countsBundles {
            guard layers.count == 1 || splits.isMeasured(layers, mode: index) else { return nil }
            bundles = [layers]
        } else {
            bundles = splits.bundles(layers, mode: index)
        }
        var whole = Work()
        for (number, bundle) in bundles.enumerated() {
            guard let part = bundleWork(bundle, mode) else { return nil }
            let insideS =
                number > 0
                ? table.transferS(after: bundle.lowerBound - 1, from: mode.device, to: mode.device) : 0
            whole.seconds += part.seconds + insideS
            // Only the first layer of a run can have loaded while the device waited.
            if number == 0 { whole.hiddenS = part.hiddenS } else { whole.seconds += part.hiddenS }
            whole.busyS += part.busyS + insideS
            whole.addedJ = sum(whole.addedJ, sum(part.addedJ, addedPowerW(mode).map { $0 * insideS }))
        }
        return whole
    }

    private func bundleWork(_ layers: ClosedRange<Int>, _ mode: ChainProgram.Mode) -> Work? {
        guard
            let measured = table.measured(
                first: layers.lowerBound, last: layers.upperBound, device: mode.device, point: mode.point)
        else { return layers.count == 1 ? analytic(layers.lowerBound, mode) : nil }
        let holdW = energy.holdPowerW(mode.device)
        let addedJ =
            measured.energyJ.flatMap { whole in holdW.map { max(0, whole - $0 * measured.latencyS) } }
            ?? addedPowerW(mode).map { $0 * measured.latencyS }
        return Work(seconds: measured.latencyS, busyS: measured.latencyS, addedJ: addedJ)
    }

    private func analytic(_ layer: Int, _ mode: ChainProgram.Mode) -> Work {
        let runS = table.computeS(layer: layer, device: mode.device, point: mode.point)
        let weightsS = table.weightsS(layer: layer, device: mode.device)
        var work = Work(seconds: runS, busyS: runS)
        switch (problem.weights, problem.costModel) {
        case (.preloaded, .published): break
        case (.preloaded, .sound):
            work.hiddenS = weightsS
            work.busyS += weightsS
        case (.everyInference, _), (.resident, _):
            work.seconds += weightsS
            work.busyS += weightsS
        }
        work.addedJ = addedPowerW(mode).map { $0 * work.busyS }
        return work
    }

    /// Watt that work adds to idling.
    private func addedPowerW(_ mode: ChainProgram.Mode) -> Double? {
        guard let powerW = energy.computePowerW[mode.device][mode.point], let holdW = energy.holdPowerW(mode.device)
        else { return nil }
        return powerW - holdW
    }

    private func sum(_ first: Double?, _ second: Double?) -> Double? {
        guard let first, let second else { return nil }
        return first + second
    }

    private func fill(_ figures: inout [Double], _ work: Work, _ layers: ClosedRange<Int>, _ mode: ChainProgram.Mode) {
        layout.fill(&figures, seconds: work.seconds, (mode.device, work.addedJ ?? 0))
        if layers.lowerBound == 0, let entry = layout.entries { figures[entry + mode.device] += 1 }
        if countsBundles, let waste = layout.waste, problem.layers[layers.lowerBound].kind == .model {
            figures[waste + mode.device] += Double(layout.bundleSize - layers.count)
        }
    }

    private mutating func addMoves() {
        let modesOf = (0..<table.deviceCount).map { device in
            program.modes.indices.filter { program.modes[$0].device == device }
        }
        // One for all moves: an array for each would take longer than what is put into it.
        var figures = [Double](repeating: 0, count: layout.quantities.count)
        for boundary in 1..<table.layerCount {
            for start in modesOf.indices {
                for end in modesOf.indices {
                    let wholeS = table.transferS(after: boundary - 1, from: start, to: end)
                    guard wholeS.isFinite else { continue }
                    guard start != end else {
                        for mode in modesOf[start] {
                            addStay(boundary: boundary, mode: mode, insideS: wholeS, &figures)
                        }
                        continue
                    }
                    // No operating point matters to a link: one sum serves all pairs of modes.
                    fillHop(&figures, boundary: boundary, from: start, to: end, wholeS: wholeS)
                    for from in modesOf[start] {
                        for to in modesOf[end] {
                            program.setMove(boundary: boundary, from: from, to: to, figures, load: wholeS)
                        }
                    }
                }
            }
        }
    }

    private mutating func addStay(boundary: Int, mode: Int, insideS: Double, _ figures: inout [Double]) {
        // Two runs of the model on one device are one run, and priced as one.
        let isInsideModel = problem.layers[boundary - 1].kind == .model && problem.layers[boundary].kind == .model
        if splits != nil, !countsBundles, isInsideModel { return }
        var seconds = insideS
        if problem.weights == .preloaded, problem.costModel == .published,
            table.measured(
                first: boundary, last: boundary, device: program.modes[mode].device, point: program.modes[mode].point)
                == nil
        {
            seconds += table.weightsS(layer: boundary, device: program.modes[mode].device)
        }
        let own = program.modes[mode]
        layout.fill(&figures, seconds: seconds, (own.device, (addedPowerW(own) ?? 0) * seconds))
        program.setMove(boundary: boundary, from: mode, to: mode, figures, load: seconds)
    }

    /// What a transfer between two devices adds to each quantity.
    private func fillHop(_ figures: inout [Double], boundary: Int, from start: Int, to end: Int, wholeS: Double) {
        var sending = QuantityLayout.Share(start, 0)
        var receiving = QuantityLayout.Share(end, 0)
        if layout.hasEnergy {
            let movingS = table.movingS(after: boundary - 1, from: start, to: end)
            let rate = table.bandwidthBytesPerS(from: start, to: end)
            sending.joule = (energy.transferPowerW(start, .upload, bytesPerS: rate) ?? 0) * movingS
            receiving.joule = (energy.transferPowerW(end, .download, bytesPerS: rate) ?? 0) * movingS
        }
        layout.fill(&figures, seconds: wholeS, sending, receiving)
        if let entry = layout.entries { figures[entry + end] += 1 }
    }

    /// The program's schedule as one of the problem, runs cut into their bundles.
    public func schedule(_ chain: ChainSchedule) -> Schedule {
        Schedule(
            chain.steps.flatMap { step -> [Schedule.Step] in
                let layers = step.first...(step.first + step.length - 1)
                let mode = program.modes[step.mode]
                let bundles =
                    splits.flatMap {
                        countsBundles || problem.layers[step.first].kind != .model
                            ? nil : $0.bundles(layers, mode: step.mode)
                    } ?? [layers]
                return bundles.map {
                    Schedule.Step(first: $0.lowerBound, last: $0.upperBound, device: mode.device, point: mode.point)
                }
            })
    }
}
