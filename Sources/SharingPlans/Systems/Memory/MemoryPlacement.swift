import Sharing

/// A simple plan for boards that are short of memory: whole layers on one device each, one device after the other until
/// it is full. Layers that read the same weights stay together, on the device of most memory. Not fast; where weights
/// cannot be cut it is often all that fits, and a beginning for `unified`.
enum MemoryPlacement {
    /// Layouts by operator (nil: some layer fits nowhere, or no device says what memory it offers).
    static func layouts(_ shared: SharedGraph, _ cluster: SharingCluster) -> [SharedLayout]? {
        let bounds = LayerStarts.positions(shared) + [shared.graph.operators.count]
        let layers = zip(bounds, bounds.dropFirst()).map { $0..<$1 }
        let largest =
            shared.graph.operators.map { step in
                shared.graph.activationBytes(of: step.activations + step.outputs)
            }.max() ?? 0
        var room = cluster.devices.map { max(0, ($0.memoryBytes ?? .max / 2) - largest) }
        guard cluster.devices.contains(where: { $0.memoryBytes != nil }) else { return nil }
        let weights = layers.map { Set($0.flatMap { position in weightNames(position, shared) }) }
        var readers: [String: Int] = [:]
        for name in weights.joined() { readers[name, default: 0] += 1 }
        func bytes(_ names: Set<String>) -> Int {
            names.reduce(0) { $0 + (shared.graph.initializer(named: $1)?.type.byteCount ?? 0) }
        }
        // Layers that read the same weights, first of all, together.
        var device = [Int?](repeating: nil, count: layers.count)
        let together = layers.indices.filter { weights[$0].contains { readers[$0] ?? 0 > 1 } }
        if !together.isEmpty {
            let all = together.reduce(into: Set<String>()) { $0.formUnion(weights[$1]) }
            let most = room.indices.max { room[$0] < room[$1] } ?? 0
            if bytes(all) <= room[most] {
                room[most] -= bytes(all)
                for layer in together { device[layer] = most }
            }
        }
        var current = cluster.source
        for layer in layers.indices where device[layer] == nil {
            let need = bytes(weights[layer])
            if room[current] < need {
                guard let next = room.indices.filter({ room[$0] >= need }).max(by: { room[$0] < room[$1] }) else {
                    return nil
                }
                current = next
            }
            room[current] -= need
            device[layer] = current
        }
        return layers.enumerated().flatMap { layer, positions in
            positions.map { position in
                .single(
                    device[layer] ?? cluster.source, of: cluster.deviceCount, shape: shared.shape(of: position))
            }
        }
    }

    private static func weightNames(_ position: Int, _ shared: SharedGraph) -> [String] {
        (try? shared.needs(position, .whole(shared.shape(of: position))))?.weights.map(\.tensor) ?? []
    }
}
