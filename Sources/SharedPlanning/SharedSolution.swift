import Costs
import ModelGraph
import Planning
import Sharing
import SharingPlans

/// A plan that shares operators, with all that a report or a drawing of it needs.
public struct SharedSolution: Sendable {
    public let problem: SharedProblem
    public let graph: SharedGraph
    /// The model's layers, in the order of the problem's.
    public let layers: [GraphLayer]
    public let found: SharingPlan
    /// `found` as it is printed, sent and run.
    public let plan: Plan

    public var evaluation: SharingEvaluation { found.evaluation }
    public var assignment: SharedAssignment { found.assignment }
    /// Devices that compute something, by their number.
    public var activeDevices: [Int] { evaluation.computeS.indices.filter { evaluation.computeS[$0] > 0 } }

    /// Asks a system for a plan.
    ///
    /// - Parameters:
    ///   - layers: those of the problem, of the same graph.
    ///   - chain: the best plan that gives each layer to one device, where somebody knows it (`usesChain`).
    /// - Throws: `infeasible` where what the system found needs more memory than there is, or breaks a limit; `invalid`
    ///   where the problem asks for what no shared plan is held to.
    public init(
        _ problem: Problem, _ graph: ModelGraph, layers: [GraphLayer], by system: SharingSystem,
        options: SharingOptions = SharingOptions(), chain: Plan? = nil, clock: () -> Duration = { .zero }
    ) throws(PlanningError) {
        let start = clock()
        var asked = try SharedProblem(problem)
        try Self.check(problem, graph, layers)
        let shared = asked.sharedGraph(graph, layers: layers)
        let found: SharingPlan
        do {
            (found, asked) =
                Self.usesChain(problem)
                ? try ClockedSearch(
                    asked: asked, shared: shared, layers: layers, system: system, options: options, chain: chain
                ).best() : try Self.fastest(system, shared, asked, options)
        } catch {
            throw .solver("planner \(system.rawValue): \(error)")
        }
        try Self.check(found, asked)
        self.problem = asked
        self.graph = shared
        self.layers = layers
        self.found = found
        plan = try Self.plan(found, asked, shared, layers, solveS: (clock() - start).inSeconds)
        try Self.check(plan, problem)
    }

    /// A plan that somebody found, in the problem that prices it.
    ///
    /// - Throws: `infeasible` where it needs more memory than there is, or breaks a limit.
    init(
        _ found: SharingPlan, in asked: SharedProblem, _ shared: SharedGraph, _ layers: [GraphLayer]
    ) throws(PlanningError) {
        try Self.check(found, asked)
        problem = asked
        graph = shared
        self.layers = layers
        self.found = found
        plan = try Self.plan(found, asked, shared, layers, solveS: 0)
        try Self.check(plan, asked.problem)
    }

    /// Is a plan that gives each layer to one device worth having, to begin with?
    public static func usesChain(_ problem: Problem) -> Bool { ClockedSearch.isNeeded(problem) }

    /// The plan of least latency at the fastest clocks, and the problem as it is priced in.
    private static func fastest(
        _ system: SharingSystem, _ shared: SharedGraph, _ asked: SharedProblem, _ options: SharingOptions
    ) throws(SharingError) -> (SharingPlan, SharedProblem) {
        // Where parts take as long as whole operators, the system's own choice is right.
        guard asked.problem.sharedPaces != nil else {
            return (try system.plan(shared, on: asked.cluster, options), asked)
        }
        var candidates: [SharingPlan]
        if system == .unified {
            let outcome = try Unified.plan(shared, asked.cluster, options)
            candidates = [outcome.plan] + outcome.candidates
        } else {
            candidates = [try system.plan(shared, on: asked.cluster, options)]
        }
        var best: (plan: SharingPlan, problem: SharedProblem)?
        for candidate in candidates {
            let own = try asked.priced(candidate.assignment)
            let plan =
                own.cluster == asked.cluster
                ? SharingPlan(system, from: candidate)
                : try SharingPlan(
                    system, candidate.assignment.layouts, refusals: candidate.refusals, shared, own.cluster)
            let (new, known) = (plan.evaluation, best?.plan.evaluation)
            if let known, (known.excessBytes, known.latencyS) <= (new.excessBytes, new.latencyS) { continue }
            best = (plan, own)
        }
        return best ?? (candidates[0], asked)
    }

