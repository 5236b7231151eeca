/// Least and greatest sums of a figure over the ways through a program, with limits and memory left aside.
///
/// Bounds for solvers: a schedule is a way, so its sum lies between the two. A way may use two modes of one device.
struct ChainSums {
    let least: Double
    let greatest: Double

    /// - Parameters:
    ///   - step: the figure of a step by its index.
    ///   - move: the figure of a move by its index.
    init(_ program: ChainProgram, step: (Int) -> Double, move: (Int) -> Double) {
        let modes = program.modes.indices
        var low = [Double](repeating: .infinity, count: (program.layerCount + 1) * modes.count)
        var high = low.map { -$0 }
        for first in 0..<program.layerCount {
            for mode in modes {
                var arrivedLow = first == 0 ? 0.0 : .infinity
                var arrivedHigh = first == 0 ? 0.0 : -.infinity
                if first > 0 {
                    for from in modes {
                        let index = program.moveIndex(boundary: first, from: from, to: mode)
                        guard program.moveIsAllowed(index) else { continue }
                        arrivedLow = min(arrivedLow, low[first * modes.count + from] + move(index))
                        arrivedHigh = max(arrivedHigh, high[first * modes.count + from] + move(index))
                    }
                }
                guard arrivedLow.isFinite else { continue }
                for length in 1...min(program.maximumStepLength, program.layerCount - first) {
                    let index = program.stepIndex(first: first, length: length, mode: mode)
                    guard program.stepIsAllowed(index) else { continue }
                    let end = (first + length) * modes.count + mode
                    low[end] = min(low[end], arrivedLow + step(index))
                    high[end] = max(high[end], arrivedHigh + step(index))
                }
            }
        }
        least = low.suffix(modes.count).min() ?? .infinity
        greatest = high.suffix(modes.count).max() ?? -.infinity
    }

    /// The sums of a quantity's steps and moves.
    init(_ program: ChainProgram, quantity: Int) {
        self.init(
            program, step: { program.steps[$0 * program.quantityCount + quantity] },
            move: { program.moves[$0 * program.quantityCount + quantity] })
    }

    /// The sums of the load of one device, or of all devices together.
    init(loadsOf device: Int?, _ program: ChainProgram) {
        let modeCount = program.modeCount
        self.init(
            program,
            step: { device == nil || program.modes[$0 % modeCount].device == device ? program.stepLoads[$0] : 0 },
            move: { index in
                let from = index / modeCount % modeCount
                return device == nil || program.modes[from].device == device ? program.moveLoads[index] : 0
            })
    }
}
