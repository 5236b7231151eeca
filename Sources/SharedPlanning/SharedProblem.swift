import Costs
import ModelGraph
import Planning
import Sharing
import SharingPlans

/// A planner's problem as those see it who share operators: the devices that may have a part, and what is between them.
///
/// A runner serves one device of its board, so that each board takes part with one: the source or the destination where
/// it carries them, else its fastest. Devices run at their fastest point unless others are asked for (`at`). Weights
/// stay in memory between inferences, whatever the problem says of them. What comes before the model is done by the
/// source.
public struct SharedProblem: Sendable {
    public let problem: Problem
    public private(set) var cluster: SharingCluster
    /// The problem's devices by their number in the cluster.
    public let devices: [Device]
    /// By device: at which of its operating points it runs.
    public private(set) var points: [Int]
    /// FLOP/s by device and point, for parts of operators.
    private(set) var speeds: [[Double]]
    /// The same for whole operators.
    let wholeSpeeds: [[Double]]
    private let preprocessFLOP: Double
    /// What the figures rest on, beside the problem's own inputs.
    public let inputs: [InputSource]
    /// How many times as long a FLOP of each of the model's layers takes as one of the whole model (nil: not measured).
    let layerCosts: [Double]?

    /// Throws where the problem asks for something that no shared plan can be held to, or does not know what one needs,
    /// by name.
    public init(_ problem: Problem) throws(PlanningError) {
        // Before the figures that other objectives would need.
        if let why = Self.wrongAim(problem) { throw .invalid(ProblemError("sharing operators: \(why)")) }
        do { try problem.validate() } catch { throw .invalid(error) }
        if let why = Self.refusal(problem) { throw .invalid(ProblemError("sharing operators: \(why)")) }
        let (devices, left) = try Self.oneForEachBoard(problem)
        let table: CostTable
        do { table = try CostTable(problem) } catch { throw .invalid(error) }
        let places = devices.map { device in problem.devices.firstIndex { $0.id == device.id } ?? 0 }
        var bandwidth = devices.map { _ in devices.map { _ in 1.0 } }
        var latencyS = devices.map { _ in devices.map { _ in 0.0 } }
        for (from, place) in places.enumerated() {
            for (to, other) in places.enumerated() where to != from {
                bandwidth[from][to] = table.bandwidthBytesPerS(from: place, to: other)
                guard bandwidth[from][to] > 0 else {
                    throw .invalid(
                        ProblemError(
                            "sharing operators: no link between \(devices[from].id) and \(devices[to].id) is known; "
                                + "boards that share send to each other, so give one"))
                }
                latencyS[from][to] =
                    Self.latencyS(devices[from].id, devices[to].id, problem) + (problem.messageS ?? 0)
            }
        }
        var inputs =
            left + [
                InputSource(figure: "weights", source: "in memory: a shared plan loads them when it is prepared")
            ]
        var members: [SharingCluster.Device] = []
        var speeds: [[Double]] = []
        let modelFLOP = problem.layers.filter { $0.kind == .model }.map(\.flop)
        var timesS: [[Double]] = []
        for (device, place) in zip(devices, places) {
            let byPoint = device.points.indices.map {
                Self.measuredS(device, place, point: $0, problem, table, modelFLOP: modelFLOP)
            }
            speeds.append(
                zip(device.points, byPoint).map { point, times in
                    times.map { modelFLOP.reduce(0, +) / $0.reduce(0, +) } ?? point.flops
                })
            if let measured = byPoint[device.fastestPoint] {
                timesS.append(measured)
                inputs.append(
                    InputSource(
                        figure: "FLOP/s of \(device.id)",
                        source: "all FLOP of the model by the measured times of its layers"))
            }
            members.append(
                SharingCluster.Device(
                    name: device.id.name,
                    flops: (speeds.last?[device.fastestPoint] ?? Self.speed(device)) / Self.sharedPace(device, problem),
                    memoryBytes: max(0, device.memoryBytes - (device.runtimeBytes ?? 0))))
        }
        let source = devices.firstIndex { $0.id == problem.source } ?? 0
        do {
            cluster = try SharingCluster(
                devices: members, bandwidthBytesPerS: bandwidth, latencyS: latencyS, source: source,
                destination: devices.firstIndex { $0.id == problem.destination } ?? 0)
        } catch {
            throw .invalid(ProblemError("sharing operators: \(error)"))
        }
        layerCosts = Self.layerCosts(timesS, modelFLOP)
        if layerCosts != nil {
            inputs.append(
                InputSource(
                    figure: "what a FLOP of each layer takes",
                    source: "measured times, the mean of \(FigureText.count(timesS.count, "device"))"))
        }
        self.problem = problem
        wholeSpeeds = speeds
        self.speeds = zip(devices, speeds).map { device, speeds in
            speeds.map { $0 / Self.sharedPace(device, problem) }
        }
        points = devices.map(\.fastestPoint)
        self.devices = devices
        self.inputs = inputs
        let before = problem.layers.filter { $0.kind == .preprocess }
        preprocessFLOP = before.reduce(0) { $0 + $1.flop }
    }

