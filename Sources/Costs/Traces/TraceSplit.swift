/// Which rows a model is trained on and which it is tested on; both in rising order.
public struct TraceSplit: Sendable, Equatable {
    public var training: [Int]
    public var heldOut: [Int]

    /// Held out of all rows, rounded, and at least one of two.
    public static let heldOutShare = 0.2

    /// A fifth of the rows, drawn by the seed, is held out. A row's twin may be on the other side.
    public static func ofRows(_ table: TraceTable, seed: UInt64) -> TraceSplit {
        split(groups: (0..<table.rowCount).map { [$0] }, seed: seed)
    }

    /// A fifth of the different features, drawn by the seed, is held out with all rows that have them: what is tested
    /// was never seen.
    public static func ofFeatures(_ table: TraceTable, seed: UInt64) -> TraceSplit {
        let firsts = table.firstTwins()
        var places: [Int: Int] = [:]
        var groups: [[Int]] = []
        for (row, first) in firsts.enumerated() {
            if let place = places[first] {
                groups[place].append(row)
            } else {
                places[first] = groups.count
                groups.append([row])
            }
        }
        return split(groups: groups, seed: seed)
    }

    private static func split(groups: [[Int]], seed: UInt64) -> TraceSplit {
        var generator = SeededGenerator(seed: seed)
        let drawn = groups.indices.shuffled(using: &generator)
        let wanted = Int((Double(groups.count) * heldOutShare).rounded())
        let count = groups.count < 2 ? 0 : max(1, wanted)
        return TraceSplit(
            training: drawn.dropFirst(count).flatMap { groups[$0] }.sorted(),
            heldOut: drawn.prefix(count).flatMap { groups[$0] }.sorted())
    }
}
