import Costs

extension Infeasibility {
    /// Says which limits stop a problem: one without which there would be a plan, or several that conflict.
    static func sentence(_ problem: Problem, built: ProblemProgram) -> String {
        if let sentence = structural(problem, built.table) { return sentence }
        let program = built.program
        guard let reason = ChainInfeasibility(program) else {
            return "\(problem.model): no plan was found, though one exists; give the planner more time"
        }
        let isMemory = { (limit: ChainInfeasibility.Limit) in if case .memory = limit { true } else { false } }
        let involved = reason.alone.isEmpty ? reason.conflict : reason.alone
        guard !involved.allSatisfy(isMemory) else { return bytesMissing(problem, built.table) }
        let names = involved.map { text($0, problem, program) }
        if !reason.alone.isEmpty {
            return "\(problem.model): no plan keeps \(names.joined(separator: ", or ")) together with all else that is "
                + "asked; without \(names.count == 1 ? "that limit" : "any one of these") there is one: loosen it"
        }
        return "\(problem.model): no plan keeps these limits at once: \(names.joined(separator: "; ")); loosen several"
    }

    private static func text(
        _ limit: ChainInfeasibility.Limit, _ problem: Problem, _ program: ChainProgram
    ) -> String {
        switch limit {
        case .quantity(let index): return "\(program.quantities[index].name) <= \(program.quantities[index].limit)"
        case .memory(let device):
            return "the memory of \(problem.devices[device].id) (\(problem.devices[device].memoryBytes) bytes)"
        case .bottleneck:
            guard case .bottleneck(let limit) = program.shared else { return "the cycle" }
            return "the cycle in s <= \(limit)"
        }
    }
}
