import Cluster
import Costs

/// A small pure planner for simulated clusters: the source's board and up to two others share the layers in proportion
/// to their speed. It has the properties that plan agreement must cope with: plans change with boards and links, need
/// several boards, and may not exist.
struct VirtualPlanner {
    static let layerCount = 6
    static let layerFlop = 1e9
    static let layerBytes = 10_000_000
    static let tensorBytes = 100_000.0

    /// Solves a request: the plan found, with the incumbent priced by the same figures.
    static func solve(_ request: SolveRequest) -> SolveOutcome {
        let devices = request.members.flatMap(\.devices)
        guard let source = devices.first(where: { $0.id == request.model.source }) else {
            return .infeasible(reason: "the board of source \(request.model.source) is not there")
        }
        let others = devices.filter { $0.id != source.id }
        var best: (assignment: [Device], latencyS: Double)?
        func consider(_ chain: [Device]) {
            guard let assignment = share(among: chain, request.reserved) else { return }
            let latencyS = price(assignment, source: source, request.members)
            if let best, latencyS >= best.latencyS { return }
            best = (assignment, latencyS)
        }
        consider([source])
        for first in others {
            consider([source, first])
            for second in others where second.id != first.id { consider([source, first, second]) }
        }
        guard let best else {
            return .infeasible(
                reason: "\(layerCount * layerBytes) bytes are needed; no three boards that are there offer as many")
        }
        let incumbent = request.incumbent.flatMap { record -> Double? in
            let assignment = record.plan.layers.compactMap { layer in devices.first { $0.id == layer.device } }
            guard assignment.count == record.plan.layers.count else { return nil }
            return price(assignment, source: source, request.members)
        }
        return .planned(
            plan(best.assignment, latencyS: best.latencyS), incumbentLatencyS: incumbent, moveS: 0.5)
    }

    /// Layers in proportion to speed, as far as memory goes; nil where the chain cannot hold them all.
    private static func share(among chain: [Device], _ reserved: [DeviceMemory]) -> [Device]? {
        let room = chain.map { device in
            let taken = reserved.first { $0.device == device.id }?.memoryBytes ?? 0
            return max(0, (device.memoryBytes - taken) / layerBytes)
        }
        guard room.reduce(0, +) >= layerCount else { return nil }
        let total = chain.reduce(0) { $0 + $1.flops }
        var counts = chain.indices.map { index in
            min(room[index], Int(Double(layerCount) * chain[index].flops / total))
        }
        var rest = layerCount - counts.reduce(0, +)
        while rest > 0 {
            // The device that would be done first takes one more.
            let free = chain.indices.filter { counts[$0] < room[$0] }
            let next = free.min { Double(counts[$0] + 1) / chain[$0].flops < Double(counts[$1] + 1) / chain[$1].flops }
            guard let next else { return nil }
            counts[next] += 1
            rest -= 1
        }
        return zip(chain, counts).flatMap { Array(repeating: $0, count: $1) }
    }

    private static func price(_ assignment: [Device], source: Device, _ members: [NodeCapabilities]) -> Double {
        var latencyS = 0.0
        var previous = source
        for device in assignment + [source] {
            if device.node != previous.node {
                let links = members.first { $0.node == previous.node }?.links ?? []
                let bandwidth = links.first { $0.peer == device.node }?.bandwidthBytesPerS ?? 1e7
                latencyS += tensorBytes / bandwidth
            }
            previous = device
        }
        return assignment.reduce(latencyS) { $0 + layerFlop / $1.flops }
    }

    private static func plan(_ assignment: [Device], latencyS: Double) -> Plan {
        let layers = assignment.enumerated().map { Plan.Layer(index: $0, name: "l\($0)", device: $1.id) }
        var shares: [Plan.DeviceShare] = []
        for device in assignment where !shares.contains(where: { $0.id == device.id }) {
            let count = assignment.count { $0.id == device.id }
            shares.append(
                .init(
                    id: device.id, peakMemoryBytes: count * layerBytes,
                    flopsShare: Double(count) / Double(layerCount)))
        }
        return Plan(
            planner: "virtual", objective: .latency, latencyS: latencyS, computeS: latencyS, transferS: 0,
            weightsS: 0, layers: layers, devices: shares, solveS: 0, bound: nil, gap: nil, singleDevice: nil,
            inputs: [])
    }
}
