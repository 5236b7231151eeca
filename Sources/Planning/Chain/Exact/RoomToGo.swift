/// Least costs from every end to the last boundary for each room that one device has left: its memory exactly, that of
/// the others at prices.
///
/// Prices let a device take a part of a layer; where few heavy layers decide, that is most of what a bound lacks. From
/// each end the ways on that are cheapest for what they take of the device's memory form a staircase: the more room,
/// the less cost. Layers of few sizes make few steps. A label needs the step that its own room allows.
///
/// A Lagrangian decomposition with one knapsack left whole (Guignard, Kim: "Lagrangean decomposition", Mathematical
/// Programming 39, 1987), the knapsack by dynamic programming along the chain.
struct RoomToGo {
    /// Steps of one staircase; with more, neighbours become one that takes the least of both: still a bound.
    private static let maximumSteps = 512

    let device: Int
    /// Steps that were looked at.
    private(set) var work = 0
    /// First step of each end, with one more place at the last.
    private var first: [Int] = []
    private var count: [Int] = []
    /// Bytes of weights that a way still puts on the device; ascending in a staircase.
    private var needBytes: [Double] = []
    /// Cost of the way; descending in a staircase.
    private var cost: [Double] = []

    private struct Steps {
        var needBytes: [Double] = []
        var cost: [Double] = []
    }

    /// - Parameters:
    ///   - costs: of arcs and moves, the device's memory without a price.
    ///   - weight: of each arc in bytes.
    ///   - roomBytes: what the device has for weights in all.
    ///   - largest: cost that a way from an end may have at most, with its need at `price`, to matter; by end.
    ///   - maximumWork: nil after so many steps.
    init?(
        _ network: ChainNetwork, _ graph: StageGraph, device: Int, costs: StageCosts, weight: [Double],
        roomBytes: Double, price: Double, largest: [Double], maximumWork: Int
    ) {
        self.device = device
        first = [Int](repeating: 0, count: graph.endCount)
        count = first
        for end in graph.ends(graph.layerCount) {
            first[end] = needBytes.count
            count[end] = 1
            needBytes.append(0)
            cost.append(0)
        }
        var starts: [Steps] = []
        var merged = Steps()
        var spare = Steps()
        for boundary in stride(from: graph.layerCount - 1, through: 1, by: -1) {
            guard work <= maximumWork else { return nil }
            let range = graph.starts(boundary)
            while starts.count < range.count { starts.append(Steps()) }
            for (place, start) in range.enumerated() {
                let isOwn = network.deviceOf[graph.startMode[start]] == device
                merged.needBytes.removeAll(keepingCapacity: true)
                merged.cost.removeAll(keepingCapacity: true)
                for arc in graph.arcs(start) {
                    let end = graph.arcEnd[arc]
                    let room = isOwn ? roomBytes - weight[arc] : roomBytes
                    merge(
                        &merged, &spare, from: first[end], count: count[end], addedBytes: isOwn ? weight[arc] : 0,
                        addedCost: costs.arc[arc], roomBytes: room)
                }
                swap(&starts[place], &merged)
            }
            for end in graph.ends(boundary) {
                merged.needBytes.removeAll(keepingCapacity: true)
                merged.cost.removeAll(keepingCapacity: true)
                for (place, start) in range.enumerated() {
                    let move = costs.move[graph.move(boundary, end: end, start: start)]
                    guard move < .infinity else { continue }
                    merge(&merged, &spare, starts[place], addedCost: move)
                }
                store(&merged, end: end, price: price, largest: largest[end])
            }
        }
    }

    /// The least cost from an end with that much room for weights; infinite where no way fits that matters.
    func cost(after end: Int, roomBytes: Double) -> Double {
        var low = first[end]
        var high = low + count[end]
        let start = low
        // The first step that needs more.
        while low < high {
            let middle = (low + high) / 2
            if needBytes[middle] <= roomBytes { low = middle + 1 } else { high = middle }
        }
        return low > start ? cost[low - 1] : .infinity
    }

    /// The staircase below two: one of this, shifted, and one that is being made.
    private mutating func merge(
        _ steps: inout Steps, _ spare: inout Steps, from base: Int, count: Int, addedBytes: Double, addedCost: Double,
        roomBytes: Double
    ) {
        work += count + steps.cost.count
        needBytes.withUnsafeBufferPointer { needs in
            cost.withUnsafeBufferPointer { costs in
                Self.merge(
                    &steps, &spare, UnsafeBufferPointer(rebasing: needs[base..<(base + count)]),
                    UnsafeBufferPointer(rebasing: costs[base..<(base + count)]), addedBytes: addedBytes,
                    addedCost: addedCost, roomBytes: roomBytes)
            }
        }
    }

    private mutating func merge(_ steps: inout Steps, _ spare: inout Steps, _ other: Steps, addedCost: Double) {
        work += other.cost.count + steps.cost.count
        other.needBytes.withUnsafeBufferPointer { needs in
            other.cost.withUnsafeBufferPointer { costs in
                Self.merge(&steps, &spare, needs, costs, addedBytes: 0, addedCost: addedCost, roomBytes: .infinity)
            }
        }
    }

    private static func merge(
        _ steps: inout Steps, _ spare: inout Steps, _ needs: UnsafeBufferPointer<Double>,
        _ costs: UnsafeBufferPointer<Double>, addedBytes: Double, addedCost: Double, roomBytes: Double
    ) {
        var least = Double.infinity
        var left = 0
        var right = 0
        let leftCount = steps.cost.count
        var rightCount = needs.count
        while rightCount > 0, needs[rightCount - 1] > roomBytes { rightCount -= 1 }
        guard rightCount > 0, addedCost < .infinity else { return }
        spare.needBytes.removeAll(keepingCapacity: true)
        spare.cost.removeAll(keepingCapacity: true)
        steps.needBytes.withUnsafeBufferPointer { ownNeeds in
            steps.cost.withUnsafeBufferPointer { ownCosts in
                while left < leftCount || right < rightCount {
                    let takesLeft: Bool
                    if left == leftCount {
                        takesLeft = false
                    } else if right == rightCount {
                        takesLeft = true
                    } else {
                        let other = needs[right] + addedBytes
                        takesLeft =
                            ownNeeds[left] < other
                            || (ownNeeds[left] == other && ownCosts[left] <= costs[right] + addedCost)
                    }
                    let need = takesLeft ? ownNeeds[left] : needs[right] + addedBytes
                    let cost = takesLeft ? ownCosts[left] : costs[right] + addedCost
                    if takesLeft { left += 1 } else { right += 1 }
                    guard cost < least else { continue }
                    least = cost
                    spare.needBytes.append(need)
                    spare.cost.append(cost)
                }
            }
        }
        swap(&steps, &spare)
    }

    /// Keeps the steps of an end that can matter.
    private mutating func store(_ steps: inout Steps, end: Int, price: Double, largest: Double) {
        first[end] = needBytes.count
        for index in steps.cost.indices where steps.cost[index] + price * steps.needBytes[index] < largest {
            needBytes.append(steps.needBytes[index])
            cost.append(steps.cost[index])
        }
        while needBytes.count - first[end] > Self.maximumSteps { halve(from: first[end]) }
        count[end] = needBytes.count - first[end]
    }

    private mutating func halve(from base: Int) {
        var next = base
        for index in stride(from: base, to: needBytes.count, by: 2) {
            needBytes[next] = needBytes[index]
            cost[next] = cost[min(index + 1, cost.count - 1)]
            next += 1
        }
        needBytes.removeSubrange(next...)
        cost.removeSubrange(next...)
    }
}
