import ONNXFormat
import SwiftProtobuf

/// A small model of one operator, by which the speed of a processor is measured.
public struct SpeedModel: Sendable {
    /// A serialized ONNX model; all tensors are float32.
    public let bytes: [UInt8]
    /// Operations of one run; a product that is added counts as two.
    public let flop: Double

    /// 64 filters of 3 x 3 over 64 maps of 56 x 56, as in the second stage of ResNet (He et al., "Deep Residual
    /// Learning for Image Recognition", CVPR 2016, table 1).
    ///
    /// - Throws: `ImportError`.
    public static func convolution() throws -> SpeedModel {
        var pads = ONNXAttributeProto()
        pads.name = "pads"
        pads.type = 7
        pads.ints = [1, 1, 1, 1]
        return try SpeedModel(
            operator: "Conv", attributes: [pads], input: [1, 64, 56, 56], weight: [64, 64, 3, 3],
            output: [1, 64, 56, 56], flop: 2 * 64 * 64 * 9 * 56 * 56)
    }

    /// 512 x 512 times 512 x 512.
    ///
    /// - Throws: `ImportError`.
    public static func matrixProduct() throws -> SpeedModel {
        try SpeedModel(
            operator: "MatMul", attributes: [], input: [512, 512], weight: [512, 512], output: [512, 512],
            flop: 2 * 512 * 512 * 512)
    }

    private init(
        operator name: String, attributes: [ONNXAttributeProto], input: [Int], weight: [Int], output: [Int],
        flop: Double
    ) throws {
        var node = ONNXNodeProto()
        node.opType = name
        node.input = ["input", "weight"]
        node.output = ["output"]
        node.attribute = attributes
        var graph = ONNXGraphProto()
        graph.name = "speed"
        graph.node = [node]
        graph.input = [Self.value("input", input)]
        graph.output = [Self.value("output", output)]
        var tensor = ONNXTensorProto()
        tensor.name = "weight"
        tensor.dims = weight.map(Int64.init)
        tensor.dataType = 1
        // Small numbers of both signs: what they are does not matter, but zeros or one value for all might.
        let values = (0..<weight.reduce(1, *)).map { Float(($0 * 37) % 101 - 50) / 1000 }
        tensor.rawData = values.withUnsafeBytes { .init($0) }
        graph.initializer = [tensor]
        var operators = ONNXOperatorSetIdProto()
        operators.domain = ""
        operators.version = 13
        var model = ONNXModelProto()
        model.irVersion = 7
        model.opsetImport = [operators]
        model.graph = graph
        do {
            bytes = try model.serializedBytes(partial: true)
        } catch {
            throw ImportError(file: "the speed test", .unsupportedContent("messages that cannot be written (\(error))"))
        }
        self.flop = flop
    }

    private static func value(_ name: String, _ shape: [Int]) -> ONNXValueInfoProto {
        var info = ONNXValueInfoProto()
        info.name = name
        info.type.tensorType.elemType = 1
        info.type.tensorType.shape = .init()
        for extent in shape {
            var dimension = ONNXTensorShapeProto.Dimension()
            dimension.dimValue = Int64(extent)
            info.type.tensorType.shape.dim.append(dimension)
        }
        return info
    }
}
