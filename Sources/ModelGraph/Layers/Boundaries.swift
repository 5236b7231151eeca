/// What lives between two neighbouring operators.
///
/// Boundary `b` lies before operator `b`; boundary 0 is the start of the graph, boundary `operators.count` its end.
extension ModelGraph {
    /// Boundaries that exactly one activation crosses, ascending; graph inputs and outputs count.
    ///
    /// The start is one where the graph has one input in use, the end where it has one output.
    public var cutPoints: [Int] {
        var change = [Int](repeating: 0, count: operators.count + 2)
        for tensor in tensors.values {
            guard let span = boundarySpan(of: tensor) else { continue }
            change[span.lowerBound] += 1
            change[span.upperBound + 1] -= 1
        }
        var crossing = 0
        var cuts: [Int] = []
        for boundary in 0...operators.count {
            crossing += change[boundary]
            if crossing == 1 { cuts.append(boundary) }
        }
        return cuts
    }

    /// Activations that cross a boundary: graph inputs first, then others as they are produced; at the end of the
    /// graph its outputs in their order.
    public func tensors(crossing boundary: Int) -> [String] { tensors(crossing: [boundary])[0] }

    /// The same for several boundaries (ascending), in one pass over the tensors.
    public func tensors(crossing boundaries: [Int]) -> [[String]] {
        let inputOrder = Dictionary(inputs.enumerated().map { ($0.element, $0.offset) }) { first, _ in first }
        let outputOrder = Dictionary(outputs.enumerated().map { ($0.element, $0.offset) }) { first, _ in first }
        let ordered = tensors.values.sorted { left, right in
            let leftKey = (left.producer ?? -1, inputOrder[left.name] ?? 0)
            let rightKey = (right.producer ?? -1, inputOrder[right.name] ?? 0)
            return leftKey == rightKey ? left.name < right.name : leftKey < rightKey
        }
        var crossing = [[String]](repeating: [], count: boundaries.count)
        for tensor in ordered {
            guard let span = boundarySpan(of: tensor) else { continue }
            for index in firstPosition(in: boundaries, notBefore: span.lowerBound)..<boundaries.count {
                guard boundaries[index] <= span.upperBound else { break }
                crossing[index].append(tensor.name)
            }
        }
        for index in boundaries.indices where boundaries[index] == operators.count {
            crossing[index].sort { outputOrder[$0, default: 0] < outputOrder[$1, default: 0] }
        }
        return crossing
    }

    private func firstPosition(in boundaries: [Int], notBefore boundary: Int) -> Int {
        var low = 0
        var high = boundaries.count
        while low < high {
            let middle = (low + high) / 2
            if boundaries[middle] < boundary { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// Boundaries that a tensor crosses: from its producer to its last reader (nil: none, it is never read).
    private func boundarySpan(of tensor: GraphTensor) -> ClosedRange<Int>? {
        let first = tensor.producer.map { $0 + 1 } ?? 0
        guard let last = outputSet.contains(tensor.name) ? operators.count : tensor.consumers.last else { return nil }
        return first <= last ? first...last : nil
    }
}
