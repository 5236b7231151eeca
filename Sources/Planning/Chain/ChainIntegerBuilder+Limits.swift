extension ChainIntegerBuilder {
    /// Room around the bounds of `S`: where there is one way only, its sum in another order must not be outside.
    static let boundRoom = 1e-6

    // MARK: - The figure of the whole plan

    mutating func addShared() {
        guard program.shared != .none else { return }
        let bounds = sharedBounds()
        let shared = linear.addColumn("S", lower: bounds.lower, upper: bounds.upper)
        sharedColumn = shared
        for device in 0..<program.deviceCount {
            guard let used = usedColumns[device],
                program.quantities.contains(where: { $0.sharedPrice[device] > 0 })
            else { continue }
            let hold = linear.addColumn(
                "hold[\(device)]", cost: program.quantities[0].sharedPrice[device] * sharedUnit / units[0],
                upper: .infinity)
            holdColumns[device] = hold
            // The three below are what S * used is at least.
            linear.addRow(
                "hold[\(device)]", lower: -bounds.upper, [(hold, 1), (shared, -1), (used, -bounds.upper)])
            linear.addRow("least hold[\(device)]", lower: 0, [(hold, 1), (used, -bounds.lower)])
            linear.addRow("own hold[\(device)]", lower: 0, [(hold, 1)] + ownShare(device).map { ($0.0, -$0.1) })
        }
        if case .bottleneck = program.shared {
            for device in 0..<program.deviceCount {
                linear.addRow("load[\(device)]", lower: 0, [(shared, 1)] + ownShare(device).map { ($0.0, -$0.1) })
            }
        }
    }

    /// What the steps of a device and the moves that start on it add to `S`, or to its load.
    private func ownShare(_ device: Int) -> Terms {
        var terms: Terms = []
        for (index, column) in stepColumns.enumerated() {
            guard let column, program.modes[index % program.modeCount].device == device else { continue }
            terms.append((column, sharedStepFigure(index) / sharedUnit))
        }
        for (index, column) in moveColumns.enumerated() {
            let from = index / program.modeCount % program.modeCount
            guard let column, program.modes[from].device == device else { continue }
            terms.append((column, sharedMoveFigure(index) / sharedUnit))
        }
        return terms
    }

    private func sharedStepFigure(_ index: Int) -> Double {
        switch program.shared {
        case .none: 0
        case .total(let quantity): stepFigure(index, quantity: quantity)
        case .bottleneck: program.stepLoads[index]
        }
    }

    private func sharedMoveFigure(_ index: Int) -> Double {
        switch program.shared {
        case .none: 0
        case .total(let quantity): moveFigure(index, quantity: quantity)
        case .bottleneck: program.moveLoads[index]
        }
    }

    /// Between what `S` lies, in its units; zero where there is no way through the program.
    private func sharedBounds() -> (lower: Double, upper: Double) {
        var least: Double
        var greatest: Double
        switch program.shared {
        case .none: return (0, 0)
        case .total(let quantity):
            let sums = ChainSums(program, quantity: quantity)
            least = sums.least
            greatest = sums.greatest + program.quantities[quantity].firstUse.reduce(0, +)
            if let hiddenLoads = program.hiddenLoads, hiddenLoads.quantity == quantity {
                // Steps that start at a layer wait for one load at most, and there is one such step at most.
                for layer in 0..<program.layerCount { greatest += greatestLoadS(startingAt: layer) }
            }
            if quantity > 0 { greatest = min(greatest, loosened(program.quantities[quantity].limit)) }
        case .bottleneck(let limit):
            least = ChainSums(loadsOf: nil, program).least / Double(program.deviceCount)
            greatest = (0..<program.deviceCount).map { ChainSums(loadsOf: $0, program).greatest }.max() ?? 0
            greatest = min(greatest, loosened(limit))
        }
        guard least.isFinite, greatest.isFinite else { return (0, 0) }
        // A limit below what is possible leaves an empty range, which a solver may refuse instead of reporting.
        return (min(least, greatest) * (1 - Self.boundRoom) / sharedUnit, greatest * (1 + Self.boundRoom) / sharedUnit)
    }

    // MARK: - Hidden loads

    private func loadsS(startingAt layer: Int, mode: Int) -> [(column: Int, loadS: Double)] {
        guard let hiddenLoads = program.hiddenLoads else { return [] }
        return (1...min(program.maximumStepLength, program.layerCount - layer)).compactMap { length in
            let step = program.stepIndex(first: layer, length: length, mode: mode)
            return stepColumns[step].map { ($0, hiddenLoads.loadS[step]) }
        }
    }

    private func greatestLoadS(startingAt layer: Int) -> Double {
        program.modes.indices.flatMap { loadsS(startingAt: layer, mode: $0).map(\.loadS) }.max() ?? 0
    }

    /// The time of every boundary, and the wait before every layer.
    ///
    ///     finish[b]  = arrive[b-1] + wait[b-1] + steps that start at b-1
    ///     arrive[b]  = finish[b] + moves at b
    ///
    /// At a boundary inside a step, both are the end of the step. A step of device d that starts at layer l waits
    ///
    ///     wait[l] >= load                                  where the step before was its own
    ///     wait[l] >= load - arrive[l]                      where it has run nothing yet
    ///     wait[l] >= load + finish[b] - arrive[l]          where a step of d ended at b < l
    ///
    /// and time never runs backwards, so that the largest load is a big-M for each.
    mutating func addWaits() {
        guard let hiddenLoads = program.hiddenLoads else { return }
        let quantity = hiddenLoads.quantity
        let unit = units[quantity]
        waitColumns = (0..<program.layerCount).map {
            linear.addColumn("wait[\($0)]", cost: quantity == 0 ? 1 : 0, upper: .infinity)
        }
        let starts = stepsStarting()
        var finish: [Int] = []
        var arrives: [Int] = []
        for layer in 0..<program.layerCount {
            var arrive: Int?
            if layer > 0 {
                let finished = linear.addColumn("finish[\(layer)]", upper: .infinity)
                let arrived = linear.addColumn("arrive[\(layer)]", upper: .infinity)
                var terms: Terms = [(finished, 1), (waitColumns[layer - 1], -1)]
                if layer > 1, let before = arrives.last { terms.append((before, -1)) }
                terms += starts[layer - 1].map { ($0.column, -stepFigure($0.index, quantity: quantity) / unit) }
                linear.addRow("finish[\(layer)]", lower: 0, upper: 0, terms)
                linear.addRow(
                    "arrive[\(layer)]", lower: 0, upper: 0,
                    [(arrived, 1), (finished, -1)]
                        + moves(at: layer).map { ($0.column, -moveFigure($0.index, quantity: quantity) / unit) })
                arrives.append(arrived)
                arrive = arrived
                finish.append(finished)
            }
            addOwnWait(layer, unit: unit)
            for device in 0..<program.deviceCount {
                addWait(layer, device: device, arrive: arrive, finish: finish, unit: unit)
            }
        }
    }

    private func stepsStarting() -> [[(column: Int, index: Int)]] {
        (0..<program.layerCount).map { layer in
            let range =
                program.stepIndex(
                    first: layer, length: 1, mode: 0)..<program.stepIndex(first: layer + 1, length: 1, mode: 0)
            return range.compactMap { index in stepColumns[index].map { ($0, index) } }
        }
    }

    private func moves(at boundary: Int) -> [(column: Int, index: Int)] {
        let range =
            program.moveIndex(
                boundary: boundary, from: 0, to: 0)..<program.moveIndex(boundary: boundary + 1, from: 0, to: 0)
        return range.compactMap { index in moveColumns[index].map { ($0, index) } }
    }

    /// Where the step before was of the same device, the whole load is waited for.
    ///
    /// One row for all modes: only that which starts has any term.
    private mutating func addOwnWait(_ layer: Int, unit: Double) {
        guard layer > 0 else { return }
        var terms: Terms = [(waitColumns[layer], 1)]
        for mode in program.modes.indices {
            let loads = loadsS(startingAt: layer, mode: mode)
            let most = loads.map(\.loadS).max() ?? 0
            terms += loads.map { ($0.column, -$0.loadS / unit) }
            for from in program.modes.indices where from != mode {
                if let column = moveColumns[program.moveIndex(boundary: layer, from: from, to: mode)] {
                    terms.append((column, most / unit))
                }
            }
        }
        linear.addRow("own wait[\(layer)]", lower: 0, terms)
    }

    private mutating func addWait(_ layer: Int, device: Int, arrive: Int?, finish: [Int], unit: Double) {
        let modes = program.modes.indices.filter { program.modes[$0].device == device }
        let loads = modes.flatMap { loadsS(startingAt: layer, mode: $0) }
        let most = loads.map(\.loadS).max() ?? 0
        guard most > 0 else { return }
        var terms: Terms = [(waitColumns[layer], 1)] + loads.map { ($0.column, -$0.loadS / unit) }
        if let arrive { terms.append((arrive, 1)) }
        linear.addRow("first wait[\(layer),\(device)]", lower: 0, terms)
        for boundary in 1..<max(1, layer) {
            // Whether a step of the device ended there: it has left by a move.
            let leaving = modes.flatMap { mode in
                program.modes.indices.compactMap {
                    moveColumns[program.moveIndex(boundary: boundary, from: mode, to: $0)]
                }
            }
            guard !leaving.isEmpty else { continue }
            linear.addRow(
                "wait[\(layer),\(device),\(boundary)]", lower: -most / unit,
                terms + [(finish[boundary - 1], -1)] + leaving.map { ($0, -most / unit) })
        }
    }

    // MARK: - Memory and limits

    mutating func addMemory() {
        let weights = program.weightBytes.reduce(0, +)
        let peak = program.workingPeakBytes.max() ?? 0
        for device in 0..<program.deviceCount where program.capacityBytes[device] < weights + peak {
            let modes = program.modes.indices.filter { program.modes[$0].device == device }
            let largest = linear.addColumn("A[\(device)]", upper: .infinity)
            var terms: Terms = [(largest, 1)]
            for layer in 0..<program.layerCount {
                let covers = modes.compactMap { coverColumns[layer * program.modeCount + $0] }
                terms += covers.map { ($0, Double(program.weightBytes[layer]) / bytesPerUnit) }
                guard program.workingPeakBytes[layer] > 0, !covers.isEmpty else { continue }
                let bytes = Double(program.workingPeakBytes[layer]) / bytesPerUnit
                linear.addRow(
                    "peak[\(layer),\(device)]", lower: 0, [(largest, 1)] + covers.map { ($0, -bytes) })
            }
            linear.addRow("memory[\(device)]", upper: Double(program.capacityBytes[device]) / bytesPerUnit, terms)
        }
    }

    /// `S` of a plan, and the limits of the quantities.
    mutating func addBounds() {
        for quantity in program.quantities.indices.dropFirst() where program.quantities[quantity].limit.isFinite {
            linear.addRow(
                "limit[\(quantity)]", upper: loosened(program.quantities[quantity].limit) / units[quantity],
                sum(of: quantity) + charges(of: quantity))
        }
        if case .total(let quantity) = program.shared, let sharedColumn {
            linear.addRow("S", lower: 0, [(sharedColumn, 1)] + sum(of: quantity).map { ($0.0, -$0.1) })
        }
    }

    /// Steps, moves, waits and first uses of a quantity: its total without the prices of `S`.
    private func sum(of quantity: Int) -> Terms {
        let unit = units[quantity]
        var terms: Terms = []
        for (index, column) in stepColumns.enumerated() {
            if let column { terms.append((column, stepFigure(index, quantity: quantity) / unit)) }
        }
        for (index, column) in moveColumns.enumerated() {
            if let column { terms.append((column, moveFigure(index, quantity: quantity) / unit)) }
        }
        if program.hiddenLoads?.quantity == quantity { terms += waitColumns.map { ($0, 1) } }
        for (device, column) in usedColumns.enumerated() {
            if let column { terms.append((column, program.quantities[quantity].firstUse[device] / unit)) }
        }
        return terms
    }

    private func charges(of quantity: Int) -> Terms {
        holdColumns.enumerated().compactMap { device, column in
            column.map { ($0, program.quantities[quantity].sharedPrice[device] * sharedUnit / units[quantity]) }
        }
    }
}
