import Costs
import Planning

/// The layers of a random program.
struct ModelDraw {
    var flop: [Double] = []
    var weightBytes: [Int] = []
    var outputBytes: [Int] = []
    var workingPeakBytes: [Int] = []

    init(_ knobs: RandomChainProgram, _ generator: inout SeededGenerator) {
        var inputBytes = Int(generator.logarithmic(in: 1e4...1e6)) * 4
        for layer in 0..<knobs.layers {
            // Pinned ends are the pseudo layers `source` and `destination`.
            let isEnd = knobs.withPinnedEnds && (layer == 0 || layer == knobs.layers - 1)
            let isEmpty = isEnd || (knobs.withZeros && generator.chance(0.3))
            let hasWeights = !isEmpty && generator.chance(0.7)
            flop.append(isEmpty ? 0 : generator.logarithmic(in: 1e6...1e10))
            weightBytes.append(hasWeights ? Int(generator.logarithmic(in: 1e3...1e7)) * 4 : 0)
            let output = isEmpty && !isEnd && generator.chance(0.3) ? 0 : Int(generator.logarithmic(in: 1e3...1e6)) * 4
            outputBytes.append(output)
            workingPeakBytes.append(inputBytes + output)
            inputBytes = output
        }
    }
}

/// The devices and links of a random program.
struct BoardDraw {
    var modes: [ChainProgram.Mode] = []
    /// Operations in a second, for each mode.
    var flops: [Double] = []
    /// Watts at work, for each mode.
    var activeW: [Double] = []
    /// Watts while it waits, for each device.
    var idleW: [Double] = []
    var memoryBytesPerS: [Double] = []
    /// Grams for a joule.
    var intensity: [Double] = []
    var capacityBytes: [Int] = []
    /// `from * devices + to`; nil where there is no link.
    var linkBytesPerS: [Double?] = []
    var radioW = 1.0
    var pins: [Int: Int] = [:]

    init(_ knobs: RandomChainProgram, _ model: ModelDraw, _ generator: inout SeededGenerator) {
        let widest = Int.random(in: 0..<knobs.devices, using: &generator)
        for device in 0..<knobs.devices {
            let points = device == widest ? knobs.points : Int.random(in: 1...knobs.points, using: &generator)
            if knobs.withEqualDevices, device > 0, generator.chance(0.7) {
                addCopy(of: 0, as: device)
            } else {
                addDevice(device, points: points, knobs, model, &generator)
            }
        }
        linkBytesPerS = [Double?](repeating: nil, count: knobs.devices * knobs.devices)
        let isEven = knobs.withEqualDevices && generator.chance(0.5)
        let common = generator.logarithmic(in: 1e6...1e9)
        for first in 0..<knobs.devices {
            for second in 0..<first {
                let rate = isEven ? common : generator.logarithmic(in: 1e7...1e9)
                if knobs.withMissingLinks, generator.chance(0.2) { continue }
                linkBytesPerS[first * knobs.devices + second] = rate
                linkBytesPerS[second * knobs.devices + first] = rate
            }
        }
        radioW = generator.logarithmic(in: 0.1...5)
        for layer in 0..<min(knobs.layers, max(knobs.pinnedPrefix, knobs.withPinnedEnds ? 1 : 0)) { pins[layer] = 0 }
        if knobs.withPinnedEnds, knobs.layers > pins.count {
            pins[knobs.layers - 1] = generator.chance(0.5) ? 0 : Int.random(in: 0..<knobs.devices, using: &generator)
        }
    }

    private mutating func addCopy(of original: Int, as device: Int) {
        for mode in modes.indices where modes[mode].device == original {
            modes.append(ChainProgram.Mode(device: device, point: modes[mode].point))
            flops.append(flops[mode])
            activeW.append(activeW[mode])
        }
        idleW.append(idleW[original])
        memoryBytesPerS.append(memoryBytesPerS[original])
        intensity.append(intensity[original])
        capacityBytes.append(capacityBytes[original])
    }

