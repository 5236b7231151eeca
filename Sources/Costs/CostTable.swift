/// A validated problem as numbers: what each layer costs on each device, and each step between two devices.
///
/// Devices, points and layers are named by their index in the problem. The cost model is the dissertation's (equations
/// 5.1 to 5.6), for any number of devices:
/// - compute: `FLOP / (FLOP/s)` at the device's operating point, or what was measured for a bundle;
/// - weights: `weight bytes / memory bandwidth`, for each inference (equation 5.4), or nothing where they are resident;
/// - transfer: `output bytes / bandwidth + latency`, where the bandwidth is the least of the link and both ends; inside
///   a device `output bytes / memory bandwidth`, without latency. Behind the source what a request takes there comes on
///   top (`Problem.requestS`).
///
/// Behind an early exit all three count with the probability that an inference gets so far (chapter 6).
public struct CostTable: Sendable {
    /// What was measured for a bundle.
    public struct Measured: Sendable, Equatable {
        public var latencyS: Double
        public var energyJ: Double?
    }

    private struct BundleKey: Hashable {
        var first: Int
        var last: Int
        var device: Int
        var point: Int
    }

    public let layerCount: Int
    public let deviceCount: Int
    /// The only device that may run a layer (nil: every device that `isAllowed` names).
    public let pinned: [Int?]
    public let weightBytes: [Int]
    /// Beside weights, at a layer's worst: while it runs, or while it is loaded.
    public let workingPeakBytes: [Int]
    public let memoryBytes: [Int]
    /// What a device holds as soon as it runs any layer.
    public let runtimeBytes: [Int]
    /// Operating points of each device.
    public let points: [[OperatingPoint]]
    /// The point of each device that is assumed where none is named: its fastest.
    public let fastestPoints: [Int]
    /// Part of the inferences that reach each layer.
    public let reach: [Double]
    public let weightsPolicy: WeightsPolicy

    private let allowed: [Bool]
    private let flop: [Double]
    private let weights: [Double]
    /// Seconds without the link's latency, flat as `transfer`.
    private let moving: [Double]
    private let transfer: [Double]
    private let bandwidth: [Double]
    /// Can the first device reach the second in one step?
    private let isJoined: [Bool]
    private let measured: [BundleKey: Measured]

    /// Validates the problem and computes every entry.
    public init(_ problem: Problem) throws(ProblemError) {
        try problem.validate()
        let layers = problem.layers
        let devices = problem.devices
        layerCount = layers.count
        deviceCount = devices.count
        weightBytes = layers.map(\.weightBytes)
        workingPeakBytes = layers.map(\.workingPeakBytes)
        memoryBytes = devices.map(\.memoryBytes)
        runtimeBytes = devices.map { $0.runtimeBytes ?? 0 }
        points = devices.map(\.points)
        fastestPoints = devices.map(\.fastestPoint)
        let reach = layers.map { $0.reachProbability ?? 1 }
        self.reach = reach
        weightsPolicy = problem.weights

        let indices = Dictionary(uniqueKeysWithValues: devices.enumerated().map { ($1.id, $0) })
        let pinned = problem.pinnedDevices.map { $0.flatMap { indices[$0] } }
        self.pinned = pinned
        let home = Set(problem.sourceBoardDevices.compactMap { indices[$0] })
        let isPrivate = Set(problem.constraints.privateLayers)
        allowed = layers.indices.flatMap { layer in
            devices.indices.map { device in
                (pinned[layer] ?? device) == device && (!isPrivate.contains(layer) || home.contains(device))
            }
        }
        flop = zip(layers, reach).map { $0.flop * $1 }
        weights = layers.indices.flatMap { layer in
            devices.map { device in
                problem.weights == .resident
                    ? 0 : reach[layer] * Double(layers[layer].weightBytes) / device.memoryBandwidthBytesPerS
            }
        }
        let network = Network(problem, indices: indices)
        bandwidth = network.bandwidth
        isJoined = network.latency.map(\.isFinite)
        (moving, transfer) = network.transfers(problem.layers, reach: reach, requestS: problem.requestS ?? 0)
        var measured: [BundleKey: Measured] = [:]
        for bundle in problem.bundles {
            guard let device = indices[bundle.device],
                let point = devices[device].points.firstIndex(where: { $0.frequencyHz == bundle.frequencyHz })
            else { continue }
            let key = BundleKey(first: bundle.first, last: bundle.last, device: device, point: point)
            let weight = reach[bundle.first]
            measured[key] = Measured(latencyS: bundle.latencyS * weight, energyJ: bundle.energyJ.map { $0 * weight })
        }
        self.measured = measured
        try checkTimes(problem)
    }

