import Costs
import ModelGraph
import Planning
import SharingPlans

/// Plans that leave boards out. One that has hardly any memory, or a limit of its own, may be in the way of a system
/// that gives every device a part.
extension SharedSolution {
    /// Boards that are left out one after the other, at most.
    static let leftOutMost = 4

    /// Asks a system for a plan of all devices, and `unified` also for plans of fewer where some may be in the way; the
    /// best of them. Further plans are asked for only in what the first leaves of the budget's time.
    ///
    /// Parameters and errors are those of ``init(_:_:layers:by:options:chain:clock:)``.
    public static func best(
        _ problem: Problem, _ graph: ModelGraph, layers: [GraphLayer], by system: SharingSystem,
        options: SharingOptions = SharingOptions(), chain: Plan? = nil, clock: () -> Duration = { .zero }
    ) throws(PlanningError) -> SharedSolution {
        let begin = clock()
        let first = options.budget.now()
        let whole: Result<SharedSolution, PlanningError>
        do {
            whole = .success(
                try SharedSolution(
                    problem, graph, layers: layers, by: system, options: options, chain: chain, clock: clock))
        } catch { whole = .failure(error) }
        guard system == .unified, let candidates = try? mayBeInTheWay(problem) else { return try whole.get() }
        let askedS = (options.budget.now() - first).inSeconds
        var best = try? whole.get()
        var current = problem
        var left: [InputSource] = []
        for device in candidates.prefix(leftOutMost) {
            var budget = options
            if let timeS = options.budget.timeS {
                budget.budget.timeS = timeS - (options.budget.now() - first).inSeconds
                guard let leftS = budget.budget.timeS, leftS > askedS else { break }
            }
            let fewer = current.without(device)
            let found = try? SharedSolution(
                fewer, graph, layers: layers, by: system, options: budget, chain: chain, clock: clock)
            guard let found, found.plan.value ?? .infinity < best?.plan.value ?? .infinity else { continue }
            best = found
            current = fewer
            left.append(InputSource(figure: "device \(device)", source: "left out: without it the plan is better"))
        }
        guard let best else { return try whole.get() }
        guard !left.isEmpty else { return best }
        var plan = best.plan
        plan.inputs += left
        plan.solveS = (clock() - begin).inSeconds
        // Of fewer devices nothing is proved about all.
        plan.bound = (try? whole.get())?.plan.bound.map { min($0, plan.value ?? $0) }
        plan.gap = plan.bound.flatMap { bound in plan.value.map { $0 > 0 ? ($0 - bound) / $0 : 0 } }
        return best.with(plan)
    }

    /// Devices without which a plan may be better, the likeliest first; never the source or the destination.
    private static func mayBeInTheWay(_ problem: Problem) throws(PlanningError) -> [DeviceID] {
        let devices = try SharedProblem(problem).devices
        let memories = devices.map(\.memoryBytes).sorted()
        let ends = [problem.source, problem.destination]
        let limited = Set(problem.constraints.maximumEnergy.map(\.device))
        let isAnyone = usesChain(problem)
        return devices.filter { device in
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
