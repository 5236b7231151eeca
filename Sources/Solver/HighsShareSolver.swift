import Planning
import SharingPlans

/// Solves linear programs of shares with HiGHS.
///
/// Blocks until done: never on the cooperative pool.
public struct HighsShareSolver: ShareSolving {
    /// Longest for a bound.
    private static let longestS = 60.0
    private let timeLimitS: Double

    /// - Parameter timeLimitS: for each program whose solution is asked for; shares are a beginning, and a slow program
    ///   is not worth its wait.
    public init(timeLimitS: Double = 1) { self.timeLimitS = timeLimitS }

    public func least(
        of program: LinearProgram, within timeS: Double
    ) throws(PlanningError) -> LinearProgram.Solution? {
        switch try solve(program, within: min(timeS, timeLimitS)) {
        case .optimal(let solution), .stopped(let solution): solution
        case .infeasible, .nothingFound: nil
        }
    }

    public func bound(of program: LinearProgram, within timeS: Double) throws(PlanningError) -> Double? {
        switch try solve(program, within: timeS) {
        case .optimal(let solution): solution.objective
        case .infeasible: .infinity
        case .stopped, .nothingFound: nil
        }
    }

    private func solve(
        _ program: LinearProgram, within timeS: Double
    ) throws(PlanningError) -> HighsSolver.Result {
        guard timeS > 0 else { return .nothingFound }
        return try HighsSolver(timeLimitS: min(timeS, Self.longestS), tolerance: 1e-7).solve(program)
    }
}