    /// Figures at the far ends of what a double holds would give times that cannot be added.
    private func checkTimes(_ problem: Problem) throws(ProblemError) {
        for layer in 0..<layerCount {
            for device in 0..<deviceCount {
                var place: String {
                    "layer \(layer) (\(problem.layers[layer].name)) on device \(problem.devices[device].id)"
                }
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

    /// May the device run the layer, as pins and private layers say?
    public func isAllowed(layer: Int, device: Int) -> Bool { allowed[layer * deviceCount + device] }

    /// Seconds that the device computes for the layer at a point (nil: its fastest).
    public func computeS(layer: Int, device: Int, point: Int? = nil) -> Double {
        flop[layer] / points[device][point ?? fastestPoints[device]].flops
    }

    /// Seconds that the layer's weights take from memory.
    public func weightsS(layer: Int, device: Int) -> Double { weights[layer * deviceCount + device] }

    /// Seconds from the end of the layer on one device to the start of the next layer on another.
    ///
    /// Infinite where no link joins the two. The last layer has no next one.
    public func transferS(after layer: Int, from: Int, to: Int) -> Double {
        transfer[(layer * deviceCount + from) * deviceCount + to]
    }

    /// The part of `transferS` in which bytes move, without the link's latency.
    public func movingS(after layer: Int, from: Int, to: Int) -> Double {
        moving[(layer * deviceCount + from) * deviceCount + to]
    }

    /// The rate of a transfer; zero where no link joins the two.
    public func bandwidthBytesPerS(from: Int, to: Int) -> Double { bandwidth[from * deviceCount + to] }

    /// What was measured for exactly these layers; nil where nothing was.
    public func measured(first: Int, last: Int, device: Int, point: Int) -> Measured? {
        measured.isEmpty ? nil : measured[BundleKey(first: first, last: last, device: device, point: point)]
    }

    public var hasMeasuredBundles: Bool { !measured.isEmpty }

    /// Bytes that a device needs for the layer alone, what its runtime holds included.
    public func bytesAlone(layer: Int, device: Int) -> Int {
        weightBytes[layer] + workingPeakBytes[layer] + runtimeBytes[device]
    }
}

/// Rates and latencies between devices, flat by (from, to).
private struct Network {
    var bandwidth: [Double]
    /// Infinite where no link joins the two.
    var latency: [Double]
    let count: Int

    init(_ problem: Problem, indices: [DeviceID: Int]) {
        count = problem.devices.count
        bandwidth = [Double](repeating: 0, count: count * count)
        latency = [Double](repeating: .infinity, count: count * count)
        for (index, device) in problem.devices.enumerated() {
            bandwidth[index * count + index] = device.memoryBandwidthBytesPerS
            latency[index * count + index] = 0
        }
        for link in problem.links {
            guard let first = indices[link.between[0]], let second = indices[link.between[1]] else { continue }
            var limit = Double.infinity
            for end in [first, second] {
                limit = min(limit, problem.devices[end].networkBandwidthBytesPerS ?? .infinity)
            }
            bandwidth[first * count + second] = min(limit, link.bandwidthBytesPerS)
            bandwidth[second * count + first] = min(limit, link.reverseBandwidthBytesPerS ?? link.bandwidthBytesPerS)
            latency[first * count + second] = link.latencyS
            latency[second * count + first] = link.latencyS
        }
    }

    /// Seconds for each layer's output, flat by (layer, from, to), weighted by how often the next layer is reached.
    ///
    /// - Parameter requestS: what comes on top behind the first layer, the source.
    func transfers(
        _ layers: [PlannedLayer], reach: [Double], requestS: Double
    ) -> (moving: [Double], whole: [Double]) {
        var moving: [Double] = []
        var whole: [Double] = []
        moving.reserveCapacity(layers.count * bandwidth.count)
        whole.reserveCapacity(layers.count * bandwidth.count)
        for layer in layers.indices.dropLast() {
            for entry in bandwidth.indices {
                guard latency[entry].isFinite else {
                    moving.append(.infinity)
                    whole.append(.infinity)
                    continue
                }
                let seconds = Double(layers[layer].outputBytes) / bandwidth[entry]
                let handedS = layer == 0 ? requestS : 0
                moving.append(reach[layer + 1] * seconds)
                whole.append(reach[layer + 1] * (seconds + latency[entry] + handedS))
            }
        }
        return (moving, whole)
    }
}
