/// One inference through a schedule, step by step: where the time and the energy go.
struct ScheduleWalk {
    /// What one device did.
    private struct Ledger {
        var point: Int?
        var flop = 0.0
        var weightBytes = 0
        var workingPeakBytes = 0
        /// Computing, reading weights, moving tensors inside.
        var busyS = 0.0
        var sendingS = 0.0
        var computeJ: Double? = 0
        var uploadJ: Double? = 0
        var downloadJ: Double? = 0
        /// When it last finished a step, on the inference's clock.
        var finishS = 0.0
    }

    private let problem: Problem
    private let table: CostTable
    private let energy: EnergyTable
    private var ledgers: [Ledger]
    private var next = 0
    private var previous: Schedule.Step?
    private var computeS = 0.0
    private var transferS = 0.0
    private var weightsS = 0.0

    private var nowS: Double { computeS + transferS + weightsS }

    init(_ problem: Problem, _ table: CostTable) {
        self.problem = problem
        self.table = table
        energy = EnergyTable(problem)
        ledgers = [Ledger](repeating: Ledger(), count: table.deviceCount)
    }

    mutating func take(_ step: Schedule.Step) throws(ProblemError) {
        guard step.first == next, step.last >= step.first, step.last < table.layerCount else {
            throw ProblemError(
                "schedule: a step runs layers \(step.first) to \(step.last) where layer \(next) of "
                    + "\(table.layerCount) is next")
        }
        guard table.points.indices.contains(step.device), table.points[step.device].indices.contains(step.point) else {
            throw ProblemError("schedule: device \(step.device) at point \(step.point) is not in the problem")
        }
        let id = problem.devices[step.device].id
        guard ledgers[step.device].point ?? step.point == step.point else {
            throw ProblemError("schedule: device \(id) is given two frequencies; it can have one in a plan")
        }
        ledgers[step.device].point = step.point
        if let previous { try move(from: previous, to: step) }
        run(step, isOnSameDevice: previous?.device == step.device)
        next = step.last + 1
        previous = step
    }

    private mutating func move(from before: Schedule.Step, to step: Schedule.Step) throws(ProblemError) {
        let stepS = table.transferS(after: before.last, from: before.device, to: step.device)
        guard stepS.isFinite else {
            throw ProblemError(
                "layers \(before.last) (\(problem.layers[before.last].name)) and \(step.first) "
                    + "(\(problem.layers[step.first].name)): no link joins \(problem.devices[before.device].id) and "
                    + "\(problem.devices[step.device].id)")
        }
        transferS += stepS
        if before.device == step.device {
            work(step, seconds: stepS)
            return
        }
        let movingS = table.movingS(after: before.last, from: before.device, to: step.device)
        let rate = table.bandwidthBytesPerS(from: before.device, to: step.device)
        ledgers[before.device].sendingS += stepS
        ledgers[before.device].uploadJ = add(
            ledgers[before.device].uploadJ, energy.transferPowerW(before.device, .upload, bytesPerS: rate), movingS)
        ledgers[step.device].downloadJ = add(
            ledgers[step.device].downloadJ, energy.transferPowerW(step.device, .download, bytesPerS: rate), movingS)
    }

    private mutating func run(_ step: Schedule.Step, isOnSameDevice: Bool) {
        let layers = step.first...step.last
        for layer in layers {
            ledgers[step.device].flop += problem.layers[layer].flop
            ledgers[step.device].weightBytes += table.weightBytes[layer]
            ledgers[step.device].workingPeakBytes = max(
                ledgers[step.device].workingPeakBytes, table.workingPeakBytes[layer])
        }
        if let measured = table.measured(
            first: step.first, last: step.last, device: step.device, point: step.point)
        {
            computeS += measured.latencyS
            ledgers[step.device].busyS += measured.latencyS
            if let energyJ = measured.energyJ {
                ledgers[step.device].computeJ = ledgers[step.device].computeJ.map { $0 + energyJ }
            } else {
                ledgers[step.device].computeJ = add(
                    ledgers[step.device].computeJ, energy.computePowerW[step.device][step.point], measured.latencyS)
            }
        } else {
            for layer in layers { runLayer(layer, step, isOnSameDevice: isOnSameDevice || layer > step.first) }
        }
        ledgers[step.device].finishS = nowS
    }

