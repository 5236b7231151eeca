import Costs

extension Infeasibility {
    /// Says which limit stops a problem: the one without which there would be a plan, or those that do so together.
    ///
    /// `solver` is asked once for each limit; one that cannot say counts as no answer.
    static func sentence(_ problem: Problem, built: ProblemProgram, solver: any ChainProgramSolving) -> String {
        if let sentence = structural(problem, built.table) { return sentence }
        let program = built.program
        func isFeasible(_ program: ChainProgram) -> Bool {
            if case .found? = try? solver.outcome(of: program) { true } else { false }
        }
        var withoutMemory = program
        withoutMemory.dropMemoryLimits()
        let memoryHelps = isFeasible(withoutMemory)
        var helpful: [String] = []
        for limit in program.limits {
            var relaxed = program
            relaxed.drop(limit)
            if isFeasible(relaxed) { helpful.append(limit.text(in: program)) }
        }
        if memoryHelps, helpful.isEmpty {
            guard program.limits.isEmpty else {
                return "\(problem.model): no plan fits the memories and keeps the limits at once; "
                    + bytesMissing(problem, built.table)
            }
            return bytesMissing(problem, built.table)
        }
        if !helpful.isEmpty {
            let one = helpful.count == 1
            return
                "\(problem.model): no plan keeps \(helpful.joined(separator: " or ")) together with all else that is "
                + "asked; without \(one ? "that limit" : "any one of these limits") there is one: loosen it"
        }
        let names = program.limits.map { $0.text(in: program) }
        return "\(problem.model): no plan keeps all that is asked, and dropping any single limit does not help: "
            + (names.isEmpty ? "the memories, pins and links" : names.joined(separator: ", ")) + "; loosen several"
    }
}

extension ChainProgram {
    /// One thing that a plan must keep.
    enum Limit: Sendable, Equatable {
        case quantity(Int)
        case cycle

        func text(in program: ChainProgram) -> String {
            switch self {
            case .quantity(let index): "\(program.quantities[index].name) <= \(program.quantities[index].limit)"
            case .cycle:
                if case .bottleneck(let limit) = program.shared { "cycle in s <= \(limit)" } else { "cycle" }
            }
        }
    }

    /// Every finite limit besides memory.
    var limits: [Limit] {
        var found = quantities.indices.dropFirst().filter { quantities[$0].limit.isFinite }.map { Limit.quantity($0) }
        if case .bottleneck(let limit) = shared, limit.isFinite { found.append(.cycle) }
        return found
    }

    mutating func drop(_ limit: Limit) {
        switch limit {
        case .quantity(let index): quantities[index].limit = .infinity
        case .cycle: shared = .bottleneck(limit: .infinity)
        }
    }

    mutating func dropMemoryLimits() {
        for device in capacityBytes.indices { capacityBytes[device] = Int.max / 4 }
    }
}
