/// A validated problem as numbers: what each layer costs on each device, and each step between two devices.
///
/// Devices and layers are named by their index in the problem. The cost model is the dissertation's base model
/// (equations 5.1 to 5.6), for any number of devices:
/// - compute: `FLOP / (FLOP/s)`;
/// - weights: `weight bytes / memory bandwidth`, for each inference (equation 5.4), or nothing where they are resident;
/// - transfer: `output bytes / bandwidth + latency`, where the bandwidth is the least of the link and both ends; inside
///   a device `output bytes / memory bandwidth`, without latency.
public struct CostTable: Sendable {
    public let layerCount: Int
    public let deviceCount: Int
    /// The only device that may run a layer (nil: every device may).
    public let pinned: [Int?]
    public let weightBytes: [Int]
    public let activationPeakBytes: [Int]
    public let memoryBytes: [Int]
    /// What a device holds as soon as it runs any layer.
    public let runtimeBytes: [Int]

    private let compute: [Double]
    private let weights: [Double]
    private let transfer: [Double]
    /// Can the first device reach the second in one step?
    private let isJoined: [Bool]

    /// Validates the problem and computes every entry.
    public init(_ problem: Problem) throws(ProblemError) {
        try problem.validate()
        let layers = problem.layers
        let devices = problem.devices
        layerCount = layers.count
        deviceCount = devices.count
        weightBytes = layers.map(\.weightBytes)
        activationPeakBytes = layers.map(\.activationPeakBytes)
        memoryBytes = devices.map(\.memoryBytes)
        runtimeBytes = devices.map { $0.runtimeBytes ?? 0 }

        let indices = Dictionary(uniqueKeysWithValues: devices.enumerated().map { ($1.id, $0) })
        pinned = problem.pinnedDevices.map { $0.flatMap { indices[$0] } }

        compute = layers.flatMap { layer in devices.map { layer.flop / $0.flops } }
        weights = layers.flatMap { layer in
            devices.map { device in
                switch problem.weights {
                case .everyInference: Double(layer.weightBytes) / device.memoryBandwidthBytesPerS
                case .resident: 0
                }
            }
        }
        (transfer, isJoined) = Self.transferEntries(problem, indices: indices)
        try checkTimes(problem)
    }

    /// Figures at the far ends of what a double holds would give times that cannot be added.
    private func checkTimes(_ problem: Problem) throws(ProblemError) {
        for layer in 0..<layerCount {
            for device in 0..<deviceCount {
                let place = "layer \(layer) (\(problem.layers[layer].name)) on device \(problem.devices[device].id)"
                let runS = computeS(layer: layer, device: device) + weightsS(layer: layer, device: device)
                guard runS <= Problem.maximumSeconds else {
                    throw ProblemError("\(place): it would take \(runS) s; check flop, flops and bandwidths")
                }
                guard layer + 1 < layerCount else { continue }
                for next in 0..<deviceCount where isJoined[device * deviceCount + next] {
                    let stepS = transferS(after: layer, from: device, to: next)
                    guard stepS <= Problem.maximumSeconds else {
                        throw ProblemError(
                            "\(place): its output would take \(stepS) s to \(problem.devices[next].id); "
                                + "check the bandwidths")
                    }
                }
            }
        }
    }

    /// Seconds that the device computes for the layer.
    public func computeS(layer: Int, device: Int) -> Double { compute[layer * deviceCount + device] }

    /// Seconds that the layer's weights take from memory.
    public func weightsS(layer: Int, device: Int) -> Double { weights[layer * deviceCount + device] }

    /// Seconds from the end of the layer on one device to the start of the next layer on another.
    ///
    /// Infinite where no link joins the two. The last layer has no next one.
    public func transferS(after layer: Int, from: Int, to: Int) -> Double {
        transfer[(layer * deviceCount + from) * deviceCount + to]
    }

    /// Bytes that a device needs for the layer alone, what its runtime holds included.
    public func bytesAlone(layer: Int, device: Int) -> Int {
        weightBytes[layer] + activationPeakBytes[layer] + runtimeBytes[device]
    }

    private static func transferEntries(
        _ problem: Problem, indices: [DeviceID: Int]
    ) -> (seconds: [Double], isJoined: [Bool]) {
        let count = problem.devices.count
        var bandwidth = [Double](repeating: 0, count: count * count)
        var latency = [Double](repeating: .infinity, count: count * count)
        for (index, device) in problem.devices.enumerated() {
            bandwidth[index * count + index] = device.memoryBandwidthBytesPerS
            latency[index * count + index] = 0
        }
        for link in problem.links {
            guard let first = indices[link.between[0]], let second = indices[link.between[1]] else { continue }
            var least = link.bandwidthBytesPerS
            for end in [first, second] {
                if let limit = problem.devices[end].networkBandwidthBytesPerS { least = min(least, limit) }
            }
            for entry in [first * count + second, second * count + first] {
                bandwidth[entry] = least
                latency[entry] = link.latencyS
            }
        }
        let seconds = problem.layers.dropLast().flatMap { layer in
            (0..<count * count).map { entry in
                latency[entry].isFinite ? Double(layer.outputBytes) / bandwidth[entry] + latency[entry] : .infinity
            }
        }
        return (seconds, latency.map(\.isFinite))
    }
}
