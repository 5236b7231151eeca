/// Drops labels that another label of the same layer and device makes needless.
///
/// Memory of a device after more layers of weight `w` and largest activation `a` is `W + w + max(A, a)`. As `a` ranges
/// from nothing to the largest activation that can still come, that is least everywhere exactly where it is least at
/// both ends. So two figures for each device are compared: `W + A` and `W + max(A, largest still to come)`, and each is
/// projected to `max(0, figure + weights still to come - capacity)`, so that limits that cannot bind vanish.
struct Dominance {
    /// Labels that one is compared with: the cheapest first, which dominate most. Bounds the time; a label kept in
    /// vain costs nothing but time.
    static let maximumComparisons = 400

    let graph: ChainGraph
    let need: RemainingNeed
    let alike: InterchangeableDevices

    /// Indices of the labels to keep, grouped by device and ascending in seconds within each.
    func undominated(_ labels: LabelSet, layer: Int) -> [Int] {
        var kept: [Int] = []
        kept.reserveCapacity(labels.count)
        for device in 0..<graph.deviceCount {
            let members = (0..<labels.count).filter { labels.device[$0] == device }
            guard members.count > 1 else {
                kept.append(contentsOf: members)
                continue
            }
            kept.append(contentsOf: undominated(members, labels, layer: layer, device: device))
        }
        return kept
    }

    private func undominated(_ members: [Int], _ labels: LabelSet, layer: Int, device: Int) -> [Int] {
        let ordered = members.sorted {
            (labels.seconds[$0], $0) < (labels.seconds[$1], $1)
        }
        let (figures, width) = projected(ordered, labels, layer: layer, device: device)
        // No memory can bind any more: the cheapest is enough.
        guard width > 0 else { return [ordered[0]] }
        var kept: [Int] = []
        var keptFigures: [Int] = []
        figures.withUnsafeBufferPointer { figures in
            for (position, label) in ordered.enumerated() {
                let base = position * width
                let compared = min(kept.count, Self.maximumComparisons)
                var isDominated = false
                keptFigures.withUnsafeBufferPointer { keptFigures in
                    candidate: for other in 0..<compared {
                        let otherBase = other * width
                        for figure in 0..<width where keptFigures[otherBase + figure] > figures[base + figure] {
                            continue candidate
                        }
                        isDominated = true
                        break
                    }
                }
                guard !isDominated else { continue }
                kept.append(label)
                if kept.count <= Self.maximumComparisons {
                    keptFigures.append(contentsOf: figures[base..<(base + width)])
                }
            }
        }
        return kept
    }

    /// The projected figures of each label, without the columns that are zero for all; and how many remain.
    private func projected(
        _ ordered: [Int], _ labels: LabelSet, layer: Int, device: Int
    ) -> (figures: [Int], width: Int) {
        let count = graph.deviceCount
        let stride = 2 * count
        var full = [Int](repeating: 0, count: ordered.count * stride)
        var isActive = [Bool](repeating: false, count: stride)
        for (position, label) in ordered.enumerated() {
            for owner in 0..<count {
                let node = layer * count + owner
                guard need.open[node] else { continue }
                let room = graph.capacityBytes[owner] - need.weightBytes[node]
                let weights = labels.weightBytes(label, owner)
                let peak = labels.activationPeakBytes(label, owner)
                full[position * stride + 2 * owner] = max(0, weights + peak - room)
                full[position * stride + 2 * owner + 1] =
                    max(0, weights + max(peak, need.activationPeakBytes[node]) - room)
            }
            sortAlike(&full, base: position * stride, device: device)
            for column in 0..<stride where full[position * stride + column] > 0 { isActive[column] = true }
        }
        let columns = (0..<stride).filter { isActive[$0] }
        guard columns.count < stride else { return (full, stride) }
        var figures: [Int] = []
        figures.reserveCapacity(ordered.count * columns.count)
        for position in ordered.indices {
            for column in columns { figures.append(full[position * stride + column]) }
        }
        return (figures, columns.count)
    }

    /// Interchangeable devices, but for the one that the label ends on, are compared in the order of what they hold.
    private func sortAlike(_ figures: inout [Int], base: Int, device: Int) {
        for group in alike.groups {
            let members = group.filter { $0 != device }
            guard members.count > 1 else { continue }
            let pairs = members.map { (figures[base + 2 * $0], figures[base + 2 * $0 + 1]) }.sorted { $0 < $1 }
            for (member, pair) in zip(members, pairs) {
                figures[base + 2 * member] = pair.0
                figures[base + 2 * member + 1] = pair.1
            }
        }
    }
}
