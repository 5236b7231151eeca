import Costs

extension AgentConfiguration {
    /// A figure of a device that the board can measure where nobody states it.
    package enum MeasurableFigure: String, Sendable, Hashable, CaseIterable, Codable {
        case flops
        case memoryBandwidth = "memory_bandwidth_bytes_per_s"
        case runtimeBytes = "runtime_bytes"
    }

    /// Until it was measured; a Raspberry Pi 3 has about as much.
    static let assumedFlops = 3e9
    static let assumedMemoryBandwidthBytesPerS = 1e9

    /// `[[device]]` of agent.toml: as in a cluster file, but that the speed may be left to be measured.
    struct DeviceTable: Decodable {
        var device: Device
        var unstated: Set<MeasurableFigure> = []

        init(from decoder: any Decoder) throws {
            let read = try Device.decode(
                from: decoder, assumingFlops: assumedFlops, memoryBandwidthBytesPerS: assumedMemoryBandwidthBytesPerS)
            device = read.device
            // Operating points state the speed.
            if read.flops == nil, device.operatingPoints == nil { unstated.insert(.flops) }
            if let fastest = device.operatingPoints?.map(\.flops).max(), read.flops == nil { device.flops = fastest }
            if read.memoryBandwidthBytesPerS == nil { unstated.insert(.memoryBandwidth) }
        }
    }
}
