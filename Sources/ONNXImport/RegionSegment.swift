import ModelGraph
import ONNXFormat
import Sharing
import SwiftProtobuf

/// Parts of operators as a model of its own: what one device runs in one go where operators are shared.
public struct RegionSegment: Sendable, Equatable {
    /// A serialized ONNX model, as that of `Segment`. A weight of which a run of bytes is needed names that run of its
    /// file; one of which other parts are needed is cut when the model is loaded.
    public let modelBytes: [UInt8]
    /// One for each input and output of the `SharedSegment`, in its order; names are those in the model file, shapes
    /// those of the regions.
    public let inputs: [TensorSignature]
    public let outputs: [TensorSignature]
    /// The external initializers, each once and whole, in the order of first use.
    public let weights: [SegmentWeight]
}

extension ImportedModel {
    /// Writes the model that computes a segment's outputs from its inputs.
    ///
    /// Padding and slices stand in it explicitly, so that the result is exactly that region of the whole result.
    ///
    /// - Parameter shared: of this model's graph.
    /// - Throws: `ImportError`: a segment that does not fit the graph, and weights whose bytes and hash are both not
    ///   there.
    public func segment(_ segment: SharedSegment, of shared: SharedGraph) throws -> RegionSegment {
        var writer = RegionSegmentWriter(model: self)
        do {
            let inputs = try segment.inputs.map { try writer.addInput($0) }
            for part in segment.parts {
                for node in try shared.needs(part.position, part.region).nodes {
                    try writer.add(node, of: shared.graph.operators[part.position])
                }
            }
            let outputs = try segment.outputs.map { try writer.addOutput($0) }
            return RegionSegment(
                modelBytes: try serialized(
                    writer.graph(named: "\(plain.graphName), parts of \(segment.parts.count) operators")),
                inputs: inputs, outputs: outputs, weights: try writer.weights())
        } catch let refusal as CannotShare {
            throw ImportError(file: file, .graph(.invalidRange(refusal.description)))
        }
    }
}

/// Builds the graph of a region segment, node by node.
private struct RegionSegmentWriter {
    let model: ImportedModel
    private var nodes: [ONNXNodeProto] = []
    private var inputs: [TensorSignature] = []
    private var outputs: [TensorSignature] = []
    /// Initializers that the writer makes: bounds of slices, shapes, runs of weights.
    private var made: [ONNXTensorProto] = []
    private var constants: ConstantClosure
    /// Regions of tensors that some value of the graph holds.
    private var held: [String: [(region: Region, value: String)]] = [:]
    private var slices: [TensorRegion: String] = [:]
    private var integerLists: [[Int]: String] = [:]
    private var nextName = 0

    init(model: ImportedModel) {
        self.model = model
        constants = ConstantClosure(model.graph)
    }

    mutating func addInput(_ named: TensorRegion) throws -> TensorSignature {
        let signature = TensorSignature(name: unusedName(named.tensor), type: try type(of: named))
        held[named.tensor, default: []].append((named.region, signature.name))
        inputs.append(signature)
        return signature
    }

    mutating func addOutput(_ named: TensorRegion) throws -> TensorSignature {
        var value = try activation(named)
        if inputs.contains(where: { $0.name == value }) || outputs.contains(where: { $0.name == value }) {
            let copy = unusedName(named.tensor)
            nodes.append(Self.node("Identity", [value], copy))
            value = copy
        }
        let signature = TensorSignature(name: value, type: try type(of: named))
        outputs.append(signature)
        return signature
    }