    /// Which device computes most of each layer of the model; of several the first.
    static func mainDevices(
        _ assignment: SharedAssignment, _ shared: SharedGraph, _ layers: [GraphLayer], destination: Int
    ) -> [Int] {
        layers.map { layer in
            var flop = [Double](repeating: 0, count: assignment.deviceCount)
            var elements = [Int](repeating: 0, count: assignment.deviceCount)
            for position in layer.operators {
                for (device, region) in assignment.layouts[position].regions.enumerated() where !region.isEmpty {
                    flop[device] += (try? shared.needs(position, region).flop) ?? 0
                    elements[device] += region.elementCount
                }
            }
            // A layer that only moves data has no FLOP.
            let best = flop.indices.max { (flop[$0], elements[$0], -$0) < (flop[$1], elements[$1], -$1) }
            return best ?? destination
        }
    }

    private static func check(
        _ problem: Problem, _ graph: ModelGraph, _ layers: [GraphLayer]
    ) throws(PlanningError) {
        let named = problem.layers.filter { $0.kind == .model }.map(\.name)
        guard named == layers.map(\.name) else {
            throw .invalid(
                ProblemError(
                    "sharing operators: the problem's \(named.count) layers are not the \(layers.count) of the graph; "
                        + "give the graph and the granularity that the problem was made of"))
        }
        guard graph.inputs.count == 1, graph.outputs.count == 1 else {
            throw .invalid(
                ProblemError(
                    "sharing operators: \(problem.model) has \(FigureText.count(graph.inputs.count, "input")) and "
                        + "\(FigureText.count(graph.outputs.count, "output")); models with one of each can be shared"))
        }
    }

    private static func check(_ found: SharingPlan, _ asked: SharedProblem) throws(PlanningError) {
        for (index, member) in asked.cluster.devices.enumerated() {
            guard let memory = member.memoryBytes, found.evaluation.peakBytes[index] > memory else { continue }
            throw .infeasible(
                "sharing operators by \(found.system.rawValue) needs "
                    + "\(FigureText.bytes(found.evaluation.peakBytes[index])) on device \(member.name), which offers "
                    + "\(FigureText.bytes(memory)) to a model; give a device more memory, or the search more time")
        }
        let latencyS = asked.aroundS + found.evaluation.latencyS
        if let limit = asked.problem.constraints.maximumLatencyS, latencyS > limit {
            throw .infeasible(
                "sharing operators by \(found.system.rawValue) takes \(FigureText.seconds(latencyS)), more than the "
                    + "limit of \(FigureText.seconds(limit)); loosen it, or give the search more time")
        }
    }

    /// What is priced only once the plan is made.
    private static func check(_ plan: Plan, _ problem: Problem) throws(PlanningError) {
        for limit in problem.constraints.maximumEnergy {
            guard let share = plan.devices.first(where: { $0.id == limit.device }) else { continue }
            guard let energyJ = share.energy?.totalJ else {
                throw .invalid(ProblemError("sharing operators: the energy of \(limit.device) is unknown, and limited"))
            }
            guard energyJ <= limit.energyJ else {
                throw .infeasible(
                    "sharing operators by \(plan.planner) takes \(FigureText.joule(energyJ)) of \(limit.device), more "
                        + "than the limit of \(FigureText.joule(limit.energyJ))")
            }
        }
        if let limit = problem.constraints.maximumCarbonG {
            guard let carbonG = plan.carbonG else {
                throw .invalid(ProblemError("sharing operators: the carbon of the plan is unknown, and limited"))
            }
            guard carbonG <= limit else {
                throw .infeasible(
                    "sharing operators by \(plan.planner) emits \(FigureText.gram(carbonG)), more than the limit of "
                        + "\(FigureText.gram(limit))")
            }
        }
        guard plan.value != nil else {
            throw .invalid(
                ProblemError("sharing operators: the \(problem.objective.rawValue) of the plan is unknown"))
        }
    }

