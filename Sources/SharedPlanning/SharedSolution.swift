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
    /// - Parameter layers: those of the problem, of the same graph.
    /// - Throws: `infeasible` where what the system found needs more memory than there is, or breaks the limit of
    ///   latency; `invalid` where the problem asks for what no shared plan is held to.
    public init(
        _ problem: Problem, _ graph: ModelGraph, layers: [GraphLayer], by system: SharingSystem,
        options: SharingOptions = SharingOptions(), clock: () -> Duration = { .zero }
    ) throws(PlanningError) {
        let start = clock()
        let asked = try SharedProblem(problem)
        try Self.check(problem, graph, layers)
        let shared = asked.sharedGraph(graph, layers: layers)
        let found: SharingPlan
        do {
            found = try system.plan(shared, on: asked.cluster, options)
        } catch {
            throw .solver("planner \(system.rawValue): \(error)")
        }
        try Self.check(found, asked)
        self.problem = asked
        self.graph = shared
        self.layers = layers
        self.found = found
        plan = try Self.plan(found, asked, shared, layers, solveS: (clock() - start).inSeconds)
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
                    + "\(FigureText.bytes(memory)) to a model")
        }
        let latencyS = asked.preprocessS + found.evaluation.latencyS
        if let limit = asked.problem.constraints.maximumLatencyS, latencyS > limit {
            throw .infeasible(
                "sharing operators by \(found.system.rawValue) takes \(FigureText.seconds(latencyS)), more than the "
                    + "limit of \(FigureText.seconds(limit))")
        }
    }

    private static func plan(
        _ found: SharingPlan, _ asked: SharedProblem, _ shared: SharedGraph, _ layers: [GraphLayer], solveS: Double
    ) throws(PlanningError) -> Plan {
        let cluster = asked.cluster
        let problem = asked.problem
        let evaluation = found.evaluation
        let latencyS = asked.preprocessS + evaluation.latencyS
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
        let sharing = Plan.Sharing(found.assignment, devices: asked.devices.map(\.id)).compacted
        var busyS = evaluation.computeS
        busyS[cluster.source] += asked.preprocessS
        let energy: SharedEnergy
        do {
            energy = try SharedEnergy(found.assignment, shared, of: asked, busyS: busyS, latencyS: latencyS)
        } catch {
            throw .invalid(ProblemError("sharing operators by \(found.system.rawValue): \(error)"))
        }
        let members = asked.devices.indices.filter { sharing.devices.contains(asked.devices[$0].id) }
        let shares = members.map { index in
            let device = asked.devices[index]
            var share = Plan.DeviceShare(
                id: device.id, peakMemoryBytes: evaluation.peakBytes[index] + (device.runtimeBytes ?? 0),
                flopsShare: min(1, flop[index] / allFLOP),
                frequencyHz: device.points[device.fastestPoint].frequencyHz)
            share.busyS = busyS[index]
            share.energy = energy.devices[index]
            share.carbonG = energy.carbonG[index]
            return share
        }
        let boundS = min(
            latencyS, asked.preprocessS + (found.boundS ?? SharingBound.latencyS(shared, cluster)))
        var plan = Plan(
            planner: found.system.rawValue, objective: .latency, latencyS: latencyS, computeS: computeS,
            transferS: latencyS - computeS, weightsS: 0, energyJ: energy.totalJ(of: members),
            carbonG: energy.totalG(of: members), layers: planned, devices: shares, solveS: solveS,
            bound: boundS, gap: latencyS > 0 ? (latencyS - boundS) / latencyS : 0,
            singleDevice: single(asked, shared), inputs: problem.inputs + asked.inputs)
        plan.sharing = sharing
        return plan
    }

    /// The device that computes the whole model soonest, of those that can hold it.
    private static func single(_ asked: SharedProblem, _ shared: SharedGraph) -> Plan.SingleDevice? {
        var best: Plan.SingleDevice?
        for (index, device) in asked.devices.enumerated() {
            let layouts = shared.graph.operators.indices.map {
                SharedLayout.single(index, of: asked.devices.count, shape: shared.shape(of: $0))
            }
            guard let priced = asked.evaluation(of: layouts, shared), priced.fits else { continue }
            let latencyS = asked.preprocessS + priced.latencyS
            if latencyS < best?.latencyS ?? .infinity {
                best = Plan.SingleDevice(device: device.id, latencyS: latencyS)
            }
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

    /// The latency of a plan, of either kind, as shared plans are priced; nil where it uses other devices, has other
    /// layers, or would not fit.
    ///
    /// Plans of both kinds are compared by this: chain plans are else priced with weights that they may read from
    /// memory, and with tensors that move inside a device.
    public func latencyS(of plan: Plan, _ shared: SharedGraph, layers: [GraphLayer]) -> Double? {
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
        guard let priced = evaluation(of: layouts, shared), priced.fits else { return nil }
        return preprocessS + priced.latencyS
    }
}
