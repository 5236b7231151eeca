/// A `ChainProgram` as an integer program: the models of the dissertation's chapters 5, 6, 7, 8 and 9 in one flow form.
///
/// `y[first,length,mode]` is 1 where a step is taken, `z[boundary,from,to]` where a move is. At every boundary
///
///     sum of y that end in a mode    = sum over to of z[boundary,mode,to]
///     sum of y that start in a mode  = sum over from of z[boundary,from,mode]
///
/// so that the relaxation without limits is a shortest path and integral; the products of the text (equations 5.5, 7.4
/// and 8.3) are not. `x[layer,mode]` says which mode covers a layer; `used[device]` is held from below by it, and
/// `chosen[mode]` adds up to `used`: one mode for each device (equation 8.2).
///
/// Memory as in `BaseIntegerProgram`: `sum of weights * x + A[device] <= capacity`, `A[device] >= peak[layer] * x`.
///
/// The figure `S` is a column, held from below by what it is the largest or the sum of. `hold[device]` stands for
/// `S * used[device]`; prices are never negative, so that it needs to be held from below only.
///
/// Every quantity is scaled by a power of two of its own, so that a solver's absolute tolerances mean the same for
/// seconds, joules and bytes.
public struct ChainIntegerProgram: Sendable {
    public private(set) var linear: LinearProgram
    /// What the linear program's objective is to be multiplied with to get that of the chain program.
    public let objectivePerUnit: Double

    /// Column of each step by its index; nil where it cannot be taken.
    private let stepColumns: [Int?]
    private let program: ChainProgram
    private var repairCount = 0

    public init(_ program: ChainProgram) {
        var builder = ChainIntegerBuilder(program)
        builder.build()
        self.program = program
        linear = builder.linear
        objectivePerUnit = builder.units[0]
        stepColumns = builder.stepColumns
    }

    /// The schedule that a solution's `y` columns name; nil where they name none.
    public func schedule(of solution: LinearProgram.Solution) -> ChainSchedule? {
        var steps: [ChainSchedule.Step] = []
        var first = 0
        while first < program.layerCount {
            var best: ChainSchedule.Step?
            // Rounding leaves a step that is taken near 1.
            var bestValue = 0.5
            for length in 1...min(program.maximumStepLength, program.layerCount - first) {
                for mode in program.modes.indices {
                    let step = program.stepIndex(first: first, length: length, mode: mode)
                    guard let column = stepColumns[step], solution.values[column] > bestValue else { continue }
                    bestValue = solution.values[column]
                    best = ChainSchedule.Step(first: first, length: length, mode: mode)
                }
            }
            guard let best else { return nil }
            steps.append(best)
            first += best.length
        }
        return ChainSchedule(steps)
    }

    /// The program without this one schedule.
    ///
    /// For a solver whose tolerance let it through although it breaks a limit.
    public func forbidding(_ schedule: ChainSchedule) -> ChainIntegerProgram {
        var copy = self
        let columns = schedule.steps.compactMap {
            stepColumns[program.stepIndex(first: $0.first, length: $0.length, mode: $0.mode)]
        }
        copy.linear.addRow(
            "forbidden[\(repairCount)]", upper: Double(columns.count - 1),
            columns.map { (column: $0, coefficient: 1) })
        copy.repairCount += 1
        return copy
    }
}