    private static func plan(
        _ found: SharingPlan, _ asked: SharedProblem, _ shared: SharedGraph, _ layers: [GraphLayer], solveS: Double
    ) throws(PlanningError) -> Plan {
        let cluster = asked.cluster
        let problem = asked.problem
        let evaluation = found.evaluation
        let latencyS = asked.aroundS + evaluation.latencyS
        // Of the device that computes longest; the rest of the time it waits for the others and the network.
        let computeS = min(latencyS, asked.preprocessS + (evaluation.computeS.max() ?? 0))
        let main = mainDevices(found.assignment, shared, layers, destination: cluster.destination)
        var model = main.makeIterator()
        let planned = problem.layers.enumerated().map { index, layer in
            let device =
                switch layer.kind {
                case .source, .preprocess: cluster.source
                case .destination: cluster.destination
                case .model: model.next() ?? cluster.destination
                }
            return Plan.Layer(index: index, name: layer.name, device: asked.devices[device].id)
        }
        var flop = evaluation.computeS.enumerated().map { $1 * cluster.speeds[$0] }
        flop[cluster.source] += asked.preprocessS * cluster.speeds[cluster.source]
        let allFLOP = max(flop.reduce(0, +), .leastNormalMagnitude)
        var sharing = Plan.Sharing(found.assignment, devices: asked.devices.map(\.id)).compacted
        sharing.messages = messages(found, asked, shared)
        sharing.messageS = problem.messageS
        let pricer: SharedPricer
        let price: SharedPrice
        do {
            pricer = try SharedPricer(found.assignment, shared, of: asked)
            price = try pricer.price(at: asked.points)
        } catch {
            throw .invalid(ProblemError("sharing operators by \(found.system.rawValue): \(error)"))
        }
        let shares = pricer.members.map { index in
            let device = asked.devices[index]
            var share = Plan.DeviceShare(
                id: device.id, peakMemoryBytes: evaluation.peakBytes[index] + (device.runtimeBytes ?? 0),
                flopsShare: min(1, flop[index] / allFLOP),
                frequencyHz: device.points[asked.points[index]].frequencyHz)
            share.busyS = price.busyS[index]
            share.energy = price.energy.devices[index]
            share.carbonG = price.energy.carbonG[index]
            return share
        }
        let bound = try bound(found, asked, shared)
        let value = price.value(problem.objective)
        let proved = bound.flatMap { bound in value.map { min($0, bound) } }
        var plan = Plan(
            planner: found.system.rawValue, objective: problem.objective, latencyS: latencyS, computeS: computeS,
            transferS: latencyS - computeS, weightsS: 0, energyJ: price.energyJ,
            carbonG: price.carbonG, layers: planned, devices: shares, solveS: solveS,
            bound: proved, gap: proved.flatMap { proved in value.map { $0 > 0 ? ($0 - proved) / $0 : 0 } },
            singleDevice: single(asked, shared), inputs: problem.inputs + asked.inputs)
        plan.sharing = sharing
        return plan
    }

    /// What no plan undercuts, whether or not it shares operators: a device may compute parts faster than whole ones or
    /// more slowly, and the problem that a plan is priced in knows one of them.
    private static func bound(
        _ found: SharingPlan, _ asked: SharedProblem, _ shared: SharedGraph
    ) throws(PlanningError) -> Double? {
        let either = asked.problem.sharedPaces == nil ? asked : try SharedProblem(asked.problem)
        guard asked.problem.objective == .latency else { return either.leastValue(shared) }
        do {
            // The plan's own clocks may be slower, at the source too.
            let fastest = try either.fastest()
            let isAsPlanned = asked.problem.sharedPaces == nil && fastest.points == asked.devices.map(\.fastestPoint)
            if isAsPlanned, let boundS = found.boundS { return fastest.aroundS + boundS }
            return fastest.aroundS + SharingBound.latencyS(shared, fastest.cluster)
        } catch {
            throw .invalid(ProblemError("sharing operators: \(error)"))
        }
    }

    /// Messages that the latency waits for, one after the other: what it grows by where each takes longer.
    private static func messages(_ found: SharingPlan, _ asked: SharedProblem, _ shared: SharedGraph) -> Double? {
        // So little that hardly any other message becomes the one that is waited for.
        let delayS = 1e-6
        guard let delayed = try? asked.cluster.delayingMessages(byS: delayS),
            let priced = try? SharingEvaluation(found.assignment, shared, on: delayed)
        else { return nil }
        return max(0, ((priced.latencyS - found.evaluation.latencyS) / delayS * 10).rounded() / 10)
    }