    private mutating func addDevice(
        _ device: Int, points: Int, _ knobs: RandomChainProgram, _ model: ModelDraw,
        _ generator: inout SeededGenerator
    ) {
        let speed = generator.logarithmic(in: 3e9...3e11)
        let dynamicW = speed * generator.logarithmic(in: 5e-11...1e-9)
        let staticW = dynamicW * Double.random(in: 0.05...0.5, using: &generator)
        for point in 0..<points {
            // Power grows with the cube of the clock (voltage with the clock), time with its inverse.
            let clock = Double(point + 1 + points) / Double(2 * points)
            modes.append(ChainProgram.Mode(device: device, point: point))
            flops.append(speed * clock)
            activeW.append(staticW + dynamicW * clock * clock * clock)
        }
        idleW.append(staticW)
        memoryBytesPerS.append(generator.logarithmic(in: 5e8...5e10))
        intensity.append(generator.logarithmic(in: 1e-6...3e-4))
        capacityBytes.append(capacity(knobs, model, &generator))
    }

    private func capacity(
        _ knobs: RandomChainProgram, _ model: ModelDraw, _ generator: inout SeededGenerator
    ) -> Int {
        let weights = model.weightBytes.reduce(0, +)
        let peak = model.workingPeakBytes.max() ?? 0
        let share = Double(weights) / Double(knobs.devices)
        let heaviest = Double(model.weightBytes.max() ?? 0)
        switch knobs.memory {
        case .loose: return weights + peak
        case .snug:
            return peak
                + max(
                    Int(share * Double.random(in: 0.7...2.5, using: &generator)),
                    Int(heaviest * Double.random(in: 0.7...1.6, using: &generator)))
        case .tight:
            return (generator.chance(0.5) ? peak : peak / 2)
                + max(
                    Int(share * Double.random(in: 0.5...2.5, using: &generator)),
                    Int(heaviest * Double.random(in: 0.4...1.6, using: &generator)))
        case .packed: return peak + Int(share * Double.random(in: 1...1.1, using: &generator))
        case .impossible: return Int(0.8 * share)
        }
    }
}

/// The quantities of a random program, and what its steps and moves add to them.
struct FigureDraw {
    var quantities: [ChainProgram.Quantity] = []
    /// Index of the seconds.
    var latency = 0
    /// Indices of what gets a limit from the ranges of the program.
    var limited: [Int] = []
    /// Device of each quantity that is about one: joules, waste or entries.
    private var jouleDevices: [Int: Int] = [:]
    private var wasteDevices: [Int: Int] = [:]
    private var entryDevices: [Int: Int] = [:]
    private let objective: RandomChainProgram.Objective

    init(_ knobs: RandomChainProgram, _ board: BoardDraw, _ generator: inout SeededGenerator) {
        objective = knobs.objective
        let devices = knobs.devices
        var isPriced = false
        switch knobs.shared {
        case .none: break
        case .hold: isPriced = true
        case .bottleneck(let priced, _): isPriced = priced
        }
        // A price of waiting stands in the objective, in the limited joules, or in both.
        let pricesObjective = isPriced && generator.chance(0.8)
        let pricesLimits = isPriced && (!pricesObjective || generator.chance(0.5))
        var first = ChainProgram.Quantity("objective", deviceCount: devices)
        if objective != .latency, pricesObjective {
            first.sharedPrice = (0..<devices).map {
                board.idleW[$0] * (objective == .carbon ? board.intensity[$0] : 1)
            }
        }
        if objective != .latency, generator.chance(0.3) {
            first.firstUse = (0..<devices).map { _ in generator.logarithmic(in: 1e-3...1) }
        }
        quantities.append(first)
        var remaining = knobs.limitCount
        if objective != .latency {
            latency = quantities.count
            quantities.append(ChainProgram.Quantity("latency in seconds", deviceCount: devices))
            if remaining > 0 {
                limited.append(latency)
                remaining -= 1
            }
        }
        for index in 0..<remaining {
            let device = index % devices
            var joules = ChainProgram.Quantity("energy of d\(device) in joule", deviceCount: devices)
            if pricesLimits { joules.sharedPrice[device] = board.idleW[device] }
            jouleDevices[quantities.count] = device
            limited.append(quantities.count)
            quantities.append(joules)
        }
        if knobs.withWaste {
            let longest = min(knobs.maximumStepLength, knobs.layers)
            for device in 0..<devices {
                wasteDevices[quantities.count] = device
                quantities.append(
                    ChainProgram.Quantity(
                        "waste of d\(device) in layers", limit: Double(longest - 1), deviceCount: devices))
            }
        }
        if knobs.withEntries {
            for device in 0..<devices {
                entryDevices[quantities.count] = device
                let most = Double(Int.random(in: 1...2, using: &generator))
                quantities.append(
                    ChainProgram.Quantity("entries of d\(device)", limit: most, deviceCount: devices))
            }
        }
    }