    mutating func add(_ local: LocalNode, of source: GraphOperator) throws {
        var node = ONNXNodeProto()
        if local.keepsAttributes {
            node = model.plain.nodes[source.node]
            node.clearDocString()
            node.metadataProps = []
        }
        node.opType = local.type
        node.name = unusedName(source.name)
        for (name, value) in local.attributes.sorted(by: { $0.key < $1.key }) {
            node.attribute.removeAll { $0.name == name }
            if let attribute = Self.attribute(name, value) { node.attribute.append(attribute) }
        }
        node.input = try local.operands.map { try $0.map { try operand($0) } ?? "" }
        while node.input.last == "" { node.input.removeLast() }
        var cuts: [ONNXNodeProto] = []
        node.output = []
        for result in local.results {
            guard let result else {
                node.output.append("")
                continue
            }
            let value = unusedName(result.tensor)
            node.output.append(value)
            if result.kept == result.computed {
                held[result.tensor, default: []].append((result.kept, value))
            } else {
                let cut = unusedName(result.tensor)
                cuts.append(slice(value, result.kept.relative(to: result.computed), into: cut))
                held[result.tensor, default: []].append((result.kept, cut))
            }
        }
        nodes.append(node)
        nodes += cuts
    }

    func graph(named name: String) throws -> ONNXGraphProto {
        var graph = ONNXGraphProto()
        graph.name = name
        graph.node = constants.nodes.map { position in
            var node = model.plain.nodes[position]
            node.clearDocString()
            node.metadataProps = []
            return node
        }
        graph.node += nodes
        graph.input = inputs.map(ImportedModel.valueInfo)
        graph.output = outputs.map(ImportedModel.valueInfo)
        for position in constants.initializers {
            graph.initializer.append(try model.tensor(model.plain.initializers[position]))
        }
        for (name, value) in constants.values {
            var tensor = ImportedModel.emptyTensor(name, value.type)
            tensor.rawData = .init(TensorBytes.littleEndian(value))
            graph.initializer.append(tensor)
        }
        graph.initializer += made
        return graph
    }

    /// All initializers that are files, each once, in the order of first use.
    func weights() throws -> [SegmentWeight] {
        try constants.used.map { model.plain.initializers[$0] }
            .filter { $0.type.byteCount > GraphLimits.inlineBytes }
            .map { initializer in
                SegmentWeight(
                    name: initializer.name, sha256: try model.hash(of: initializer),
                    elementType: initializer.type.elementType, shape: initializer.type.shape,
                    byteCount: initializer.type.byteCount)
            }
    }

    // MARK: Operands

    private mutating func operand(_ operand: LocalOperand) throws -> String {
        switch operand {
        case .activation(let named): try activation(named)
        case .constant(let named): try constant(named)
        case .integers(let values): integers(values)
        }
    }

    /// The value that holds a region, cut out of a larger one where there is none.
    private mutating func activation(_ named: TensorRegion) throws -> String {
        let known = held[named.tensor, default: []].filter { $0.region.contains(named.region) }
        guard let best = known.min(by: { $0.region.elementCount < $1.region.elementCount }) else {
            throw ImportError(
                file: model.file,
                .graph(.invalidRange("a segment uses \(named), which it neither gets nor computes")))
        }
        if best.region == named.region { return best.value }
        let cut = unusedName(named.tensor)
        nodes.append(slice(best.value, named.region.relative(to: best.region), into: cut))
        held[named.tensor, default: []].append((named.region, cut))
        return cut
    }

    private mutating func constant(_ named: TensorRegion) throws -> String {
        guard let type = model.graph.tensorType(named: named.tensor) else {
            throw ImportError(file: model.file, .graph(.missingTensor(node: "a segment", tensor: named.tensor)))
        }
        if named.region.isWhole(of: type.shape) || named.region == .whole(type.shape) {
            constants.include(named.tensor)
            return named.tensor
        }
        if let known = slices[named] { return known }
        let name = unusedName(named.tensor)
        slices[named] = name
        if let position = model.graph.initializerPosition(named: named.tensor),
            type.byteCount > GraphLimits.inlineBytes, let run = Self.run(of: named.region, in: type.shape)
        {
            constants.use(position)
            made.append(
                try model.externalTensor(
                    model.plain.initializers[position], named: name, shape: named.region.shape, elements: run))
        } else {
            constants.include(named.tensor)
            nodes.append(slice(named.tensor, named.region, into: name))
        }
        return name
    }

