import Costs

/// Paths with one cut: the layers before it on one device, the others on another, pinned layers where they are pinned.
enum OneCut {
    /// Those that pins and private layers allow and that fit the memories, the earliest cut first.
    static func paths(before: Int, after: Int, table: CostTable) -> [[Int]] {
        (1...table.layerCount).compactMap { cut in
            let path = (0..<table.layerCount).map { table.pinned[$0] ?? ($0 < cut ? before : after) }
            let isAllowed = path.enumerated().allSatisfy { table.isAllowed(layer: $0.offset, device: $0.element) }
            return isAllowed && MemoryUse.fits(path, table: table) ? path : nil
        }
    }
}
