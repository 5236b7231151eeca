import Cluster
import Costs

func capabilities(
    _ name: String, flops: Double = 1e9, memoryBytes: Int = 100_000_000, deviceClass: DeviceClass = .edge,
    mains: Bool = true, eligible: Bool = true, links: [LinkMeasurement] = []
) -> NodeCapabilities {
    NodeCapabilities(
        node: NodeID(name), version: 1,
        devices: [
            Device(
                id: DeviceID(name), deviceClass: deviceClass, flops: flops, memoryBandwidthBytesPerS: 1e9,
                memoryBytes: memoryBytes)
        ],
        mainsPower: mains, freeMemoryBytes: memoryBytes, eligible: eligible, links: links)
}

func model(_ name: String = "m", version: UInt64 = 1, source: String = "a", holders: [NodeID] = ["a"]) -> ModelRecord {
    ModelRecord(
        name: name, version: version, graphSHA256: "00\(version)", graphBytes: 100, weightBytes: 1000, holders: holders,
        source: DeviceID(source), destination: DeviceID(source))
}

/// A plan that gives one layer to each device, in turn.
func plan(on devices: [String], latencyS: Double = 0.1, bytesPerLayer: Int = 1_000_000) -> Plan {
    let layers = devices.enumerated().map { Plan.Layer(index: $0, name: "l\($0)", device: DeviceID($1)) }
    let shares = Set(devices).sorted().map { name in
        Plan.DeviceShare(
            id: DeviceID(name), peakMemoryBytes: devices.count { $0 == name } * bytesPerLayer, flopsShare: 0.5)
    }
    return Plan(
        planner: "test", objective: .latency, latencyS: latencyS, computeS: latencyS, transferS: 0, weightsS: 0,
        layers: layers, devices: shares, solveS: 0, bound: nil, gap: nil, singleDevice: nil, inputs: [])
}

func planID(_ term: UInt64, _ sequence: UInt64, _ leader: NodeID = "a") -> PlanID {
    PlanID(term: term, leader: leader, sequence: sequence)
}

func record(
    _ id: PlanID, on devices: [String] = ["a", "b"], model name: String = "m", latencyS: Double = 0.1
) -> PlanRecord {
    PlanRecord(
        id: id, model: model(name), participants: Set(devices).sorted().map { NodeID($0) }, reason: "test",
        plan: plan(on: devices, latencyS: latencyS))
}
