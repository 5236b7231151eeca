/// Random matrix products, normalizations, reductions and element-wise operators.
enum MatrixKinds {
    static let all: [OperatorKind] =
        [
            OperatorKind(name: "Gemm", build: gemm, axes: [0, 1]),
            OperatorKind(name: "MatMul by weights", build: { product(&$0, weights: true) }, axes: [0, 1, 2]),
            OperatorKind(name: "MatMul", build: { product(&$0, weights: false) }, axes: [0, 1, 2, 3]),
            OperatorKind(name: "BatchNormalization", build: batchNormalization, axes: [0, 1, 2, 3]),
            OperatorKind(name: "InstanceNormalization", build: instanceNormalization, axes: [0, 1]),
            OperatorKind(name: "LayerNormalization", build: layerNormalization, axes: [0, 1, 2]),
            OperatorKind(name: "LRN", build: localNormalization, axes: [0, 1, 2, 3]),
            OperatorKind(name: "Softmax", build: { softmax(&$0, "Softmax") }, axes: [0, 1, 2]),
            OperatorKind(name: "LogSoftmax", build: { softmax(&$0, "LogSoftmax") }, axes: [0, 1, 2]),
            OperatorKind(name: "Where", build: choice, axes: [0, 1, 2]),
            OperatorKind(name: "Clip", build: clip, axes: [0, 1, 2]),
            OperatorKind(name: "Cast", build: cast, axes: [0, 1, 2]),
            OperatorKind(name: "PRelu", build: sloped, axes: [0, 1, 2]),
            OperatorKind(name: "ArgMax", build: { greatest(&$0, "ArgMax") }, axes: [0, 1, 2]),
            OperatorKind(name: "TopK", build: top, axes: [0, 1, 2]),
        ]
        + ["Add", "Sub", "Mul", "Div", "Max", "Min"].map { type in
            OperatorKind(name: type, build: { broadcast(&$0, type) }, axes: [0, 1, 2, 3])
        }
        + [
            "Relu", "Sigmoid", "Tanh", "HardSwish", "HardSigmoid", "Erf", "Exp", "Neg", "Abs", "Elu", "LeakyRelu",
            "Softplus", "Identity",
        ].map { type in
            OperatorKind(name: type, build: { $0.node(type, [$0.input($0.ints(3, 1...7))]) }, axes: [0, 1, 2])
        }
        + ["ReduceMean", "ReduceSum", "ReduceMax", "ReduceMin", "ReduceL2", "ReduceLogSumExp"].map { type in
            OperatorKind(name: type, build: { reduction(&$0, type) }, axes: [0, 1, 2])
        }

    private static func gemm(_ sketch: inout ModelSketch) -> [String] {
        let (rows, inner, columns) = (sketch.int(1...9), sketch.int(1...20), sketch.int(1...40))
        let (left, right) = (sketch.int(0...1), sketch.int(0...1))
        var inputs = [
            sketch.input(left == 1 ? [inner, rows] : [rows, inner]),
            sketch.weight(right == 1 ? [columns, inner] : [inner, columns]),
        ]
        if sketch.chance(0.7) {
            inputs.append(sketch.weight(sketch.pick([[columns], [rows, columns], [1, columns], [rows, 1], [1]])))
        }
        return sketch.node(
            "Gemm", inputs,
            ["transA": .integer(left), "transB": .integer(right), "alpha": .number(0.5), "beta": .number(1.5)])
    }

    private static func product(_ sketch: inout ModelSketch, weights: Bool) -> [String] {
        let (rows, inner, columns) = (sketch.int(1...9), sketch.int(1...20), sketch.int(1...40))
        if weights {
            let input = sketch.input(sketch.ints(sketch.int(0...1), 1...3) + [rows, inner])
            return sketch.node("MatMul", [input, sketch.weight([inner, columns])])
        }
        let stacks = sketch.ints(sketch.int(0...2), 1...4)
        func stack(_ sketch: inout ModelSketch) -> [Int] {
            let kept = stacks.map { sketch.chance(0.3) ? 1 : $0 }
            return Array(kept.dropFirst(sketch.int(0...kept.count)))
        }
        let left = sketch.chance(0.1) ? [inner] : stack(&sketch) + [rows, inner]
        let right = sketch.chance(0.1) ? [inner] : stacks + [inner, columns]
        return sketch.node("MatMul", [sketch.input(left), sketch.input(right)])
    }

    private static func batchNormalization(_ sketch: inout ModelSketch) -> [String] {
        let shape = [sketch.int(1...2), sketch.int(1...9)] + sketch.ints(2, 1...7)
        let parameters = [
            sketch.weight([shape[1]]), sketch.weight([shape[1]]), sketch.weight([shape[1]]),
            sketch.weight([shape[1]], in: 0.5...2),
        ]
        return sketch.node("BatchNormalization", [sketch.input(shape)] + parameters)
    }

