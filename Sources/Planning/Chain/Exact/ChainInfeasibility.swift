/// Why a `ChainProgram` has no schedule: the limits that stand against each other.
///
/// An irreducible set of conflicting limits is found by a deletion filter (Chinneck, Dravnieks: "Locating minimal
/// infeasible constraint sets in linear programs", ORSA Journal on Computing 3, 1991): a limit without which the others
/// still conflict is left out.
public struct ChainInfeasibility: Sendable, Equatable {
    public enum Limit: Sendable, Hashable {
        /// The limit of a quantity, by its index.
        case quantity(Int)
        /// The memory of a device.
        case memory(device: Int)
        /// The limit of the largest load.
        case bottleneck
    }

    /// Limits each of which alone stands in the way: without any one of them there is a schedule.
    public var alone: [Limit]
    /// Where none does so alone, limits that conflict, all of which are needed for that. With `alone` empty and this
    /// empty too, no schedule exists even without limits: steps and moves leave no way.
    public var conflict: [Limit]
    /// False where a budget ended first: then there may be more in `alone`, and less in `conflict`.
    public var isProved: Bool

    /// Nil where the program has a schedule.
    ///
    /// - Parameter budget: for each of the searches, as many as twice the number of limits.
    public init?(_ program: ChainProgram, budget: ChainSolver.Budget = .init()) {
        let all = Self.limits(of: program)
        alone = []
        conflict = []
        isProved = true
        switch Self.isFeasible(program, without: [], budget) {
        case true?: return nil
        case nil: isProved = false
        case false?: break
        }
        switch Self.isFeasible(program, without: Set(all), budget) {
        case false?: return
        case nil: isProved = false
        case true?: break
        }
        for limit in all {
            switch Self.isFeasible(program, without: [limit], budget) {
            case true?: alone.append(limit)
            case nil: isProved = false
            case false?: break
            }
        }
        guard alone.isEmpty else { return }
        var needless: Set<Limit> = []
        for limit in all {
            switch Self.isFeasible(program, without: needless.union([limit]), budget) {
            case false?: needless.insert(limit)
            case nil: isProved = false
            case true?: break
            }
        }
        conflict = all.filter { !needless.contains($0) }
    }

    /// Every limit that can bind: quantities first, then memories, then the bottleneck.
    private static func limits(of program: ChainProgram) -> [Limit] {
        var all: [Limit] = []
        for index in program.quantities.indices.dropFirst() where program.quantities[index].limit < .infinity {
            all.append(.quantity(index))
        }
        let bytes = program.weightBytes.reduce(0, +) + (program.workingPeakBytes.max() ?? 0)
        for device in 0..<program.deviceCount where program.capacityBytes[device] < bytes {
            all.append(.memory(device: device))
        }
        if case .bottleneck(let limit) = program.shared, limit < .infinity { all.append(.bottleneck) }
        return all
    }

    /// Is there a schedule without some of the limits? Nil where the budget ends first.
    private static func isFeasible(
        _ program: ChainProgram, without lifted: Set<Limit>, _ budget: ChainSolver.Budget
    ) -> Bool? {
        var limits = ChainLimits(program)
        for limit in lifted {
            switch limit {
            case .quantity(let index): limits.quantities[index] = .infinity
            // Room for everything, and far from overflow.
            case .memory(let device): limits.capacityBytes[device] = .max / 8
            case .bottleneck: limits.bottleneck = .infinity
            }
        }
        final class Found { var isSet = false }
        let found = Found()
        var untilFound = budget
        untilFound.shouldStop = { found.isSet || budget.shouldStop() }
        let outcome = ChainSolver.solve(program, limits: limits, start: nil, budget: untilFound) { _, _ in
            found.isSet = true
        }
        switch outcome {
        case .found: return true
        case .infeasible: return false
        case .unknown: return nil
        }
    }
}
