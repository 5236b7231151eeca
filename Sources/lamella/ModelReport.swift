import ModelGraph
import ONNXImport

/// What `lamella model show` says of a model.
struct ModelReport: Encodable, Equatable {
    struct Tensor: Encodable, Equatable {
        let name: String
        let elementType: ElementType
        let shape: [Int]
        let byteCount: Int

        enum CodingKeys: String, CodingKey {
            case name
            case elementType = "element_type"
            case shape
            case byteCount = "bytes"
        }
    }

    struct CutPoint: Encodable, Equatable {
        /// Operators before the cut.
        let boundary: Int
        let tensor: String
        let byteCount: Int

        enum CodingKeys: String, CodingKey {
            case boundary, tensor
            case byteCount = "bytes"
        }
    }

    struct Layer: Encodable, Equatable {
        let index: Int
        let name: String
        let operators: [String]
        let inputs: [String]
        let outputs: [Tensor]
        let flop: Double
        let weightBytes: Int
        let outputBytes: Int
        let activationPeakBytes: Int

        enum CodingKeys: String, CodingKey {
            case index, name, operators, inputs, outputs, flop
            case weightBytes = "weight_bytes"
            case outputBytes = "output_bytes"
            case activationPeakBytes = "activation_peak_bytes"
        }
    }

    let file: String
    let name: String
    let producer: String
    let opset: Int
    let granularity: LayerGranularity
    let operatorCount: Int
    let flop: Double
    let weightBytes: Int
    /// Largest sum of live activations when the whole model runs in one place.
    let activationPeakBytes: Int
    let inputs: [Tensor]
    let outputs: [Tensor]
    let layers: [Layer]
    let cutPoints: [CutPoint]
    let notes: [String]

    enum CodingKeys: String, CodingKey {
        case file, name, producer, opset, granularity
        case operatorCount = "operators"
        case flop
        case weightBytes = "weight_bytes"
        case activationPeakBytes = "activation_peak_bytes"
        case inputs, outputs, layers
        case cutPoints = "cut_points"
        case notes
    }

    init(_ model: ImportedModel, granularity: LayerGranularity) {
        let graph = model.graph
        func tensor(_ name: String) -> Tensor? {
            graph.tensors[name].map {
                Tensor(
                    name: name, elementType: $0.type.elementType, shape: $0.type.shape, byteCount: $0.byteCount)
            }
        }
        file = model.file
        name = graph.name
        producer = model.producer
        opset = model.opset
        self.granularity = granularity
        operatorCount = graph.operators.count
        flop = graph.flop
        weightBytes = graph.weightBytes
        activationPeakBytes = graph.activationPeakBytes(of: graph.operators.indices)
        inputs = graph.inputs.compactMap(tensor)
        outputs = graph.outputs.compactMap(tensor)
        layers = graph.layers(granularity).map { layer in
            Layer(
                index: layer.index, name: layer.name, operators: graph.operators[layer.operators].map(\.type),
                inputs: layer.inputTensors, outputs: layer.outputTensors.compactMap(tensor), flop: layer.flop,
                weightBytes: layer.weightBytes, outputBytes: layer.outputBytes,
                activationPeakBytes: layer.activationPeakBytes)
        }
        let cuts = graph.cutPoints
        cutPoints = zip(cuts, graph.tensors(crossing: cuts)).compactMap { boundary, crossing in
            crossing.first.flatMap(tensor).map {
                CutPoint(boundary: boundary, tensor: $0.name, byteCount: $0.byteCount)
            }
        }
        notes = model.notes
    }
}

extension ModelReport {
    /// Aligned lines for people.
    var text: String {
        let from = producer.isEmpty ? "" : ", \(producer)"
        var lines = ["\(file): \(name.isEmpty ? "a model" : name), opset \(opset)\(from)"]
        lines += inputs.map { "input   \(Self.describe($0))" }
        lines += outputs.map { "output  \(Self.describe($0))" }
        lines += notes.map { "note    \($0)" }
        lines.append(
            "\(operatorCount) operators, \(cutPoints.count) single-tensor cut points, \(Readable.flop(flop)), "
                + "weights \(Readable.bytes(weightBytes)), activations at most \(Readable.bytes(activationPeakBytes))")
        lines.append("")
        lines.append(table)
        return lines.joined(separator: "\n")
    }

    private var table: String {
        var table = TextTable([
            ("#", .right), ("layer", .left), ("operators", .left), ("FLOP", .right), ("weights", .right),
            ("memory", .right), ("output", .left), ("size", .right),
        ])
        for layer in layers {
            table.add([
                "\(layer.index)", layer.name, Self.summary(layer.operators), Readable.flop(layer.flop),
                Readable.bytes(layer.weightBytes), Readable.bytes(layer.weightBytes + layer.activationPeakBytes),
                layer.outputs.map(Self.shape).joined(separator: ", "), Readable.bytes(layer.outputBytes),
            ])
        }
        return table.text
    }

    private static func describe(_ tensor: Tensor) -> String {
        "\(tensor.name)  \(shape(tensor))  \(Readable.bytes(tensor.byteCount))"
    }

    private static func shape(_ tensor: Tensor) -> String {
        let extents = tensor.shape.isEmpty ? "scalar" : tensor.shape.map(String.init).joined(separator: "x")
        return "\(tensor.elementType) \(extents)"
    }

    /// Short layers by their operators, long ones by how many of which they have.
    static func summary(_ operators: [String]) -> String {
        guard operators.count > 6 else { return operators.joined(separator: " ") }
        var counts: [(type: String, count: Int)] = []
        for type in operators {
            if let position = counts.firstIndex(where: { $0.type == type }) {
                counts[position].count += 1
            } else {
                counts.append((type, 1))
            }
        }
        // The most frequent ones, in the order in which they first appear.
        let frequent = counts.enumerated().sorted {
            ($1.element.count, $0.offset) < ($0.element.count, $1.offset)
        }
        let shown = frequent.prefix(3).sorted { $0.offset < $1.offset }
        let rest = operators.count - shown.reduce(0) { $0 + $1.element.count }
        let parts = shown.map { "\($0.element.count) \($0.element.type)" } + (rest > 0 ? ["\(rest) more"] : [])
        return parts.joined(separator: ", ")
    }
}