    /// Seconds for which the source computes before the model can begin.
    var preprocessS: Double { preprocessFLOP / wholeSpeeds[cluster.source][points[cluster.source]] }

    /// Seconds before the model can begin, and after its result is there.
    public var aroundS: Double { (problem.requestS ?? 0) + preprocessS }

    /// The same with each device at another of its operating points.
    ///
    /// Throws where a point's speed makes no sense.
    func at(_ points: [Int]) throws(SharingError) -> SharedProblem {
        var other = self
        other.points = points
        other.cluster = try cluster.running(at: zip(speeds, points).map { $0[$1] })
        return other
    }

    /// The same where devices compute whole operators alone.
    ///
    /// Throws where a speed makes no sense.
    func runningWhole() throws(SharingError) -> SharedProblem {
        var other = self
        other.speeds = wholeSpeeds
        return try other.at(points)
    }

    /// Each device at the point where it is fastest, as fast as it computes parts or whole operators, whichever is
    /// faster: as measured, which need not be the point that is said to be.
    ///
    /// Throws where a speed makes no sense.
    func fastest() throws(SharingError) -> SharedProblem {
        var other = self
        other.speeds = zip(speeds, wholeSpeeds).map { parts, whole in zip(parts, whole).map { max($0, $1) } }
        return try other.at(
            other.speeds.map { speeds in speeds.indices.max { speeds[$0] < speeds[$1] } ?? speeds.startIndex })
    }

    /// As an assignment is to be priced: where no operator is shared, devices compute whole ones.
    func priced(_ assignment: SharedAssignment) throws(SharingError) -> SharedProblem {
        let isShared = assignment.layouts.contains { layout in layout.regions.count { !$0.isEmpty } > 1 }
        return isShared ? self : try runningWhole()
    }

    private static func sharedPace(_ device: Device, _ problem: Problem) -> Double {
        problem.sharedPaces?.first { $0.device == device.id }?.ratio ?? 1
    }

    /// Is it for least latency, and asks for nothing that shared plans cannot be held to?
    public static func canBeAsked(_ problem: Problem) -> Bool {
        problem.objective == .latency && wrongAim(problem) == nil && refusal(problem) == nil
    }

    /// What the plan shall be good for, where that is not what shared plans are made for.
    private static func wrongAim(_ problem: Problem) -> String? {
        if problem.objective == .throughput {
            return "plans are made for one inference at a time, asked is throughput; leave sharing off for it"
        }
        if problem.service != .oneAtATime {
            return "one inference at a time is planned for, asked is a continuous service; leave sharing off for it"
        }
        if problem.costModel != .sound {
            return "transfers are priced as they physically are; leave the published cost model to chain planners"
        }
        return nil
    }

