import CHighs
import Planning

/// Solves linear and integer programs with HiGHS: silent, on one thread, to a gap of zero.
///
/// Blocks until done: never on the cooperative pool. Several may run at once in one process.
public struct HighsSolver: Sendable {
    public enum Result: Sendable, Equatable {
        case optimal(LinearProgram.Solution)
        /// The time was up; the best solution so far with its bound.
        case stopped(LinearProgram.Solution)
        case infeasible
        /// The time was up before any solution was found.
        case nothingFound
    }

    /// Longest time for one solve.
    public var timeLimitS: Double

    /// What rows, integers and reduced costs may be off, in the units of the program.
    public var tolerance: Double

    public init(timeLimitS: Double = 60, tolerance: Double = 1e-9) {
        self.timeLimitS = timeLimitS
        self.tolerance = tolerance
    }

    /// - Throws: `PlanningError.solver` where the library is missing or fails.
    public func solve(_ program: LinearProgram) throws(PlanningError) -> Result {
        let library: HighsLibrary
        switch HighsLibrary.shared {
        case .success(let opened): library = opened
        case .failure(let error): throw .solver("\(HighsLibrary.fileName): \(error)")
        }
        guard let highs = library.create() else { throw .solver("HiGHS gave no solver; is memory short?") }
        defer { library.destroy(highs) }
        guard library.sizeofInt(highs) == MemoryLayout<CInt>.size else {
            throw .solver("this HiGHS was built with 64-bit integers; run `make setup` for one with 32-bit integers")
        }
        try configure(library, highs)
        try pass(program, library, highs)
        guard library.run(highs) != LAMELLA_HIGHS_STATUS_ERROR.rawCInt else {
            throw .solver(
                "HiGHS failed on a program of \(program.columns.count) columns and \(program.rows.count) rows")
        }
        return try outcome(program, library, highs)
    }

    private func configure(_ library: HighsLibrary, _ highs: UnsafeMutableRawPointer) throws(PlanningError) {
        var accepted = [
            library.setBoolOption(highs, "output_flag", 0), library.setIntOption(highs, "threads", 1),
            library.setIntOption(highs, "random_seed", 0),
            library.setDoubleOption(highs, "time_limit", timeLimitS),
        ]
        for (option, value) in [
            ("mip_rel_gap", 0.0), ("mip_abs_gap", 0), ("mip_feasibility_tolerance", tolerance),
            ("primal_feasibility_tolerance", tolerance), ("dual_feasibility_tolerance", tolerance),
        ] {
            accepted.append(library.setDoubleOption(highs, option, value))
        }
        guard accepted.allSatisfy({ $0 != LAMELLA_HIGHS_STATUS_ERROR.rawCInt }) else {
            throw .solver("HiGHS does not know an option that is set here; run `make setup` for the expected version")
        }
    }

    private func pass(
        _ program: LinearProgram, _ library: HighsLibrary, _ highs: UnsafeMutableRawPointer
    ) throws(PlanningError) {
        var starts: [CInt] = []
        var indices: [CInt] = []
        var values: [Double] = []
        for row in program.rows {
            starts.append(CInt(indices.count))
            for term in row.terms {
                indices.append(CInt(term.column))
                values.append(term.coefficient)
            }
        }
        let integrality = program.columns.map {
            $0.isInteger ? LAMELLA_HIGHS_VARIABLE_INTEGER.rawCInt : LAMELLA_HIGHS_VARIABLE_CONTINUOUS.rawCInt
        }
        let status = library.passMip(
            highs, CInt(program.columns.count), CInt(program.rows.count), CInt(indices.count),
            LAMELLA_HIGHS_MATRIX_ROWWISE.rawCInt, LAMELLA_HIGHS_SENSE_MINIMIZE.rawCInt, 0,
            program.columns.map(\.cost), program.columns.map(\.lower), program.columns.map(\.upper),
            program.rows.map(\.lower), program.rows.map(\.upper), starts, indices, values, integrality)
        guard status != LAMELLA_HIGHS_STATUS_ERROR.rawCInt else {
            throw .solver(
                "HiGHS refused a program of \(program.columns.count) columns and \(program.rows.count) rows")
        }
    }

    private func outcome(
        _ program: LinearProgram, _ library: HighsLibrary, _ highs: UnsafeMutableRawPointer
    ) throws(PlanningError) -> Result {
        let status = library.getModelStatus(highs)
        switch status {
        case LAMELLA_HIGHS_MODEL_INFEASIBLE.rawCInt, LAMELLA_HIGHS_MODEL_UNBOUNDED_OR_INFEASIBLE.rawCInt:
            return .infeasible
        case LAMELLA_HIGHS_MODEL_OPTIMAL.rawCInt, LAMELLA_HIGHS_MODEL_TIME_LIMIT.rawCInt: break
        default: throw .solver("HiGHS ended with model status \(status), which means neither solved nor infeasible")
        }
        var solutionStatus: CInt = 0
        _ = library.getIntInfo(highs, "primal_solution_status", &solutionStatus)
        guard solutionStatus == LAMELLA_HIGHS_SOLUTION_FEASIBLE.rawCInt else { return .nothingFound }
        var values = [Double](repeating: 0, count: program.columns.count)
        var columnDuals = values
        var rowValues = [Double](repeating: 0, count: program.rows.count)
        var rowDuals = rowValues
        _ = library.getSolution(highs, &values, &columnDuals, &rowValues, &rowDuals)
        let objective = library.getObjectiveValue(highs)
        var bound = -Double.infinity
        _ = library.getDoubleInfo(highs, "mip_dual_bound", &bound)
        // Without integer columns there is no such figure: an optimal linear program is its own bound.
        let isOptimal = status == LAMELLA_HIGHS_MODEL_OPTIMAL.rawCInt
        if isOptimal, !program.columns.contains(where: \.isInteger) { bound = objective }
        let solution = LinearProgram.Solution(values: values, objective: objective, bound: min(bound, objective))
        return isOptimal ? .optimal(solution) : .stopped(solution)
    }
}

extension RawRepresentable where RawValue: BinaryInteger {
    fileprivate var rawCInt: CInt { CInt(rawValue) }
}

extension BinaryInteger {
    fileprivate var rawCInt: CInt { CInt(self) }
}
