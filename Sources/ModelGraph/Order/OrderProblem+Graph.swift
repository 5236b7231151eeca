extension OrderProblem {
    /// Operators of a graph, as a rule those of a segment; operator `i` is the graph's `range.lowerBound + i`.
    ///
    /// Throws `GraphError` where the sizes of the tensors are beyond counting.
    public init(_ graph: ModelGraph, _ range: Range<Int>) throws {
        var tensors: [Tensor] = []
        var positions: [String: Int] = [:]
        func position(_ name: String) -> Int {
            if let known = positions[name] { return known }
            let tensor = graph.tensors[name]
            tensors.append(
                Tensor(
                    byteCount: tensor?.byteCount ?? 0,
                    leaves: graph.outputSet.contains(name) || (tensor?.consumers.last ?? -1) >= range.upperBound))
            positions[name] = tensors.count - 1
            return tensors.count - 1
        }
        let operators = graph.operators[range].map { one in
            Operator(
                reads: one.activations.map(position), writes: one.outputs.map(position),
                worksInPlace: one.worksInPlace, flop: one.flop)
        }
        try self.init(tensors: tensors, operators: operators)
    }

    /// All operators of a graph.
    public init(_ graph: ModelGraph) throws { try self.init(graph, graph.operators.indices) }
}
