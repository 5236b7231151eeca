/// Random convolutions and poolings.
enum WindowKinds {
    static let all: [OperatorKind] = [
        OperatorKind(name: "Conv", build: { convolution(&$0, .dense) }, axes: [0, 1, 2, 3]),
        OperatorKind(name: "Conv in groups", build: { convolution(&$0, .grouped) }, axes: [0, 1, 2, 3]),
        OperatorKind(name: "Conv by channel", build: { convolution(&$0, .depthwise) }, axes: [0, 1, 2, 3]),
        OperatorKind(name: "ConvTranspose", build: transposed, axes: [0, 1, 2, 3]),
        OperatorKind(name: "MaxPool", build: { pool(&$0, "MaxPool") }, axes: [0, 1, 2, 3]),
        OperatorKind(name: "AveragePool", build: { pool(&$0, "AveragePool") }, axes: [0, 1, 2, 3]),
        OperatorKind(name: "LpPool", build: { pool(&$0, "LpPool") }, axes: [0, 1, 2, 3]),
        OperatorKind(name: "GlobalAveragePool", build: { global(&$0, "GlobalAveragePool") }, axes: [0, 1]),
        OperatorKind(name: "GlobalMaxPool", build: { global(&$0, "GlobalMaxPool") }, axes: [0, 1]),
    ]

    enum Grouping { case dense, grouped, depthwise }

    private struct Geometry {
        var kernel: [Int] = []
        var strides: [Int] = []
        var dilations: [Int] = []
        var pads: [Int] = []
        var extents: [Int] = []
        var spans: [Int] { zip(kernel, dilations).map { ($0 - 1) * $1 + 1 } }

        var attributes: [String: ModelSketch.Attribute] {
            [
                "kernel_shape": .integers(kernel), "strides": .integers(strides), "dilations": .integers(dilations),
                "pads": .integers(pads),
            ]
        }
    }

    /// One to three spatial axes, mostly two; odd sizes, strides, dilations and asymmetric padding.
    private static func geometry(_ sketch: inout ModelSketch, maximumPad: (Int) -> Int) -> Geometry {
        let rank = sketch.chance(0.8) ? 2 : sketch.pick([1, 3])
        var found = Geometry()
        found.kernel = sketch.ints(rank, 1...4)
        found.strides = sketch.ints(rank, 1...3)
        found.dilations = sketch.chance(0.5) ? [Int](repeating: 1, count: rank) : sketch.ints(rank, 1...3)
        found.pads =
            found.spans.map { sketch.int(0...maximumPad($0)) } + found.spans.map { sketch.int(0...maximumPad($0)) }
        found.extents = found.spans.map { $0 + sketch.int(0...(rank == 3 ? 5 : 12)) }
        return found
    }

    private static func convolution(_ sketch: inout ModelSketch, _ grouping: Grouping) -> [String] {
        // More padding than the window is wide: results of padding alone.
        let geometry = geometry(&sketch) { $0 + 1 }
        let groups = grouping == .dense ? 1 : sketch.int(2...5)
        let perGroup = grouping == .depthwise ? 1 : sketch.int(1...4)
        let filters = groups * (grouping == .depthwise ? sketch.int(1...2) : sketch.int(1...6))
        let input = sketch.input([sketch.int(1...2), groups * perGroup] + geometry.extents)
        var inputs = [input, sketch.weight([filters, perGroup] + geometry.kernel)]
        if sketch.chance(0.6) { inputs.append(sketch.weight([filters])) }
        var attributes = geometry.attributes
        attributes["group"] = .integer(groups)
        if sketch.chance(0.3) { padAutomatically(&attributes, geometry, &sketch) }
        return sketch.node("Conv", inputs, attributes)
    }

    /// Padding by `auto_pad`, in the cases that ONNX Runtime knows: no dilation, no stride beyond the kernel.
    private static func padAutomatically(
        _ attributes: inout [String: ModelSketch.Attribute], _ geometry: Geometry, _ sketch: inout ModelSketch
    ) {
        attributes["pads"] = nil
        attributes["dilations"] = nil
        attributes["strides"] = .integers(zip(geometry.strides, geometry.kernel).map { min($0, $1) })
        attributes["auto_pad"] = .text(sketch.pick(["SAME_UPPER", "SAME_LOWER", "VALID"]))
    }

    private static func transposed(_ sketch: inout ModelSketch) -> [String] {
        var geometry = geometry(&sketch) { max(0, ($0 - 1) / 2) }
        geometry.extents = geometry.extents.map { min($0, 8) }
        let groups = sketch.pick([1, 1, 2, 3])
        let perGroup = sketch.int(1...3)
        let filters = sketch.int(1...4)
        let input = sketch.input([sketch.int(1...2), groups * perGroup] + geometry.extents)
        var inputs = [input, sketch.weight([groups * perGroup, filters] + geometry.kernel)]
        if sketch.chance(0.6) { inputs.append(sketch.weight([groups * filters])) }
        var attributes = geometry.attributes
        attributes["group"] = .integer(groups)
        attributes["output_padding"] = .integers(
            geometry.strides.map { sketch.int(0...$0 - 1) })
        return sketch.node("ConvTranspose", inputs, attributes)
    }

    private static func pool(_ sketch: inout ModelSketch, _ type: String) -> [String] {
        var geometry = geometry(&sketch) { _ in 0 }
        geometry.pads = (geometry.kernel + geometry.kernel).map { sketch.int(0...$0 - 1) }
        // Version 18 knows dilations for MaxPool and LpPool only.
        if type == "AveragePool" { geometry.dilations = geometry.dilations.map { _ in 1 } }
        let input = sketch.input([sketch.int(1...2), sketch.int(1...6)] + geometry.extents)
        var attributes = geometry.attributes
        if type == "AveragePool" {
            attributes["dilations"] = nil
            attributes["count_include_pad"] = .integer(sketch.int(0...1))
        }
        if type == "LpPool" { attributes["p"] = .integer(2) }
        if sketch.chance(0.4) { attributes["ceil_mode"] = .integer(1) }
        if sketch.chance(0.2) {
            attributes["ceil_mode"] = nil
            padAutomatically(&attributes, geometry, &sketch)
        }
        return sketch.node(type, [input], attributes)
    }

    private static func global(_ sketch: inout ModelSketch, _ type: String) -> [String] {
        let shape = [sketch.int(1...3), sketch.int(1...9)] + sketch.ints(2, 1...7)
        return sketch.node(type, [sketch.input(shape)])
    }
}