    /// What else of the question sharing has no answer to (nil: it has). The problem is valid.
    private static func refusal(_ problem: Problem) -> String? {
        let limits = problem.constraints
        let ends: [PlannedLayer.Kind] = [.source, .destination]
        if let pin = problem.pins.first(where: { !ends.contains(problem.layers[$0.layer].kind) }) {
            return "layer \(problem.layers[pin.layer].name) is pinned to \(pin.device), and layers have no one device "
                + "there; leave the pin or sharing out"
        }
        let asked: [(String, Bool)] = [
            ("private layers", !limits.privateLayers.isEmpty),
            ("a limit of throughput", limits.minimumThroughputPerS != nil),
            ("a limit of entries", limits.maximumEntries != nil),
            ("a limit of bundles", limits.maximumBundleSize != nil),
            ("early exits", problem.layers.contains { $0.reachProbability != nil }),
        ]
        return asked.first { $0.1 }.map { "\($0.0) cannot be kept yet; leave them or sharing out" }
    }

    /// In the problem's order, with those that are left out.
    private static func oneForEachBoard(
        _ problem: Problem
    ) throws(PlanningError) -> (devices: [Device], left: [InputSource]) {
        var chosen: [NodeID: Device] = [:]
        for end in [problem.source, problem.destination] {
            guard let device = problem.devices.first(where: { $0.id == end }) else { continue }
            if let other = chosen[device.node], other.id != end {
                throw .invalid(
                    ProblemError(
                        "sharing operators: \(other.id) and \(end) are on one board, \(device.node), which takes part "
                            + "with one device; let requests enter where results must arrive"))
            }
            chosen[device.node] = device
        }
        let ends = Set([problem.source, problem.destination])
        for device in problem.devices {
            guard let best = chosen[device.node] else {
                chosen[device.node] = device
                continue
            }
            if !ends.contains(best.id), speed(device) > speed(best) { chosen[device.node] = device }
        }
        let devices = problem.devices.filter { chosen[$0.node]?.id == $0.id }
        let left = problem.devices.filter { chosen[$0.node]?.id != $0.id }.map { device in
            InputSource(figure: "device \(device.id)", source: "left out: board \(device.node) shares with one device")
        }
        return (devices, left)
    }

    private static func speed(_ device: Device) -> Double { device.points[device.fastestPoint].flops }

    /// What each layer of the model takes, in s; nil where not every one is measured.
    private static func measuredS(
        _ device: Device, _ place: Int, point: Int, _ problem: Problem, _ table: CostTable, modelFLOP: [Double]
    ) -> [Double]? {
        guard table.hasMeasuredBundles else { return nil }
        let layers = problem.layers.indices.filter { problem.layers[$0].kind == .model }
        let times = layers.compactMap {
            table.measured(first: $0, last: $0, device: place, point: point)?.latencyS
        }
        guard times.count == layers.count, modelFLOP.reduce(0, +) > 0, times.reduce(0, +) > 0 else { return nil }
        return times
    }

    /// The part that each layer has of the time, in the mean of the devices, by the part that it has of the FLOP.
    ///
    /// Layers without FLOP have a part of the time that nothing here can name; it is spread over the others.
    private static func layerCosts(_ timesS: [[Double]], _ flop: [Double]) -> [Double]? {
        guard !timesS.isEmpty else { return nil }
        var parts = flop.map { _ in 0.0 }
        for times in timesS {
            let sum = zip(times, flop).reduce(0) { $0 + ($1.1 > 0 ? $1.0 : 0) }
            guard sum > 0 else { return nil }
            for layer in parts.indices where flop[layer] > 0 {
                parts[layer] += times[layer] / sum / Double(timesS.count)
            }
        }
        let all = flop.reduce(0, +)
        return zip(parts, flop).map { part, flop in flop > 0 ? part * all / flop : 1 }
    }

    /// The graph as planners of this problem see it.
    ///
    /// - Parameter layers: those of the problem, of the same graph.
    public func sharedGraph(_ graph: ModelGraph, layers: [GraphLayer]) -> SharedGraph {
        guard let layerCosts, layerCosts.count == layers.count else { return SharedGraph(graph) }
        var costs = graph.operators.map { _ in 1.0 }
        for (layer, cost) in zip(layers, layerCosts) {
            for position in layer.operators where costs.indices.contains(position) { costs[position] = cost }
        }
        return SharedGraph(graph, relativeCosts: costs)
    }

    private static func latencyS(_ from: DeviceID, _ to: DeviceID, _ problem: Problem) -> Double {
        problem.links.last { Set($0.between) == Set([from, to]) }?.latencyS ?? 0
    }
}
