import Costs
import ModelGraph
import Planning
import Sharing
import SharingPlans

/// Plans that leave boards idle. One that has hardly any memory, or a limit of its own, may be in the way of a search
/// that begins by giving every device a part.
extension SharedSolution {
    /// Boards without which somebody asks again, one after the other, at most.
    static let triesMost = 4

    /// Asks a system for a plan, and `unified` again without devices that may be in the way; the best of the plans,
    /// each priced among all devices.
    ///
    /// It asks again only while more of the budget's time is left than the first plan took. Parameters and errors are
    /// those of ``init(_:_:layers:by:options:chain:clock:)``; where no plan is found, the first error says why.
    public static func best(
        _ problem: Problem, _ graph: ModelGraph, layers: [GraphLayer], by system: SharingSystem,
        options: SharingOptions = SharingOptions(), chain: Plan? = nil, clock: () -> Duration = { .zero }
    ) throws(PlanningError) -> SharedSolution {
        let start = clock()
        let first = options.budget.now()
        var best: Result<SharedSolution, PlanningError>
        do {
            best = .success(
                try SharedSolution(
                    problem, graph, layers: layers, by: system, options: options, chain: chain, clock: clock))
        } catch { best = .failure(error) }
        let bound = (try? best.get())?.plan.bound
        guard system == .unified, let asked = try? SharedProblem(problem) else { return try best.get() }
        let askedS = (options.budget.now() - first).inSeconds
        var left: [InputSource] = []
        var current = problem
        // Of several devices on one board the others shall not take the place of who is left out.
        for device in problem.devices where !asked.devices.contains(where: { $0.id == device.id }) {
            current = current.without(device.id)
        }
        for device in mayBeInTheWay(asked).prefix(triesMost) {
            var budget = options
            if let timeS = options.budget.timeS {
                let leftS = timeS - (options.budget.now() - first).inSeconds
                guard leftS > askedS else { break }
                budget.budget.timeS = leftS
            }
            let fewer = current.without(device)
            guard
                let found = try? SharedSolution(
                    fewer, graph, layers: layers, by: system, options: budget, chain: chain, clock: clock),
                let among = try? found.among(problem, graph, layers),
                among.plan.value ?? .infinity < (try? best.get())?.plan.value ?? .infinity
            else { continue }
            best = .success(among)
            current = fewer
            left.append(InputSource(figure: "device \(device)", source: "left out: without it the plan is better"))
        }
        let found = try best.get()
        var plan = found.plan
        plan.inputs += left
        plan.solveS = (clock() - start).inSeconds
        // Both bounds are of the same question.
        plan.bound = [plan.bound, bound].compactMap(\.self).max().map { min($0, plan.value ?? $0) }
        plan.gap = plan.bound.flatMap { bound in plan.value.map { $0 > 0 ? ($0 - bound) / $0 : 0 } }
        return found.with(plan)
    }

    /// The same assignment and clocks where there are further devices, which stay idle.
    ///
    /// - Throws: where it breaks a limit there.
    private func among(
        _ everyone: Problem, _ model: ModelGraph, _ layers: [GraphLayer]
    ) throws(PlanningError) -> SharedSolution? {
        let asked = try SharedProblem(everyone)
        let shared = asked.sharedGraph(model, layers: layers)
        guard let layouts = asked.layouts(of: plan, shared, layers: layers),
            let priced = try? asked.priced(asked.cluster.assignment(layouts)).at(asked.clocks(of: plan)),
            let same = try? SharingPlan(found.system, layouts, refusals: found.refusals, shared, priced.cluster)
        else { return nil }
        return try SharedSolution(same, in: priced, shared, layers)
    }

    /// Devices without which a plan may be better, the likeliest first; never the source or the destination.
    private static func mayBeInTheWay(_ asked: SharedProblem) -> [DeviceID] {
        let problem = asked.problem
        let memories = asked.devices.map(\.memoryBytes).sorted()
        let ends = [problem.source, problem.destination]
        let limited = Set(problem.constraints.maximumEnergy.map(\.device))
        let isAnyone = usesChain(problem)
        return asked.devices.filter { device in
            !ends.contains(device.id) && (isAnyone || device.memoryBytes < memories[memories.count / 2] / 2)
        }.sorted { first, second in
            let (one, other) = (limited.contains(first.id), limited.contains(second.id))
            return one != other ? one : (first.memoryBytes, first.flops) < (second.memoryBytes, second.flops)
        }.map(\.id)
    }
}

extension Problem {
    /// The same as if a device, neither source nor destination, were not there.
    fileprivate func without(_ device: DeviceID) -> Problem {
        var problem = self
        problem.devices.removeAll { $0.id == device }
        problem.links.removeAll { $0.between.contains(device) }
        problem.pins.removeAll { $0.device == device }
        problem.bundles.removeAll { $0.device == device }
        problem.constraints.maximumEnergy.removeAll { $0.device == device }
        problem.sharedPaces?.removeAll { $0.device == device }
        if problem.sharedPaces?.isEmpty == true { problem.sharedPaces = nil }
        return problem
    }
}
