import Sharing

/// Who holds what of every tensor behind an exchange, by scheme.
struct OwnedRegions {
    let shared: SharedGraph
    let cluster: SharingCluster
    var pricing: SegmentPricing
    /// By scheme, then by tensor: a region for each device.
    private let owned: [[String: [Region]]]
    private let inputs: [String: [Region]]

    init(_ shared: SharedGraph, _ cluster: SharingCluster, _ plain: PlainLayouts, _ pricing: SegmentPricing) {
        self.shared = shared
        self.cluster = cluster
        self.pricing = pricing
        var inputs: [String: [Region]] = [:]
        for input in shared.graph.inputs {
            let shape = shared.shape(ofTensor: input)
            inputs[input] = SharedLayout.single(cluster.source, of: cluster.deviceCount, shape: shape).regions
        }
        self.inputs = inputs
        owned = plain.layouts.map { row in
            var regions: [String: [Region]] = [:]
            for (position, layout) in row.enumerated() {
                for (device, region) in layout.regions.enumerated() where !region.isEmpty {
                    for output in (try? shared.needs(position, region))?.outputs ?? [] {
                        regions[
                            output.tensor,
                            default: [Region](
                                repeating: .empty(rank: output.region.rank), count: cluster.deviceCount)][device] =
                            output.region
                    }
                }
            }
            return regions
        }
    }

    /// Seconds that a device waits for what it lacks of a region.
    func missingS(_ needed: TensorRegion, on device: Int, after scheme: Int) -> Double {
        var sum = 0.0
        forEachMessage(needed, to: device, after: scheme) { byteCount, owner in
            let movingS = movingS(byteCount, from: owner, to: device)
            sum = pricing.overlapsLinks ? max(sum, movingS + cluster.latencyS[owner][device]) : sum + movingS
        }
        return sum
    }

    /// Calls `body` with bytes and owner of each message that a device gets for what it lacks of a region.
    @inline(__always)
    func forEachMessage(
        _ needed: TensorRegion, to device: Int, after scheme: Int, _ body: (_ byteCount: Int, _ owner: Int) -> Void
    ) {
        let input = inputs[needed.tensor]
        if pricing.inputsAreEverywhere, input != nil { return }
        guard let regions = input ?? owned[scheme][needed.tensor] else { return }
        if regions[device].contains(needed.region) { return }
        let elementBytes = shared.graph.tensors[needed.tensor]?.type.elementType.byteCount ?? 0
        // Regions behind an exchange do not overlap, but for those of operators that compute more than they are asked.
        for owner in regions.indices where owner != device && !regions[owner].isEmpty {
            let count = needed.region.overlap(regions[owner])
            if count > 0 { body(count * elementBytes, owner) }
        }
    }

    private func movingS(_ byteCount: Int, from: Int, to: Int) -> Double {
        if let times = pricing.times,
            let known = times.movingS[ShareMessage(byteCount: byteCount, from: from, to: to)]
        {
            return known
        }
        return cluster.movingS(byteCount, from: from, to: to)
    }

    /// Seconds that a device computes its part of an operator.
    func computeS(_ step: FusedRegions.Step, on device: Int) -> Double {
        guard let need = step.needs[device] else { return 0 }
        if let times = pricing.times,
            let known = times.computeS[
                SharePart(position: step.position, region: step.layout.regions[device], device: device)]
        {
            return known
        }
        return cluster.computeS(need.flop, on: device)
    }

    /// The graph's results.
    var results: [TensorRegion] {
        shared.graph.outputs.map { TensorRegion($0, .whole(shared.shape(ofTensor: $0))) }
    }

    /// The way of the graph's results to the destination.
    func resultsS(_ scheme: Int) -> Double {
        results.reduce(0) { $0 + missingS($1, on: cluster.destination, after: scheme) }
    }
}

extension Region {
    /// Elements in both.
    func overlap(_ other: Region) -> Int {
        if isEmpty || other.isEmpty { return 0 }
        var count = 1
        for axis in ranges.indices {
            let low = max(ranges[axis].lowerBound, other.ranges[axis].lowerBound)
            let high = min(ranges[axis].upperBound, other.ranges[axis].upperBound)
            if high <= low { return 0 }
            count *= high - low
        }
        return count
    }
}

/// The terms of a segment that grows backwards.
struct SegmentTerms {
    private struct Waiting {
        let needs: [RegionNeeds?]
        let computeS: [Double]
        let largestS: Double
        /// The operators that its inputs come from, -1 for an input of the graph.
        let producers: [Int]
    }

    let tables: OwnedRegions
    /// Sum over the operators of the longest computation: what the segment takes where nothing is missing.
    private(set) var computeS = 0.0
    /// Operators with an input from in front of the segment.
    private var waiting: [Waiting] = []
    private var first = 0

    init(_ tables: OwnedRegions) { self.tables = tables }

    /// Takes one more operator in front.
    mutating func add(_ step: FusedRegions.Step) {
        let graph = tables.shared.graph
        let times = step.needs.indices.map { tables.computeS(step, on: $0) }
        let largest = times.max() ?? 0
        computeS += largest + tables.pricing.weightsS(step.needs, tables.shared)
        first = step.position
        waiting.removeAll { !$0.producers.contains { $0 < step.position } }
        let producers = graph.operators[step.position].activations.map { graph.tensors[$0]?.producer ?? -1 }
        if !producers.isEmpty {
            waiting.append(
                Waiting(needs: step.needs, computeS: times, largestS: largest, producers: producers))
        }
    }

    /// Sum of the terms where what is missing comes from where a scheme leaves it.
    func costS(after scheme: Int) -> Double {
        var sum = computeS
        for one in waiting {
            var largest = one.largestS
            for (device, need) in one.needs.enumerated() {
                guard let need else { continue }
                var time = one.computeS[device]
                for input in need.inputs
                where (tables.shared.graph.tensors[input.tensor]?.producer ?? -1) < first {
                    time += tables.missingS(input, on: device, after: scheme)
                }
                largest = max(largest, time)
            }
            sum += largest - one.largestS
        }
        return sum
    }

    /// Calls `body` with what each device needs from in front of the segment.
    func forEachNeed(_ body: (_ needed: TensorRegion, _ device: Int) -> Void) {
        for one in waiting {
            for (device, need) in one.needs.enumerated() {
                for input in need?.inputs ?? []
                where (tables.shared.graph.tensors[input.tensor]?.producer ?? -1) < first {
                    body(input, device)
                }
            }
        }
    }
}
