/// Looks at every schedule of a small `ChainProgram`: the judge of the solvers that are quick.
///
/// A beginning of a schedule is given up only where a figure that never falls (a sum of steps and moves, the weights on
/// a device) is above its limit already, or its objective is no better than a schedule that is known.
public struct ChainBruteForce: Sendable {
    /// Ways through the layers and modes that are looked at, at most; a larger program gives `.unknown`.
    ///
    /// Ways with two modes of one device count too, although they are no schedules.
    public static let maximumWayCount = 1e8

    /// The tolerance of `ChainProgram.isFeasible`.
    private static let limitTolerance = 1e-9

    public init() {}

    public func solve(_ program: ChainProgram) -> ChainOutcome {
        guard Self.wayCount(program) <= Self.maximumWayCount else { return .unknown }
        var search = Search(program)
        search.visit(layer: 0, previous: nil, sums: [Double](repeating: 0, count: program.quantityCount))
        guard let best = search.best else { return .infeasible }
        return .found(best, bound: search.bestObjective)
    }

    /// Ways through the layers and modes by allowed steps and moves.
    public static func wayCount(_ program: ChainProgram) -> Double {
        // ways[boundary][mode]: to the boundary, with the last step in the mode.
        var ways = [[Double]](
            repeating: [Double](repeating: 0, count: program.modeCount), count: program.layerCount + 1)
        for first in 0..<program.layerCount {
            for mode in program.modes.indices {
                var arriving = first == 0 ? 1.0 : 0
                if first > 0 {
                    for from in program.modes.indices
                    where program.moveIsAllowed(program.moveIndex(boundary: first, from: from, to: mode)) {
                        arriving += ways[first][from]
                    }
                }
                for length in 1...min(program.maximumStepLength, program.layerCount - first)
                where program.stepIsAllowed(program.stepIndex(first: first, length: length, mode: mode)) {
                    ways[first + length][mode] += arriving
                }
            }
        }
        return ways[program.layerCount].reduce(0, +)
    }

    private struct Search {
        let program: ChainProgram
        var steps: [ChainSchedule.Step] = []
        var modeOf: [Int?]
        var weightBytes: [Int]
        var best: ChainSchedule?
        var bestObjective = Double.infinity

        init(_ program: ChainProgram) {
            self.program = program
            modeOf = [Int?](repeating: nil, count: program.deviceCount)
            weightBytes = [Int](repeating: 0, count: program.deviceCount)
        }

        /// - Parameter sums: steps and moves so far, added in the order of `totals`, which can only end above.
        mutating func visit(layer: Int, previous: Int?, sums: [Double]) {
            guard layer < program.layerCount else {
                judge()
                return
            }
            for mode in program.modes.indices {
                let device = program.modes[mode].device
                guard modeOf[device] ?? mode == mode else { continue }
                var arrived = sums
                if let previous {
                    let move = program.moveIndex(boundary: layer, from: previous, to: mode)
                    guard program.moveIsAllowed(move) else { continue }
                    for quantity in arrived.indices {
                        arrived[quantity] += program.moves[move * program.quantityCount + quantity]
                    }
                }
                let modeBefore = modeOf[device]
                let bytesBefore = weightBytes[device]
                modeOf[device] = mode
                for length in 1...min(program.maximumStepLength, program.layerCount - layer) {
                    weightBytes[device] += program.weightBytes[layer + length - 1]
                    guard weightBytes[device] <= program.capacityBytes[device] else { break }
                    let step = program.stepIndex(first: layer, length: length, mode: mode)
                    guard program.stepIsAllowed(step) else { continue }
                    var ended = arrived
                    for quantity in ended.indices {
                        ended[quantity] += program.steps[step * program.quantityCount + quantity]
                    }
                    guard mayKeepLimits(ended) else { continue }
                    steps.append(ChainSchedule.Step(first: layer, length: length, mode: mode))
                    visit(layer: layer + length, previous: mode, sums: ended)
                    steps.removeLast()
                }
                modeOf[device] = modeBefore
                weightBytes[device] = bytesBefore
            }
        }

        private func mayKeepLimits(_ sums: [Double]) -> Bool {
            guard sums[0] < bestObjective else { return false }
            for (quantity, sum) in zip(program.quantities, sums).dropFirst()
            where sum > quantity.limit + ChainBruteForce.limitTolerance * abs(quantity.limit) { return false }
            return true
        }

        private mutating func judge() {
            let schedule = ChainSchedule(steps)
            guard let objective = program.totals(schedule)?.objective, objective < bestObjective,
                program.isFeasible(schedule)
            else { return }
            best = schedule
            bestObjective = objective
        }
    }
}
