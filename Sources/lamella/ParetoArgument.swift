import ArgumentParser
import Costs

/// Two objectives as `--pareto` takes them: `latency,energy`.
struct ParetoArgument: ExpressibleByArgument {
    let horizontal: Objective
    let vertical: Objective

    init?(argument: String) {
        let parts = argument.split(separator: "," as Character, omittingEmptySubsequences: false)
        guard parts.count == 2, let first = Objective(rawValue: String(parts[0])),
            let second = Objective(rawValue: String(parts[1])), first != second
        else { return nil }
        horizontal = first
        vertical = second
    }

    func contains(_ objective: Objective) -> Bool { horizontal == objective || vertical == objective }
}