    /// What seconds of a device at work come to, for each quantity.
    private func figures(device: Int, seconds: Double, joules: Double, _ board: BoardDraw) -> [Double] {
        var figures = [Double](repeating: 0, count: quantities.count)
        switch objective {
        case .latency: break
        case .energy: figures[0] = joules
        case .carbon: figures[0] = joules * board.intensity[device]
        }
        figures[latency] += seconds
        for (quantity, owner) in jouleDevices where owner == device { figures[quantity] = joules }
        return figures
    }

    func fill(
        _ program: inout ChainProgram, _ knobs: RandomChainProgram, _ model: ModelDraw, _ board: BoardDraw,
        _ generator: inout SeededGenerator
    ) {
        for first in 0..<knobs.layers {
            for length in 1...min(program.maximumStepLength, knobs.layers - first) {
                for mode in board.modes.indices {
                    addStep(&program, first, length, mode, knobs, model, board, &generator)
                }
            }
        }
        for boundary in 1..<max(1, knobs.layers) {
            for from in board.modes.indices {
                for to in board.modes.indices { addMove(&program, boundary, from, to, knobs, model, board) }
            }
        }
    }

    private func addStep(
        _ program: inout ChainProgram, _ first: Int, _ length: Int, _ mode: Int, _ knobs: RandomChainProgram,
        _ model: ModelDraw, _ board: BoardDraw, _ generator: inout SeededGenerator
    ) {
        let device = board.modes[mode].device
        let layers = first..<(first + length)
        guard layers.allSatisfy({ board.pins[$0] ?? device == device }) else { return }
        var factor = 1.0
        if length > 1 {
            switch knobs.bundles {
            case .additive: break
            case .longer: factor = Double.random(in: 1...1.5, using: &generator)
            case .shorter: factor = Double.random(in: 0.5...1, using: &generator)
            case .mixed:
                factor = Double.random(in: 0.6...1.4, using: &generator)
                if generator.chance(0.15) { return }
            }
        }
        let bytesPerS = board.memoryBytesPerS[device]
        let loadS = layers.reduce(0.0) { $0 + Double(model.weightBytes[$1]) } / bytesPerS
        var seconds = layers.reduce(0.0) { $0 + model.flop[$1] } / board.flops[mode]
        // Between layers of one step, what the move to oneself would take.
        seconds += layers.dropLast().reduce(0.0) { $0 + Double(model.outputBytes[$1]) } / bytesPerS
        if knobs.preloading == .off { seconds += loadS }
        seconds *= factor
        var figures = figures(device: device, seconds: seconds, joules: seconds * board.activeW[mode], board)
        for (quantity, owner) in wasteDevices where owner == device {
            figures[quantity] = Double(program.maximumStepLength - length)
        }
        program.setStep(first: first, length: length, mode: mode, figures, load: seconds)
        if knobs.preloading == .sound {
            let step = program.stepIndex(first: first, length: length, mode: mode)
            program.hiddenLoads?.loadS[step] = loadS
        }
    }

    private func addMove(
        _ program: inout ChainProgram, _ boundary: Int, _ from: Int, _ to: Int, _ knobs: RandomChainProgram,
        _ model: ModelDraw, _ board: BoardDraw
    ) {
        let sender = board.modes[from].device
        let receiver = board.modes[to].device
        guard from == to || sender != receiver else { return }
        let bytes = Double(model.outputBytes[boundary - 1])
        if from == to {
            var seconds = bytes / board.memoryBytesPerS[sender]
            if knobs.preloading == .published {
                seconds += Double(model.weightBytes[boundary]) / board.memoryBytesPerS[sender]
            }
            program.setMove(
                boundary: boundary, from: from, to: to,
                figures(device: sender, seconds: seconds, joules: seconds * board.activeW[from], board),
                load: seconds)
            return
        }
        guard let rate = board.linkBytesPerS[sender * knobs.devices + receiver] else { return }
        let seconds = bytes / rate
        var figures = figures(device: sender, seconds: seconds, joules: seconds * board.radioW, board)
        for (quantity, owner) in entryDevices where owner == receiver { figures[quantity] = 1 }
        program.setMove(boundary: boundary, from: from, to: to, figures, load: seconds)
    }
}
