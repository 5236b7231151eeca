import Sharing

/// The search of `StagePlacement`, for given room and given shared layers.
struct StageSearch {
    /// What a stage of layers `first..<last` of the bounds asks for.
    struct Group {
        let positions: Range<Int>
        /// Of operators that are not shared.
        let flop: Double
        let ownBytes: Int
        let common: [StagePlacement.Weight]
        let liveBytes: Int
    }

    private let placement: StagePlacement
    private let groups: [Group]
    private let devices: [Int]
    /// Room of each of `devices` beside what is shared.
    private let room: [Int]
    /// Activations of shared layers on each of `devices`.
    private let sharedLive: [Int]
    private let resultBytes: Int

    init(_ placement: StagePlacement, _ room: [Int], _ large: [Int: SharedLayout]) {
        self.placement = placement
        let shared = placement.shared
        let devices = Array(
            room.indices.sorted { (room[$0], -$0) > (room[$1], -$1) }.prefix(StagePlacement.devicesMost))
        var left = room
        let cluster = placement.cluster
        let resultBytes = shared.graph.activationBytes(of: shared.graph.outputs)
        var live = room.indices.map { $0 == cluster.destination ? resultBytes : 0 }
        for device in room.indices {
            var held: [String: [Region]] = [:]
            for (position, layout) in large {
                let region = layout.regions[device]
                guard !region.isEmpty, let needs = try? shared.needs(position, region) else { continue }
                for weight in needs.weights {
                    for part in weight.region.subtracting(held[weight.tensor] ?? []) {
                        held[weight.tensor, default: []].append(part)
                        left[device] -= shared.byteCount(TensorRegion(weight.tensor, part))
                    }
                }
                let own = (needs.inputs + needs.outputs).reduce(0) { $0 + shared.byteCount($1) }
                live[device] = max(live[device], own + (device == cluster.destination ? resultBytes : 0))
            }
        }
        self.devices = devices
        self.resultBytes = resultBytes
        self.room = devices.map { left[$0] }
        sharedLive = devices.map { live[$0] }
        groups = placement.bounds().map { positions in
            let alone = positions.filter { large[$0] == nil }
            let weights = alone.flatMap { placement.weights[$0] }
            var seen = Set<String>()
            return Group(
                positions: positions, flop: alone.reduce(0) { $0 + shared.flop(of: $1) },
                ownBytes: weights.reduce(0) { $0 + ($1.isCommon ? 0 : $1.byteCount) },
                common: weights.filter { $0.isCommon && seen.insert($0.name).inserted },
                liveBytes: alone.map { placement.liveBytes[$0] }.max() ?? 0)
        }
    }

    /// Positions and device of each stage (nil: there are none that fit).
    func find() -> [(Range<Int>, Int)]? {
        let cluster = placement.cluster
        let count = groups.count
        let sets = 1 << devices.count
        func place(_ group: Int, _ set: Int, _ last: Int) -> Int { (group * sets + set) * devices.count + last }
        var value = [Double](repeating: .infinity, count: (count + 1) * sets * devices.count)
        var origin = [(group: Int, last: Int)](repeating: (0, -1), count: value.count)
        for first in 0..<count {
            let bytes = placement.crossingBytes[groups[first].positions.lowerBound]
            for device in devices.indices {
                let times = timesS(first, device)
                guard !times.isEmpty else { continue }
                for set in 0..<sets where set & (1 << device) == 0 && (set == 0) == (first == 0) {
                    var best = Double.infinity
                    var before = -1
                    if first == 0 {
                        best = wayS(bytes, from: cluster.source, to: devices[device])
                    } else {
                        for last in devices.indices where value[place(first, set, last)] < .infinity {
                            let reached =
                                value[place(first, set, last)]
                                + wayS(bytes, from: devices[last], to: devices[device])
                            if reached < best { (best, before) = (reached, last) }
                        }
                    }
                    guard best < .infinity else { continue }
                    for (step, computeS) in times.enumerated() {
                        let to = place(first + step + 1, set | 1 << device, device)
                        if best + computeS < value[to] {
                            value[to] = best + computeS
                            origin[to] = (first, before)
                        }
                    }
                }
            }
        }
        var best: (at: Double, set: Int, last: Int)?
        for set in 1..<sets {
            for last in devices.indices where value[place(count, set, last)] < best?.at ?? .infinity {
                let at =
                    value[place(count, set, last)] + wayS(resultBytes, from: devices[last], to: cluster.destination)
                if at < best?.at ?? .infinity { best = (at, set, last) }
            }
        }
        guard var (_, set, last) = best else { return nil }
        var stages: [(Range<Int>, Int)] = []
        var end = count
        while end > 0 {
            let (group, before) = origin[place(end, set, last)]
            stages.append((groups[group].positions.lowerBound..<groups[end - 1].positions.upperBound, devices[last]))
            set &= ~(1 << last)
            (end, last) = (group, before)
        }
        return stages.reversed()
    }

    /// Seconds that a device computes from a group on, for each last group as long as all fit on it.
    private func timesS(_ first: Int, _ device: Int) -> [Double] {
        var bytes = 0
        var live = sharedLive[device]
        var flop = 0.0
        var seen = Set<String>()
        var times: [Double] = []
        for group in groups[first...] {
            bytes += group.ownBytes
            for weight in group.common where seen.insert(weight.name).inserted { bytes += weight.byteCount }
            live = max(live, group.liveBytes)
            flop += group.flop
            guard bytes + live <= room[device] else { break }
            times.append(placement.cluster.computeS(flop, on: devices[device]))
        }
        return times
    }

    private func wayS(_ bytes: Int, from: Int, to: Int) -> Double {
        from == to ? 0 : placement.cluster.movingS(bytes, from: from, to: to) + placement.cluster.latencyS[from][to]
    }
}
