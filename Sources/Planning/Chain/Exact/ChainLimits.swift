/// The limits of a `ChainProgram`, apart from it, so that the same program can be solved with some of them lifted.
struct ChainLimits: Sendable {
    /// Relative difference that counts as rounding where a schedule is accepted, as in `ChainProgram.isFeasible`.
    static let tolerance = 1e-9
    /// The same where the search drops what cannot become feasible: wider, so that rounding never drops too much.
    static let searchTolerance = 1.5e-9

    /// By quantity; the objective's is never looked at.
    var quantities: [Double]
    var capacityBytes: [Int]
    /// Limit of the bottleneck; infinite where there is none.
    var bottleneck: Double

    init(_ program: ChainProgram) {
        quantities = program.quantities.map(\.limit)
        quantities[0] = .infinity
        capacityBytes = program.capacityBytes
        bottleneck = if case .bottleneck(let limit) = program.shared { limit } else { .infinity }
    }

    /// The limit and what counts as rounding above it.
    static func relaxed(_ limit: Double) -> Double { limit + searchTolerance * abs(limit) }

    private static func isKept(_ value: Double, _ limit: Double) -> Bool { value <= limit + tolerance * abs(limit) }

    /// The objective of a schedule, or nil where it is none or breaks a limit.
    func objective(of schedule: ChainSchedule, in program: ChainProgram) -> Double? {
        guard let totals = program.totals(schedule) else { return nil }
        for quantity in quantities.indices.dropFirst()
        where !Self.isKept(totals.quantities[quantity], quantities[quantity]) { return nil }
        if case .bottleneck = program.shared, !Self.isKept(totals.shared, bottleneck) { return nil }
        let bytes = program.memoryBytes(schedule)
        for device in bytes.indices where bytes[device] > capacityBytes[device] { return nil }
        return totals.objective
    }
}
