import Sharing

/// For devices that are short of memory: the model in stages of whole layers, each on a device of its own, so that
/// computing and moving take least time. Layers that are too large for that are shared by all devices, along channels
/// and in proportion to memory; those that read the same weights may have one device for themselves.
///
/// With bounds b(0), ..., b(G) between which stages may begin, by dynamic programming over the devices S that are used
/// already and the last of them:
///
///     V(0, {}) = 0
///     V(j, S + d, d) = min over i < j, e in S of  V(i, S, e) + moving(i, e, d) + computing(i..<j, d)
///                      where weights and largest live activations of i..<j fit on d beside its part of shared layers
///
/// What is live is that of the model on one device, so memory is seen a little too large; `SharingEvaluation` says what
/// a plan really needs.
struct StagePlacement {
    /// Bounds of stages at most; of more layers those between which little moves.
    static let boundsMost = 64
    /// Devices that get stages at most: those of most memory.
    static let devicesMost = 8
    /// Plans of one kind, each with less room than the one before where that needed too much.
    private static let correctionsMost = 3

    struct Weight {
        let name: String
        let byteCount: Int
        /// Do several operators read it?
        let isCommon: Bool
    }

    let shared: SharedGraph
    let cluster: SharingCluster
    let layers: [Range<Int>]
    let memoryBytes: [Int]
    /// By operator.
    let weights: [[Weight]]
    let liveBytes: [Int]
    /// Bytes that operators from a position on need of those before it, and of the graph's inputs.
    let crossingBytes: [Int]

    init(_ shared: SharedGraph, _ cluster: SharingCluster) {
        self.shared = shared
        self.cluster = cluster
        let starts = LayerStarts.positions(shared) + [shared.graph.operators.count]
        layers = zip(starts, starts.dropFirst()).map { $0..<$1 }
        let needed = shared.graph.operators.indices.map { position in
            (try? shared.needs(position, .whole(shared.shape(of: position))))?.weights ?? []
        }
        var readers: [String: Int] = [:]
        for row in needed { for name in Set(row.map(\.tensor)) { readers[name, default: 0] += 1 } }
        weights = needed.map { row in
            row.map {
                Weight(name: $0.tensor, byteCount: shared.byteCount($0), isCommon: readers[$0.tensor] ?? 0 > 1)
            }
        }
        let count = shared.graph.operators.count
        var live = [Int](repeating: 0, count: count + 2)
        var crossing = live
        for (name, tensor) in shared.graph.tensors {
            let first = tensor.producer ?? 0
            let last = shared.graph.outputs.contains(name) ? count : tensor.consumers.max() ?? first
            live[first] += tensor.byteCount
            live[last + 1] -= tensor.byteCount
            guard let end = tensor.consumers.max(), end > (tensor.producer ?? -1) else { continue }
            crossing[(tensor.producer ?? -1) + 1] += tensor.byteCount
            crossing[end + 1] -= tensor.byteCount
        }
        for index in 1..<live.count {
            live[index] += live[index - 1]
            crossing[index] += crossing[index - 1]
        }
        liveBytes = live
        crossingBytes = crossing
        // A device that does not say what it offers has room for everything.
        let all = needed.joined().reduce(0) { $0 + shared.byteCount($1) } + (live.max() ?? 0)
        memoryBytes = cluster.devices.map { min($0.memoryBytes ?? all, all) }
    }

    /// Plans that may fit, of ever more shared layers, until some do; best guesses where none does.
    func plans(until isTimeUp: () -> Bool) throws(SharingError) -> [SharingPlan] {
        var plans: [SharingPlan] = []
        // Whoever holds the results needs room for them, and is tried last.
        let homes =
            weights.joined().contains(where: \.isCommon)
            ? cluster.devices.indices.sorted {
                ($0 == cluster.destination ? 1 : 0, -cluster.speeds[$0]) < (
                    $1 == cluster.destination ? 1 : 0, -cluster.speeds[$1]
                )
            } : []
        for share in [1, 0.5, 0.25, 0.1, 0] {
            for home in [nil] + (share == 1 ? homes : []) {
                var room = memoryBytes
                for _ in 0..<Self.correctionsMost {
                    if isTimeUp() { return plans }
                    guard let layouts = layouts(room, sharedAbove: share, home: home) else { break }
                    let plan = try SharingPlan(.unified, layouts, shared, cluster)
                    plans.append(plan)
                    if plan.evaluation.fits { break }
                    // The next is to leave free what this one needed too much.
                    for (device, one) in cluster.devices.enumerated() {
                        room[device] -= max(0, plan.evaluation.peakBytes[device] - (one.memoryBytes ?? .max))
                    }
                }
            }
            if plans.contains(where: \.evaluation.fits) { break }
        }
        return plans
    }

    /// Layouts by operator (nil: none fit).
    ///
    /// - Parameters:
    ///   - room: bytes of each device that may be used.
    ///   - part: layers that need more than this part of the largest room are shared by all devices.
    ///   - home: the device of all layers that read weights in common (nil: they are layers as all others).
    func layouts(_ room: [Int], sharedAbove part: Double, home: Int?) -> [SharedLayout]? {
        let scheme = SharingScheme.proportional(.channels, room.map { Double(max(1, $0)) })
        let limit = part * Double(room.max() ?? 0)
        var large: [Int: SharedLayout] = [:]
        for layer in layers {
            if let home, weights[layer].joined().contains(where: \.isCommon) {
                for position in layer {
                    large[position] = .single(home, of: cluster.deviceCount, shape: shared.shape(of: position))
                }
                continue
            }
            let bytes = weights[layer].joined().reduce(0) { $0 + $1.byteCount }
            guard bytes > 0, Double(bytes + (layer.map { liveBytes[$0] }.max() ?? 0)) > limit else { continue }
            var layouts: [SharedLayout] = []
            for position in layer {
                guard let layout = try? scheme.layout(position, shared) else { break }
                layouts.append(layout)
            }
            guard layouts.count == layer.count else { continue }
            for (position, layout) in zip(layer, layouts) { large[position] = layout }
        }
        guard let stages = StageSearch(self, room, large).find() else { return nil }
        var layouts: [SharedLayout] = []
        for (range, device) in stages {
            layouts += range.map {
                large[$0] ?? .single(device, of: cluster.deviceCount, shape: shared.shape(of: $0))
            }
        }
        return layouts
    }

    /// Operators between which stages may begin.
    func bounds() -> [Range<Int>] {
        let size = (layers.count + Self.boundsMost - 1) / Self.boundsMost
        var starts = [0]
        for first in stride(from: size, to: layers.count, by: size) {
            let window = layers[first..<min(first + size, layers.count)].map(\.lowerBound)
            if let start = window.min(by: { crossingBytes[$0] < crossingBytes[$1] }) { starts.append(start) }
        }
        return zip(starts, starts.dropFirst() + [shared.graph.operators.count]).map { $0..<$1 }
    }
}
