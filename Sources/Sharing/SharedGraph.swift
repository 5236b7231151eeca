import ModelGraph

/// A model graph with the rule by which each operator can be shared: what a part of a result needs, and how it is
/// computed. Made once for a graph; answers are arithmetic on ranges.
public struct SharedGraph: Sendable {
    public let graph: ModelGraph
    let operators: [SharedOperator]
    let rules: [any SharingRule]
    /// What every axis of every activation stands for.
    public let axisRoles: [String: [AxisRole?]]
    /// Weights that a constant is computed from, for constants that are no initializers.
    let weightsBehind: [String: [TensorRegion]]
    /// What FLOP are multiplied with, by operator; empty where all cost the same.
    private let relativeCosts: [Double]

    /// - Parameter relativeCosts: how many times as long a FLOP of each operator takes as one of the whole model does,
    ///   by operator (nil: all take the same). One that waits for memory takes many times as long. Whoever plans counts
    ///   FLOP in these terms, so that FLOP / speed is the time that was measured.
    public init(_ graph: ModelGraph, relativeCosts: [Double]? = nil) {
        self.graph = graph
        self.relativeCosts = relativeCosts ?? []
        let operators = graph.operators.indices.map { position -> SharedOperator in
            let call = graph.call(of: position)
            return SharedOperator(
                name: graph.operators[position].name, call: call,
                outputs: call.node.outputs.map { graph.tensors[$0]?.type })
        }
        self.operators = operators
        rules = operators.map(RuleSelection.rule)
        axisRoles = AxisRole.roles(graph, operators)
        var behind: [String: [TensorRegion]] = [:]
        for position in graph.nodeOrder {
            let node = graph.nodes[position]
            guard node.outputs.contains(where: { graph.constants[$0] == .node(position) }) else { continue }
            var seen = Set<TensorRegion>()
            let weights = node.inputs.flatMap { name -> [TensorRegion] in
                if let weight = graph.initializer(named: name) {
                    return weight.isWeight ? [TensorRegion(name, .whole(weight.type.shape))] : []
                }
                return behind[name] ?? []
            }.filter { seen.insert($0).inserted }
            for output in node.outputs { behind[output] = weights }
        }
        weightsBehind = behind
    }

    /// Operations of the whole operator, as they cost.
    public func flop(of position: Int) -> Double {
        let flop = graph.operators[position].flop
        return relativeCosts.indices.contains(position) ? flop * relativeCosts[position] : flop
    }

    /// Shape of the result that is shared: that of the operator's first output.
    public func shape(of position: Int) -> [Int] { operators[position].shape }

    /// The tensor that is shared: the operator's first output.
    public func tensor(of position: Int) -> String { graph.operators[position].outputs.first ?? "" }

    /// Shape of any tensor; empty where there is none of this name.
    public func shape(ofTensor name: String) -> [Int] { graph.tensors[name]?.type.shape ?? [] }

    /// What an operator needs to compute a region of its first output, and the same part of its others.
    ///
    /// An empty region needs nothing. Throws where the region lies outside, or where it holds only a part of an axis
    /// along which the operator cannot be shared.
    public func needs(_ position: Int, _ region: Region) throws(CannotShare) -> RegionNeeds {
        let shared = operators[position]
        guard region.rank == shared.shape.count, Region.whole(shared.shape).contains(region) else {
            throw shared.refusal(nil, "region \(region) is no part of its result of shape \(shared.shape)")
        }
        guard !region.isEmpty else {
            return RegionNeeds(position: position, outputs: [], inputs: [], weights: [], nodes: [], flop: 0)
        }
        let nodes = try rules[position].nodes(for: region)
        var inputs: [TensorRegion] = []
        var weights: [TensorRegion] = []
        for case let operand? in nodes.flatMap(\.operands) {
            switch operand {
            case .activation(let named):
                guard !named.region.isEmpty else {
                    throw shared.refusal(nil, "its input '\(named.tensor)' has no elements")
                }
                if !inputs.contains(named) { inputs.append(named) }
            case .constant(let named):
                let known = graph.initializer(named: named.tensor).map { $0.isWeight ? [named] : [] }
                for weight in known ?? weightsBehind[named.tensor] ?? [] where !weights.contains(weight) {
                    weights.append(weight)
                }
            case .integers: break
            }
        }
        let outputs = nodes.flatMap { $0.results.compactMap { $0.map { TensorRegion($0.tensor, $0.kept) } } }
        return RegionNeeds(
            position: position, outputs: outputs, inputs: inputs, weights: weights, nodes: nodes,
            flop: flop(position, nodes: nodes, inputs: inputs))
    }

    /// Throws the reason why an operator cannot be shared along an axis of its first output.
    public func requireShareable(_ position: Int, axis: Int) throws(CannotShare) {
        let shape = operators[position].shape
        guard shape.indices.contains(axis) else {
            throw operators[position].refusal(axis, "its result has \(shape.count) axes")
        }
        guard shape[axis] > 1 else { throw operators[position].refusal(axis, "its extent is \(shape[axis])") }
        _ = try needs(position, Region.whole(shape).replacing(axis, with: 0..<1))
    }

    /// Axes of an operator's first output along which it can be shared, ascending.
    public func shareableAxes(of position: Int) -> [Int] {
        operators[position].shape.indices.filter { (try? requireShareable(position, axis: $0)) != nil }
    }

    /// Operations for a part, in proportion to what costs: elements read by reductions and pooling, else computed ones.
    private func flop(_ position: Int, nodes: [LocalNode], inputs: [TensorRegion]) -> Double {
        let shared = operators[position]
        let flop = flop(of: position)
        let readsCount = shared.node.type.hasPrefix("Reduce") || shared.node.type.hasSuffix("Pool")
        if readsCount, let input = inputs.first {
            return flop * Double(input.region.elementCount)
                / Double(max(1, shared.call.inputs[0]?.type.elementCount ?? 1))
        }
        let computed = nodes.first?.results.first??.computed.elementCount ?? 0
        return flop * Double(computed) / Double(max(1, shared.shape.reduce(1, *)))
    }
}
