import Costs

/// For each run of the model's layers in a mode: the fewest measured bundles that cover it, and of those the cheapest:
/// of least energy where energy or carbon is made least, else the fastest.
///
/// Dissertation, chapter 7: a run longer than the largest bundle is split; a layer without a measurement stands alone
/// and is priced from its FLOP and bytes.
struct RunSplits: Sendable {
    private let layerCount: Int
    private let maximumSize: Int
    /// First layer of the last bundle of the run, flat by (mode, first, last); -1 outside the model.
    private let lastStart: [Int32]
    private let measured: [Bool]

    init(_ problem: Problem, table: CostTable, modes: [ChainProgram.Mode], maximumSize: Int) {
        let count = table.layerCount
        layerCount = count
        self.maximumSize = maximumSize
        var lastStart = [Int32](repeating: -1, count: modes.count * count * count)
        var measured = [Bool](repeating: false, count: lastStart.count)
        let countsEnergy = problem.objective == .energy || problem.objective == .carbon
        let isModel = problem.layers.map { $0.kind == .model }
        for (index, mode) in modes.enumerated() {
            let base = index * count * count
            let powerW = table.points[mode.device][mode.point].computePowerW ?? 0
            for first in 0..<count where isModel[first] {
                for last in first..<min(count, first + maximumSize) where isModel[last] {
                    measured[base + first * count + last] =
                        table.measured(first: first, last: last, device: mode.device, point: mode.point) != nil
                }
            }
            for first in 0..<count where isModel[first] {
                var best: [(pieces: Int, joule: Double, seconds: Double)] = [(0, 0, 0)]
                for last in first..<count where isModel[last] {
                    var choice = (pieces: Int.max, joule: Double.infinity, seconds: Double.infinity, start: last)
                    for start in max(first, last - maximumSize + 1)...last {
                        guard start == last || measured[base + start * count + last] else { continue }
                        let before = best[start - first]
                        var seconds = 0.0
                        if start > first {
                            seconds += table.transferS(after: start - 1, from: mode.device, to: mode.device)
                        }
                        var joule = powerW * seconds
                        if let figure = table.measured(
                            first: start, last: last, device: mode.device, point: mode.point)
                        {
                            seconds += figure.latencyS
                            joule += figure.energyJ ?? powerW * figure.latencyS
                        } else {
                            let aloneS =
                                table.computeS(layer: last, device: mode.device, point: mode.point)
                                + table.weightsS(layer: last, device: mode.device)
                            seconds += aloneS
                            joule += powerW * aloneS
                        }
                        seconds += before.seconds
                        joule = countsEnergy ? joule + before.joule : 0
                        if (before.pieces + 1, joule, seconds) < (choice.pieces, choice.joule, choice.seconds) {
                            choice = (before.pieces + 1, joule, seconds, start)
                        }
                    }
                    best.append((choice.pieces, choice.joule, choice.seconds))
                    lastStart[base + first * count + last] = Int32(choice.start)
                }
            }
        }
        self.lastStart = lastStart
        self.measured = measured
    }

    func isMeasured(_ layers: ClosedRange<Int>, mode: Int) -> Bool {
        measured[(mode * layerCount + layers.lowerBound) * layerCount + layers.upperBound]
    }

    /// In the order of the layers.
    func bundles(_ layers: ClosedRange<Int>, mode: Int) -> [ClosedRange<Int>] {
        var found: [ClosedRange<Int>] = []
        var last = layers.upperBound
        while last >= layers.lowerBound {
            let start = max(
                layers.lowerBound, Int(lastStart[(mode * layerCount + layers.lowerBound) * layerCount + last]))
            found.append(start...last)
            last = start - 1
        }
        return found.reversed()
    }
}