    /// The device that computes the whole model for least, of those that can hold it; at the clock that is best for it,
    /// where that is not the fastest by itself.
    private static func single(_ shares: SharedProblem, _ shared: SharedGraph) -> Plan.SingleDevice? {
        guard let asked = try? shares.runningWhole() else { return nil }
        var best: Plan.SingleDevice?
        for (index, device) in asked.devices.enumerated() {
            let layouts = shared.graph.operators.indices.map {
                SharedLayout.single(index, of: asked.devices.count, shape: shared.shape(of: $0))
            }
            guard let priced = asked.evaluation(of: layouts, shared), priced.fits else { continue }
            var candidate = Plan.SingleDevice(device: device.id, latencyS: asked.aroundS + priced.latencyS)
            if ClockedSearch.isNeeded(asked.problem) {
                guard let pricer = try? SharedPricer(asked.cluster.assignment(layouts), shared, of: asked),
                    let choice = try? SharedClocks(pricer: pricer, isTimeUp: { false }).best(),
                    choice.price.violation == 0, let value = choice.price.value(asked.problem.objective)
                else { continue }
                candidate = Plan.SingleDevice(device: device.id, latencyS: choice.price.latencyS, value: value)
            }
            if candidate.value < best?.value ?? .infinity { best = candidate }
        }
        return best
    }
}

extension SharedProblem {
    /// What layouts cost on these devices; nil where they do not fit the graph.
    func evaluation(of layouts: [SharedLayout], _ shared: SharedGraph) -> SharingEvaluation? {
        try? SharingEvaluation(
            SharedAssignment(
                deviceCount: devices.count, source: cluster.source, destination: cluster.destination, layouts: layouts),
            shared, on: cluster)
    }

    /// What a plan of either kind comes to.
    public struct Worth: Sendable, Equatable {
        public let latencyS: Double
        /// Of the problem's objective.
        public let value: Double
    }

    /// A plan, of either kind, as shared plans are priced, at the clocks that it asks for; nil where it uses other
    /// devices, has other layers, would not fit, or breaks a limit.
    ///
    /// Plans of both kinds are compared by this: chain plans are else priced with weights that they may read from
    /// memory, and with tensors that move inside a device.
    public func worth(of plan: Plan, _ shared: SharedGraph, layers: [GraphLayer]) -> Worth? {
        guard let layouts = layouts(of: plan, shared, layers: layers) else { return nil }
        let clocks = clocks(of: plan)
        let assignment = cluster.assignment(layouts)
        guard let asked = plan.sharing == nil ? try? runningWhole() : try? self.priced(assignment),
            let clocked = try? asked.at(clocks), let priced = clocked.evaluation(of: layouts, shared), priced.fits,
            let pricer = try? SharedPricer(assignment, shared, of: asked),
            let price = try? pricer.price(at: clocks), price.violation == 0,
            let value = price.value(problem.objective)
        else { return nil }
        return Worth(latencyS: price.latencyS, value: value)
    }

    /// The number of each device's operating point in a plan of either kind; of devices that it does not use, mine.
    func clocks(of plan: Plan) -> [Int] {
        zip(devices, points).map { device, point in
            let wanted = plan.devices.first { $0.id == device.id }?.frequencyHz
            return device.points.firstIndex { $0.frequencyHz == wanted } ?? point
        }
    }

    /// Who computes what by a plan of either kind; nil where it uses other devices or has other layers.
    func layouts(of plan: Plan, _ shared: SharedGraph, layers: [GraphLayer]) -> [SharedLayout]? {
        let numbers = Dictionary(devices.enumerated().map { ($1.id, $0) }) { first, _ in first }
        var layouts: [SharedLayout] = []
        if let sharing = plan.sharing {
            guard let assignment = try? sharing.assignment() else { return nil }
            for layout in assignment.layouts {
                var regions = devices.map { _ in Region.empty(rank: 0) }
                for (region, id) in zip(layout.regions, sharing.devices) {
                    guard let number = numbers[id] else { return nil }
                    regions[number] = region
                }
                layouts.append(SharedLayout(regions))
            }
        } else {
            let names = problem.layers.enumerated().filter { $1.kind == .model }.map(\.offset)
            guard plan.layers.map(\.name) == problem.layers.map(\.name), names.count == layers.count else { return nil }
            for (index, layer) in zip(names, layers) {
                guard let number = numbers[plan.layers[index].device] else { return nil }
                layouts += layer.operators.map {
                    SharedLayout.single(number, of: devices.count, shape: shared.shape(of: $0))
                }
            }
        }
        return layouts
    }
}
