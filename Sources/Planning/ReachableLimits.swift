import Costs

extension Infeasibility {
    /// Says how far a limit on latency, throughput or carbon is from what any plan reaches that keeps all else.
    ///
    /// Each such limit is dropped and its figure made least in a solve of its own: asked when a problem is known to
    /// have no plan.
    ///
    /// - Returns: nil where each of them alone can be kept, or none is asked for.
    public static func unreachable(_ problem: Problem, solver: any ChainProgramSolving) -> String? {
        let question = ChainQuestion(solver: solver)
        func least(_ objective: Objective, _ drop: (inout Problem) -> Void) -> Double? {
            var relaxed = problem
            drop(&relaxed)
            relaxed.objective = objective
            return (try? question.best(relaxed))?.value
        }
        func isOver(_ value: Double, _ limit: Double) -> Bool { value > limit * (1 + Limits.tolerance) }
        let limits = problem.constraints
        if let limit = limits.maximumLatencyS, let value = least(.latency, { $0.constraints.maximumLatencyS = nil }),
            isOver(value, limit)
        {
            return "\(problem.model): a latency of at most \(FigureText.seconds(limit)) is asked for, and the least of "
                + "any plan\(besides(problem)) is \(FigureText.seconds(value)); allow more"
        }
        let wanted = [limits.minimumThroughputPerS, problem.wantedThroughputPerS].compactMap(\.self).max()
        let cycle: Objective = problem.service == .continuous ? .throughput : .latency
        if let wanted,
            let value = least(
                cycle,
                {
                    $0.constraints.minimumThroughputPerS = nil
                    $0.wantedThroughputPerS = nil
                }), isOver(value, 1 / wanted)
        {
            return
                "\(problem.model): \(FigureText.number(wanted)) inferences per second are asked for, and the most of "
                + "any plan\(besides(problem)) is \(FigureText.number(1 / value)); ask for fewer"
        }
        if let limit = limits.maximumCarbonG, let value = least(.carbon, { $0.constraints.maximumCarbonG = nil }),
            isOver(value, limit)
        {
            return "\(problem.model): at most \(FigureText.gram(limit)) CO2 for an inference is asked for, and the "
                + "least of any plan\(besides(problem)) is \(FigureText.gram(value)); allow more"
        }
        return nil
    }

    /// Words for what is kept meanwhile, where that is more than memory.
    private static func besides(_ problem: Problem) -> String {
        let limits = problem.constraints
        let count =
            [limits.maximumLatencyS, limits.maximumCarbonG, limits.minimumThroughputPerS].count { $0 != nil }
            + limits.maximumEnergy.count + (limits.privateLayers.isEmpty ? 0 : 1)
            + (limits.maximumEntries == nil ? 0 : 1)
            + problem.pins.count { problem.layers[$0.layer].kind == .model }
        return count > 1 ? " that keeps all else" : ""
    }
}
