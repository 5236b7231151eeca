import ModelGraph
import ONNXFormat
import SwiftProtobuf

/// Bytes of one weight under the name by which every board knows them.
public struct WeightBlob: Sendable {
    /// Hexadecimal SHA-256 of the bytes.
    public let sha256: String
    public var byteCount: Int { region.count }
    public let region: ByteRegion

    /// Runs `body` with the bytes, which must not be used after it returns.
    public func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        try region.withBytes(body)
    }
}

extension ImportedModel {
    /// The model as a small graph file and its weights by content.
    ///
    /// In the graph file every initializer above `GraphLimits.inlineBytes` is external data whose `location` is the
    /// hexadecimal SHA-256 of its bytes, at offset 0. Equal weights are one blob. Throws `ImportError` where weights
    /// are missing. Reads all weights once.
    public func contentAddressed() throws -> (graphFile: [UInt8], weights: [WeightBlob]) {
        var blobs: [WeightBlob] = []
        var seen = Set<String>()
        for initializer in usedInitializers.map({ plain.initializers[$0] })
        where initializer.type.byteCount > GraphLimits.inlineBytes {
            let region = try region(of: initializer)
            let hash = try hash(of: initializer)
            if seen.insert(hash).inserted { blobs.append(WeightBlob(sha256: hash, region: region)) }
        }
        return (try graphFile(), blobs)
    }

    /// The graph file of `contentAddressed`; also of a model that was itself read from that form.
    public func graphFile() throws -> [UInt8] {
        let everything = NodeSelection(nodes: graph.nodeOrder, initializers: usedInitializers, values: [])
        return try serialized(
            everything, name: plain.graphName,
            inputs: plain.inputs.map { TensorSignature(name: $0.name, type: $0.type) },
            outputs: plain.outputs.map { try signature(of: $0) })
    }

    /// The name by which a cluster knows the model: the hexadecimal SHA-256 of its graph file.
    public func graphSHA256() throws -> String { SHA256Hex.hash(try graphFile()) }

    /// Positions of the initializers that some needed node reads, in the file's order.
    var usedInitializers: [Int] {
        Set(graph.nodeOrder.flatMap { graph.nodes[$0].inputs }.compactMap(graph.initializerPosition(named:))).sorted()
    }

    func signature(of tensor: String) throws -> TensorSignature {
        guard let known = graph.tensors[tensor] else {
            throw ImportError(file: file, .graph(.missingTensor(node: "the list of outputs", tensor: tensor)))
        }
        return TensorSignature(name: tensor, type: known.type)
    }

    /// A model file with the selected nodes and constants.
    func serialized(
        _ selection: NodeSelection, name: String, inputs: [TensorSignature], outputs: [TensorSignature]
    ) throws -> [UInt8] {
        var graph = ONNXGraphProto()
        graph.name = name
        graph.node = selection.nodes.map { position in
            var node = plain.nodes[position]
            node.clearDocString()
            node.metadataProps = []
            return node
        }
        graph.input = inputs.map(Self.valueInfo)
        graph.output = outputs.map(Self.valueInfo)
        for position in selection.initializers { graph.initializer.append(try tensor(plain.initializers[position])) }
        for (name, value) in selection.values {
            var tensor = Self.emptyTensor(name, value.type)
            tensor.rawData = .init(TensorBytes.littleEndian(value))
            graph.initializer.append(tensor)
        }
        return try serialized(graph)
    }

    /// A model file with a graph and this model's versions.
    func serialized(_ graph: ONNXGraphProto) throws -> [UInt8] {
        var model = plain.header
        model.graph = graph
        var options = BinaryEncodingOptions()
        options.useDeterministicOrdering = true
        do {
            return try model.serializedBytes(partial: true, options: options)
        } catch {
            throw ImportError(file: file, .unsupportedContent("messages that cannot be written again (\(error))"))
        }
    }

    func tensor(_ initializer: PlainModel.Initializer) throws -> ONNXTensorProto {
        guard initializer.type.byteCount <= GraphLimits.inlineBytes else {
            return try externalTensor(
                initializer, named: initializer.name, shape: initializer.type.shape,
                elements: 0..<initializer.type.elementCount)
        }
        var tensor = Self.emptyTensor(initializer.name, initializer.type)
        tensor.rawData = try region(of: initializer).withBytes { .init($0) }
        return tensor
    }

    /// A run of an initializer's elements, as external data of another shape.
    func externalTensor(
        _ initializer: PlainModel.Initializer, named name: String, shape: [Int], elements: Range<Int>
    ) throws -> ONNXTensorProto {
        let width = initializer.type.elementType.byteCount
        var tensor = Self.emptyTensor(name, initializer.type)
        tensor.dims = shape.map(Int64.init)
        tensor.dataLocation = 1
        tensor.externalData = [
            Self.entry("location", try hash(of: initializer)),
            Self.entry("offset", String(elements.lowerBound * width)),
            Self.entry("length", String(elements.count * width)),
        ]
        return tensor
    }

    static func emptyTensor(_ name: String, _ type: TensorType) -> ONNXTensorProto {
        var tensor = ONNXTensorProto()
        tensor.name = name
        tensor.dims = type.shape.map(Int64.init)
        tensor.dataType = type.elementType.onnxNumber
        return tensor
    }

    private static func entry(_ key: String, _ value: String) -> ONNXStringStringEntryProto {
        var entry = ONNXStringStringEntryProto()
        entry.key = key
        entry.value = value
        return entry
    }

    static func valueInfo(_ signature: TensorSignature) -> ONNXValueInfoProto {
        var info = ONNXValueInfoProto()
        info.name = signature.name
        info.type.tensorType.elemType = signature.type.elementType.onnxNumber
        info.type.tensorType.shape = .init()
        for dimension in signature.type.shape {
            var entry = ONNXTensorShapeProto.Dimension()
            entry.dimValue = Int64(dimension)
            info.type.tensorType.shape.dim.append(entry)
        }
        return info
    }
}