    private static func instanceNormalization(_ sketch: inout ModelSketch) -> [String] {
        let shape = [sketch.int(1...3), sketch.int(1...9)] + sketch.ints(2, 2...7)
        return sketch.node(
            "InstanceNormalization", [sketch.input(shape), sketch.weight([shape[1]]), sketch.weight([shape[1]])])
    }

    private static func layerNormalization(_ sketch: inout ModelSketch) -> [String] {
        let shape = sketch.ints(3, 1...9) + [sketch.int(4...20)]
        let axis = sketch.pick([-1, 3, 2, -2])
        let rest = Array(shape[(axis < 0 ? axis + 4 : axis)...])
        return sketch.node(
            "LayerNormalization", [sketch.input(shape), sketch.weight(rest), sketch.weight(rest)],
            ["axis": .integer(axis)])
    }

    private static func localNormalization(_ sketch: inout ModelSketch) -> [String] {
        let shape = [sketch.int(1...2), sketch.int(1...12)] + sketch.ints(2, 1...6)
        return sketch.node(
            "LRN", [sketch.input(shape)], ["size": .integer(sketch.pick([1, 3, 5])), "alpha": .number(0.5)])
    }

    private static func softmax(_ sketch: inout ModelSketch, _ type: String) -> [String] {
        sketch.node(type, [sketch.input(sketch.ints(3, 1...8))], ["axis": .integer(sketch.int(-3...2))])
    }

    /// Shapes that broadcast to one shape, at least one of them full.
    private static func operands(_ sketch: inout ModelSketch, _ count: Int) -> [[Int]] {
        let full = sketch.ints(sketch.int(1...4), 1...7)
        return [full]
            + (1..<count).map { _ in
                Array(full.map { sketch.chance(0.3) ? 1 : $0 }.dropFirst(sketch.int(0...full.count)))
            }
    }

    private static func broadcast(_ sketch: inout ModelSketch, _ type: String) -> [String] {
        var shapes = operands(&sketch, 2)
        if sketch.chance(0.5) { shapes.reverse() }
        let isConstant = sketch.chance(0.4)
        // Divisors stay away from 0.
        let second = isConstant ? sketch.weight(shapes[1], in: 1...2) : sketch.input(shapes[1])
        return sketch.node(type, [sketch.input(shapes[0]), second])
    }

    private static func choice(_ sketch: inout ModelSketch) -> [String] {
        let shapes = operands(&sketch, 3)
        let condition = sketch.node("Greater", [sketch.input(shapes[1]), sketch.numbers([0], scalar: true)])
        return sketch.node("Where", [condition[0], sketch.input(shapes[0]), sketch.weight(shapes[2])])
    }

    private static func clip(_ sketch: inout ModelSketch) -> [String] {
        let bounds = [
            sketch.chance(0.3) ? "" : sketch.numbers([-0.5], scalar: true), sketch.numbers([0.5], scalar: true),
        ]
        return sketch.node("Clip", [sketch.input(sketch.ints(3, 1...7))] + bounds)
    }

    private static func cast(_ sketch: inout ModelSketch) -> [String] {
        let turned = sketch.node("Cast", [sketch.input(sketch.ints(3, 1...7))], ["to": .integer(10)])
        return sketch.node("Cast", turned, ["to": .integer(1)])
    }

    private static func sloped(_ sketch: inout ModelSketch) -> [String] {
        let shape = sketch.ints(3, 1...7)
        return sketch.node("PRelu", [sketch.input(shape), sketch.weight([shape[1], 1])])
    }

    private static func greatest(_ sketch: inout ModelSketch, _ type: String) -> [String] {
        let shape = sketch.ints(4, 1...6)
        return sketch.node(
            type, [sketch.input(shape)],
            ["axis": .integer(sketch.int(-4...3)), "keepdims": .integer(sketch.int(0...1))])
    }

    private static func top(_ sketch: inout ModelSketch) -> [String] {
        let shape = sketch.ints(3, 2...9)
        let axis = sketch.int(-3...2)
        let count = sketch.integers([sketch.int(1...shape[axis < 0 ? axis + 3 : axis])])
        return sketch.node("TopK", [sketch.input(shape), count], ["axis": .integer(axis)], outputs: 2)
    }

    private static func reduction(_ sketch: inout ModelSketch, _ type: String) -> [String] {
        let shape = sketch.ints(4, 1...6)
        var inputs = [sketch.input(shape)]
        let axes = (0..<4).filter { _ in sketch.chance(0.4) }
        if !axes.isEmpty { inputs.append(sketch.integers(axes.map { sketch.chance(0.3) ? $0 - 4 : $0 })) }
        return sketch.node(type, inputs, ["keepdims": .integer(sketch.int(0...1))])
    }
}