    private mutating func runLayer(_ layer: Int, _ step: Schedule.Step, isOnSameDevice: Bool) {
        if layer > step.first {
            let insideS = table.transferS(after: layer - 1, from: step.device, to: step.device)
            transferS += insideS
            work(step, seconds: insideS)
        }
        var loadS = table.weightsS(layer: layer, device: step.device)
        switch (table.weightsPolicy, energy.costModel) {
        case (.preloaded, _) where isOnSameDevice: weightsS += loadS
        // Equation 6.2 hides a load of any length behind any gap.
        case (.preloaded, .published): loadS = 0
        case (.preloaded, .sound): weightsS += max(0, ledgers[step.device].finishS + loadS - nowS)
        case (.everyInference, _), (.resident, _): weightsS += loadS
        }
        let runS = table.computeS(layer: layer, device: step.device, point: step.point)
        computeS += runS
        work(step, seconds: loadS + runS)
    }

    /// The device is busy at its compute power.
    private mutating func work(_ step: Schedule.Step, seconds: Double) {
        ledgers[step.device].busyS += seconds
        ledgers[step.device].computeJ = add(
            ledgers[step.device].computeJ, energy.computePowerW[step.device][step.point], seconds)
    }

    private func add(_ sum: Double?, _ powerW: Double?, _ seconds: Double) -> Double? {
        guard let sum, let powerW else { return nil }
        return sum + powerW * seconds
    }

    func prediction() throws(ProblemError) -> Prediction {
        guard next == table.layerCount else {
            throw ProblemError("assignment: it names devices for \(next) of \(table.layerCount) layers")
        }
        let cycleS: Double =
            switch (problem.service, problem.wantedThroughputPerS) {
            case (.oneAtATime, _): nowS
            case (.continuous, let wanted?): 1 / wanted
            case (.continuous, nil): loads.max() ?? 0
            }
        let totalFlop = problem.layers.reduce(0.0) { $0 + $1.flop }
        var shares: [Plan.DeviceShare] = []
        var energyJ: Double? = 0
        var carbonG: Double? = 0
        for (index, ledger) in ledgers.enumerated() {
            guard let point = ledger.point else { continue }
            let own = energyOf(index, ledger, cycleS: cycleS)
            if energy.isCounted[index] { energyJ = sum(energyJ, own?.totalJ) }
            let ownG = own.flatMap { own in energy.gramPerJ(index).map { $0 * own.totalJ } }
            carbonG = sum(carbonG, ownG)
            shares.append(
                Plan.DeviceShare(
                    id: problem.devices[index].id,
                    peakMemoryBytes: ledger.weightBytes + ledger.workingPeakBytes + table.runtimeBytes[index],
                    flopsShare: totalFlop > 0 ? ledger.flop / totalFlop : 0,
                    frequencyHz: table.points[index][point].frequencyHz, loadS: loads[index],
                    busyS: ledger.busyS, energy: own,
                    carbonG: ownG))
        }
        return Prediction(
            latencyS: nowS, computeS: computeS, transferS: transferS, weightsS: weightsS, cycleS: cycleS,
            energyJ: energyJ, carbonG: carbonG, devices: shares)
    }

    /// Seconds of each inference for which a device cannot take the next one.
    private var loads: [Double] { ledgers.map { $0.busyS + $0.sendingS } }

    private func energyOf(_ device: Int, _ ledger: Ledger, cycleS: Double) -> Plan.DeviceEnergy? {
        guard let computeJ = ledger.computeJ, let uploadJ = ledger.uploadJ, let downloadJ = ledger.downloadJ,
            let holdPowerW = energy.holdPowerW(device)
        else { return nil }
        let waitS = cycleS - ledger.busyS
        return Plan.DeviceEnergy(
            computeJ: computeJ, uploadJ: uploadJ, downloadJ: downloadJ, holdJ: holdPowerW * max(0, waitS))
    }

    private func sum(_ first: Double?, _ second: Double?) -> Double? {
        guard let first, let second else { return nil }
        return first + second
    }
}
