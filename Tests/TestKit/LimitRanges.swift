import Costs
import Planning

/// Where a limit of a program means something: between the least of a figure and what the cheapest schedule has.
///
/// Both are those of the best ways for some choices of one mode for each device, memory and waiting left aside.
struct LimitRanges {
    private var least: [Double]
    private var ofCheapest: [Double]
    private var leastBottleneck = Double.infinity
    private var bottleneckOfCheapest = 0.0

    init(_ program: ChainProgram, _ generator: inout SeededGenerator) {
        least = [Double](repeating: .infinity, count: program.quantityCount)
        ofCheapest = [Double](repeating: 0, count: program.quantityCount)
        var cheapest = Double.infinity
        for _ in 0..<8 {
            let chosen = (0..<program.deviceCount).map { device in
                let modes = program.modes.indices.filter { program.modes[$0].device == device }
                return modes.randomElement(using: &generator)
            }
            for quantity in program.quantities.indices {
                let way = Self.shortest(program, quantity: quantity, chosen: chosen)
                guard let way, let totals = program.totals(way) else { continue }
                least[quantity] = min(least[quantity], totals.quantities[quantity])
                leastBottleneck = min(leastBottleneck, totals.shared)
                if quantity == 0, totals.objective < cheapest {
                    cheapest = totals.objective
                    ofCheapest = totals.quantities
                    bottleneckOfCheapest = totals.shared
                }
            }
        }
        for _ in 0..<100 {
            let way = Self.random(program, &generator)
            if let way, let totals = program.totals(way) { leastBottleneck = min(leastBottleneck, totals.shared) }
        }
    }

    /// The figure at a share of the way from the least (0) to that of the cheapest schedule (1).
    func point(_ share: Double, quantity: Int) -> Double {
        guard least[quantity].isFinite else { return 1 }
        return least[quantity] + share * max(ofCheapest[quantity] - least[quantity], 0.2 * least[quantity])
    }

    func bottleneckPoint(_ share: Double) -> Double {
        guard leastBottleneck.isFinite else { return 1 }
        return leastBottleneck + share * max(bottleneckOfCheapest - leastBottleneck, 0.2 * leastBottleneck)
    }

    /// The way of least sum of a quantity over steps and moves; each device in its chosen mode.
    private static func shortest(_ program: ChainProgram, quantity: Int, chosen: [Int?]) -> ChainSchedule? {
        let modes = chosen.compactMap { $0 }
        var best = [[Double]](
            repeating: [Double](repeating: .infinity, count: program.modeCount), count: program.layerCount + 1)
        var lastStep = [[(length: Int, from: Int?)?]](
            repeating: [(length: Int, from: Int?)?](repeating: nil, count: program.modeCount),
            count: program.layerCount + 1)
        for first in 0..<program.layerCount {
            for mode in modes {
                var arrived = first == 0 ? 0.0 : .infinity
                var origin: Int?
                if first > 0 {
                    for from in modes where best[first][from].isFinite {
                        let move = program.moveIndex(boundary: first, from: from, to: mode)
                        guard program.moveIsAllowed(move) else { continue }
                        let sum = best[first][from] + program.moves[move * program.quantityCount + quantity]
                        if sum < arrived { (arrived, origin) = (sum, from) }
                    }
                }
                guard arrived.isFinite else { continue }
                for length in 1...min(program.maximumStepLength, program.layerCount - first) {
                    let step = program.stepIndex(first: first, length: length, mode: mode)
                    guard program.stepIsAllowed(step) else { continue }
                    let sum = arrived + program.steps[step * program.quantityCount + quantity]
                    if sum < best[first + length][mode] {
                        best[first + length][mode] = sum
                        lastStep[first + length][mode] = (length, origin)
                    }
                }
            }
        }
        var steps: [ChainSchedule.Step] = []
        var boundary = program.layerCount
        var mode = modes.min { best[boundary][$0] < best[boundary][$1] }
        while boundary > 0 {
            guard let current = mode, let step = lastStep[boundary][current] else { return nil }
            boundary -= step.length
            steps.append(ChainSchedule.Step(first: boundary, length: step.length, mode: current))
            mode = step.from
        }
        return ChainSchedule(steps.reversed())
    }

    /// Runs of random lengths on random devices, in steps as long as may be.
    private static func random(_ program: ChainProgram, _ generator: inout SeededGenerator) -> ChainSchedule? {
        var steps: [ChainSchedule.Step] = []
        var first = 0
        var mode = program.modes.indices.randomElement(using: &generator)
        let stay = Double.random(in: 0...1, using: &generator)
        while first < program.layerCount {
            guard let current = mode else { return nil }
            let longest = min(program.maximumStepLength, program.layerCount - first)
            let length = Int.random(in: 1...longest, using: &generator)
            steps.append(ChainSchedule.Step(first: first, length: length, mode: current))
            first += length
            if generator.chance(1 - stay) { mode = program.modes.indices.randomElement(using: &generator) }
        }
        return ChainSchedule(steps)
    }
}
