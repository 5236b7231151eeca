import ModelGraph
import ONNXFormat

/// A tensor that enters or leaves a segment.
public struct TensorSignature: Sendable, Equatable {
    public let name: String
    public let type: TensorType

    public var elementType: ElementType { type.elementType }
    public var shape: [Int] { type.shape }
    public var byteCount: Int { type.byteCount }
}

/// A weight that a segment needs from outside its model file.
public struct SegmentWeight: Sendable, Equatable {
    /// Name of the initializer in the segment's model.
    public let name: String
    public let sha256: String
    public let elementType: ElementType
    public let shape: [Int]
    public let byteCount: Int
}

/// A run of operators as a model of its own.
public struct Segment: Sendable, Equatable {
    public let operators: Range<Int>
    /// A serialized ONNX model. Initializers above `GraphLimits.inlineBytes` are external data whose `location` is the
    /// hexadecimal SHA-256 of their bytes.
    public let modelBytes: [UInt8]
    /// One for a range between cut points.
    public let inputs: [TensorSignature]
    public let outputs: [TensorSignature]
    /// The external initializers, each once, in the order of first use.
    public let weights: [SegmentWeight]
}

/// Nodes and constants that go into a model file together.
struct NodeSelection {
    /// Positions in `PlainModel.nodes`, in topological order.
    var nodes: [Int]
    /// Positions in `PlainModel.initializers`.
    var initializers: [Int]
    /// Constants that were computed while the graph was read.
    var values: [(name: String, value: ConstantValue)]
}

extension ImportedModel {
    /// Cuts a run of operators out of the model.
    ///
    /// Inputs are the tensors that it needs from outside, outputs those that are needed outside, with static shapes.
    /// Operators on constants go along into every segment that needs them. Throws `ImportError`: an empty range or one
    /// outside the model, and weights whose bytes and hash are both not there.
    ///
    /// - Parameter listing: how the file lists the range's operators, counted from 0, each once; nil: each after those
    ///   that it needs. ONNX Runtime takes any listing, and chooses its order of running by it.
    public func segment(operators range: Range<Int>, listing: [Int]? = nil) throws -> Segment {
        guard !range.isEmpty, range.lowerBound >= 0, range.upperBound <= graph.operators.count else {
            throw ImportError(
                file: file,
                .graph(.invalidRange("operators \(range) are not a part of 0..<\(graph.operators.count)")))
        }
        var selection = select(range)
        if let listing {
            guard listing.sorted() == Array(0..<range.count) else {
                throw ImportError(
                    file: file, .graph(.invalidRange("a listing of operators \(range) has other operators in it")))
            }
            let listed = Set(graph.operators[range].map(\.node))
            selection.nodes.removeAll(where: listed.contains)
            selection.nodes += listing.map { graph.operators[range.lowerBound + $0].node }
        }
        let produced = Set(graph.operators[range].flatMap(\.outputs))
        var seen = Set<String>()
        let needed = graph.operators[range].flatMap(\.activations).filter {
            !produced.contains($0) && seen.insert($0).inserted
        }
        let inputs = inOrder(needed, first: graph.inputs)
        let given = Set(graph.outputs)
        let leaving = graph.operators[range].flatMap(\.outputs).filter { name in
            given.contains(name) || (graph.tensors[name]?.consumers.last ?? -1) >= range.upperBound
        }
        let outputs = inOrder(leaving, first: graph.outputs)
        let inputSignatures = try inputs.map { try signature(of: $0) }
        let outputSignatures = try outputs.map { try signature(of: $0) }
        let weights = try selection.initializers.map { plain.initializers[$0] }
            .filter { $0.type.byteCount > GraphLimits.inlineBytes }
            .map { initializer in
                SegmentWeight(
                    name: initializer.name, sha256: try hash(of: initializer),
                    elementType: initializer.type.elementType, shape: initializer.type.shape,
                    byteCount: initializer.type.byteCount)
            }
        let bytes = try serialized(
            selection, name: "\(plain.graphName)[\(range.lowerBound)..<\(range.upperBound)]", inputs: inputSignatures,
            outputs: outputSignatures)
        return Segment(
            operators: range, modelBytes: bytes, inputs: inputSignatures, outputs: outputSignatures, weights: weights)
    }

    /// The segment of consecutive layers.
    public func segment(layers: ArraySlice<GraphLayer>) throws -> Segment {
        guard let first = layers.first, let last = layers.last, first.operators.lowerBound < last.operators.upperBound
        else { throw ImportError(file: file, .graph(.invalidRange("no layers were chosen"))) }
        return try segment(operators: first.operators.lowerBound..<last.operators.upperBound)
    }

    /// Names of the graph's own inputs or outputs come in the graph's order, then the others.
    private func inOrder(_ names: [String], first order: [String]) -> [String] {
        let set = Set(names)
        let leading = order.filter(set.contains)
        let listed = Set(leading)
        return leading + names.filter { !listed.contains($0) }
    }

    /// The nodes of a range with all that they need of constants.
    private func select(_ range: Range<Int>) -> NodeSelection {
        var nodes = Set(graph.operators[range].map(\.node))
        var selection = NodeSelection(nodes: [], initializers: [], values: [])
        var seen = Set<String>()
        var pending = graph.operators[range].flatMap { graph.nodes[$0.node].inputs }
        pending.reverse()
        while let name = pending.popLast() {
            guard let source = graph.constants[name], seen.insert(name).inserted else { continue }
            switch source {
            case .initializer:
                if let position = graph.initializerPosition(named: name) { selection.initializers.append(position) }
            case .value(let value):
                selection.values.append((name, value))
            case .node(let node):
                if nodes.insert(node).inserted { pending += graph.nodes[node].inputs.reversed() }
            }
        }
        // A node goes along whole; its other results must not be given a second time as values.
        let produced = Set(nodes.flatMap { graph.nodes[$0].outputs })
        selection.values.removeAll { produced.contains($0.name) }
        selection.nodes = graph.nodeOrder.filter(nodes.contains)
        return selection
    }
}
