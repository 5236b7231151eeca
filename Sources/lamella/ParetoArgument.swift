import ArgumentParser
import Costs

/// Two objectives as `--pareto` takes them: `latency,energy`.
struct ParetoArgument {
    let horizontal: Objective
    let vertical: Objective

    /// - Throws: what can be written.
    init(_ text: String) throws {
        let parts = text.split(separator: "," as Character, omittingEmptySubsequences: false)
        guard parts.count == 2, let first = Objective(rawValue: String(parts[0])),
            let second = Objective(rawValue: String(parts[1])), first != second
        else {
            throw ValidationError(
                "give two different ones of \(Objective.allCases.map(\.rawValue).joined(separator: ", ")), as "
                    + "latency,energy")
        }
        horizontal = first
        vertical = second
    }

    func contains(_ objective: Objective) -> Bool { horizontal == objective || vertical == objective }
}