    /// The elements of a region as one run, in row-major order (nil: they are no run).
    private static func run(of region: Region, in shape: [Int]) -> Range<Int>? {
        let cut = shape.indices.first { region[$0].count != 1 } ?? shape.count
        var first = 0
        for axis in shape.indices {
            first = first * shape[axis] + region[axis].lowerBound
            if axis > cut, region[axis].count != shape[axis] { return nil }
        }
        return first..<first + region.elementCount
    }

    private mutating func integers(_ values: [Int]) -> String {
        if let known = integerLists[values] { return known }
        let name = unusedName("integers")
        integerLists[values] = name
        var tensor = ONNXTensorProto()
        tensor.name = name
        tensor.dims = [Int64(values.count)]
        tensor.dataType = ElementType.int64.onnxNumber
        var bytes: [UInt8] = []
        for value in values { withUnsafeBytes(of: Int64(value).littleEndian) { bytes += $0 } }
        tensor.rawData = .init(bytes)
        made.append(tensor)
        return name
    }

    private mutating func slice(_ value: String, _ region: Region, into name: String) -> ONNXNodeProto {
        let axes = Array(0..<region.rank)
        return Self.node(
            "Slice",
            [
                value, integers(region.ranges.map(\.lowerBound)), integers(region.ranges.map(\.upperBound)),
                integers(axes),
            ], name)
    }

    private static func node(_ type: String, _ inputs: [String], _ output: String) -> ONNXNodeProto {
        var node = ONNXNodeProto()
        node.opType = type
        node.name = output
        node.input = inputs
        node.output = [output]
        return node
    }

    /// Nil for an attribute that is left out.
    private static func attribute(_ name: String, _ value: AttributeValue) -> ONNXAttributeProto? {
        var attribute = ONNXAttributeProto()
        attribute.name = name
        switch value {
        case .integer(let integer):
            attribute.type = 2
            attribute.i = integer
        case .text(let text):
            attribute.type = 3
            attribute.s = .init(text.utf8)
        case .integers(let integers):
            guard !integers.isEmpty else { return nil }
            attribute.type = 7
            attribute.ints = integers
        default: return nil
        }
        return attribute
    }

    private func type(of named: TensorRegion) throws -> TensorType {
        let whole = try model.signature(of: named.tensor).type
        do {
            return try TensorType(whole.elementType, named.region.shape, named: named.tensor)
        } catch let error as GraphError {
            throw ImportError(file: model.file, .graph(error))
        }
    }

    /// A name that no constant of the model has.
    private mutating func unusedName(_ base: String) -> String {
        while true {
            let name = "\(base)#\(nextName)"
            nextName += 1
            if model.graph.constants[name] == nil { return name }
        }
    }
}

/// Constants that go along with a segment, with all that they are computed from.
private struct ConstantClosure {
    let graph: ModelGraph
    private var seen = Set<String>()
    private var nodeSet = Set<Int>()
    private var foundValues: [(name: String, value: ConstantValue)] = []
    /// Positions of initializers that stand in the file whole, and of all that it refers to, in order of first use.
    private(set) var initializers: [Int] = []
    private(set) var used: [Int] = []

    init(_ graph: ModelGraph) { self.graph = graph }

    /// Positions of nodes on constants, in topological order.
    var nodes: [Int] { nodeSet.isEmpty ? [] : graph.nodeOrder.filter(nodeSet.contains) }

    /// A node goes along whole; its results are not given a second time.
    var values: [(name: String, value: ConstantValue)] {
        let produced = Set(nodeSet.flatMap { graph.nodes[$0].outputs })
        return foundValues.filter { !produced.contains($0.name) }
    }

    mutating func use(_ initializer: Int) {
        if !used.contains(initializer) { used.append(initializer) }
    }

    mutating func include(_ name: String) {
        var pending = [name]
        while let name = pending.popLast() {
            guard let source = graph.constants[name], seen.insert(name).inserted else { continue }
            switch source {
            case .initializer:
                guard let position = graph.initializerPosition(named: name) else { continue }
                initializers.append(position)
                use(position)
            case .value(let value): foundValues.append((name, value))
            case .node(let node):
                if nodeSet.insert(node).inserted { pending += graph.nodes[node].inputs.reversed() }
            }
        }
    }
}
