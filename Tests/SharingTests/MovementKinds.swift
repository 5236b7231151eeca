/// Random operators that move elements or name them differently.
enum MovementKinds {
    static let all: [OperatorKind] = [
        OperatorKind(name: "Concat", build: concat, axes: [0, 1, 2]),
        OperatorKind(name: "Split", build: split, axes: [0, 1, 2]),
        OperatorKind(name: "Slice", build: slice, axes: [0, 1, 2]),
        OperatorKind(name: "Transpose", build: transpose, axes: [0, 1, 2, 3]),
        OperatorKind(name: "Reshape", build: reshape, axes: [0, 1, 2]),
        OperatorKind(name: "Flatten", build: flatten, axes: [0, 1]),
        OperatorKind(name: "Squeeze", build: squeeze, axes: [0, 1, 2]),
        OperatorKind(name: "Unsqueeze", build: unsqueeze, axes: [0, 1, 2, 3]),
        OperatorKind(name: "Pad", build: pad, axes: [0, 1, 2, 3]),
        OperatorKind(name: "Resize", build: resize, axes: [0, 1, 2, 3]),
        OperatorKind(name: "Gather", build: gather, axes: [0, 1, 2]),
        OperatorKind(name: "Gather of a table", build: embedding, axes: [0, 1, 2]),
        OperatorKind(name: "Expand", build: expand, axes: [0, 1, 2]),
        OperatorKind(name: "Tile", build: tile, axes: []),
        OperatorKind(name: "DepthToSpace", build: depthToSpace, axes: [0, 2, 3]),
        OperatorKind(name: "SpaceToDepth", build: spaceToDepth, axes: [0, 2, 3]),
    ]

    private static func concat(_ sketch: inout ModelSketch) -> [String] {
        let shape = sketch.ints(3, 1...6)
        let axis = sketch.int(0...2)
        let inputs = (0..<sketch.int(1...4)).map { position -> String in
            var part = shape
            part[axis] = sketch.int(1...5)
            return position > 0 && sketch.chance(0.3) ? sketch.weight(part) : sketch.input(part)
        }
        return sketch.node("Concat", inputs, ["axis": .integer(sketch.chance(0.5) ? axis : axis - 3)])
    }

    private static func split(_ sketch: inout ModelSketch) -> [String] {
        var shape = sketch.ints(3, 2...6)
        let axis = sketch.int(0...2)
        let count = sketch.int(2...3)
        if sketch.chance(0.6) {
            let size = sketch.int(1...6)
            shape[axis] = count * size
            let parts = sketch.chance(0.5) ? [sketch.integers([Int](repeating: size, count: count))] : []
            let attributes: [String: ModelSketch.Attribute] = parts.isEmpty ? ["num_outputs": .integer(count)] : [:]
            return sketch.node(
                "Split", [sketch.input(shape)] + parts,
                attributes.merging(["axis": .integer(axis)]) { first, _ in first },
                outputs: count)
        }
        let parts = sketch.ints(count, 1...5)
        shape[axis] = parts.reduce(0, +)
        return sketch.node(
            "Split", [sketch.input(shape), sketch.integers(parts)], ["axis": .integer(axis - 3)], outputs: count)
    }

    private static func slice(_ sketch: inout ModelSketch) -> [String] {
        let shape = sketch.ints(3, 2...12)
        let axes = sketch.pick([[0], [1], [2], [0, 2], [2, 1], [-1]])
        var (starts, ends, steps): ([Int], [Int], [Int]) = ([], [], [])
        for axis in axes {
            let extent = shape[axis < 0 ? axis + 3 : axis]
            let first = sketch.int(0...extent - 1)
            let step = sketch.int(1...3)
            if sketch.chance(0.3) {
                starts.append(first)
                ends.append(sketch.chance(0.5) ? -extent - 1 : (first > 0 ? sketch.int(0...first - 1) : -extent - 1))
                steps.append(-step)
            } else {
                starts.append(sketch.chance(0.3) ? first - extent : first)
                ends.append(sketch.chance(0.3) ? Int(Int32.max) : sketch.int(first + 1...extent))
                steps.append(step)
            }
        }
        return sketch.node(
            "Slice",
            [
                sketch.input(shape), sketch.integers(starts), sketch.integers(ends), sketch.integers(axes),
                sketch.integers(steps),
            ])
    }

    private static func transpose(_ sketch: inout ModelSketch) -> [String] {
        let shape = sketch.ints(4, 1...6)
        return sketch.node(
            "Transpose", [sketch.input(shape)], ["perm": .integers([0, 1, 2, 3].shuffled(using: &sketch.generator))])
    }

    /// Factors of one number of elements, joined into axes in two ways.
    private static func reshape(_ sketch: inout ModelSketch) -> [String] {
        let factors = (0..<5).map { _ in sketch.pick([1, 2, 2, 3, 4, 5]) }
        func joined(_ sketch: inout ModelSketch) -> [Int] {
            var shape: [Int] = []
            for factor in factors {
                if let last = shape.popLast() {
                    shape += sketch.chance(0.5) ? [last * factor] : [last, factor]
                } else {
                    shape = [factor]
                }
            }
            return shape
        }
        let from = joined(&sketch)
        var to = sketch.chance(0.2) ? [factors.reduce(1, *)] : joined(&sketch)
        if sketch.chance(0.3) { to[sketch.int(0...to.count - 1)] = -1 }
        return sketch.node("Reshape", [sketch.input(from), sketch.integers(to)])
    }

    private static func flatten(_ sketch: inout ModelSketch) -> [String] {
        sketch.node("Flatten", [sketch.input(sketch.ints(4, 1...5))], ["axis": .integer(sketch.int(-3...4))])
    }

    private static func squeeze(_ sketch: inout ModelSketch) -> [String] {
        var shape = sketch.ints(3, 2...7)
        let place = sketch.int(0...3)
        shape.insert(1, at: place)
        return sketch.node("Squeeze", [sketch.input(shape), sketch.integers([sketch.chance(0.5) ? place : place - 4])])
    }

    private static func unsqueeze(_ sketch: inout ModelSketch) -> [String] {
        let axes = sketch.pick([[0], [3], [-1], [1, 3]])
        return sketch.node("Unsqueeze", [sketch.input(sketch.ints(3, 1...7)), sketch.integers(axes)])
    }

    private static func pad(_ sketch: inout ModelSketch) -> [String] {
        let shape = sketch.ints(4, 3...7)
        let mode = sketch.pick(["constant", "constant", "reflect", "edge"])
        let pads = (0..<8).map { _ in sketch.chance(0.4) ? 0 : sketch.int((mode == "constant" ? -1 : 0)...2) }
        var inputs = [sketch.input(shape), sketch.integers(pads)]
        if mode == "constant", sketch.chance(0.5) { inputs.append(sketch.numbers([0.25], scalar: true)) }
        return sketch.node("Pad", inputs, ["mode": .text(mode)])
    }

    private static func resize(_ sketch: inout ModelSketch) -> [String] {
        let shape = [sketch.int(1...2), sketch.int(1...4)] + sketch.ints(2, 2...9)
        let factors = sketch.ints(2, 1...3)
        let (mode, place, nearest) = sketch.pick([
            ("nearest", "asymmetric", "floor"), ("nearest", "half_pixel", "round_prefer_floor"),
            ("linear", "half_pixel", "floor"), ("linear", "pytorch_half_pixel", "floor"),
            ("linear", "align_corners", "floor"), ("cubic", "half_pixel", "floor"),
        ])
        let input = sketch.input(shape)
        let attributes: [String: ModelSketch.Attribute] = [
            "mode": .text(mode), "coordinate_transformation_mode": .text(place), "nearest_mode": .text(nearest),
        ]
        if sketch.chance(0.5) {
            let sizes = sketch.integers([shape[0], shape[1], shape[2] * factors[0], shape[3] * factors[1]])
            return sketch.node("Resize", [input, "", "", sizes], attributes)
        }
        let scales = sketch.numbers([1, 1, Float(factors[0]), Float(factors[1])])
        return sketch.node("Resize", [input, "", scales], attributes)
    }

    private static func gather(_ sketch: inout ModelSketch) -> [String] {
        let shape = sketch.ints(3, 2...7)
        let axis = sketch.int(-3...2)
        let extent = shape[axis < 0 ? axis + 3 : axis]
        let count = sketch.int(1...5)
        let indices =
            sketch.chance(0.5)
            ? sketch.integers([sketch.int(-extent...extent - 1)], scalar: true)
            : sketch.integers(sketch.ints(count, -extent...extent - 1))
        return sketch.node("Gather", [sketch.input(shape), indices], ["axis": .integer(axis)])
    }

    /// Rows of a table of weights, by positions that depend on the input.
    private static func embedding(_ sketch: inout ModelSketch) -> [String] {
        let input = sketch.input(sketch.ints(2, 1...7))
        let scaled = sketch.node("Abs", sketch.node("Mul", [input, sketch.numbers([10], scalar: true)]))
        let positions = sketch.node("Cast", scaled, ["to": .integer(7)])
        return sketch.node("Gather", [sketch.weight([11, sketch.int(4...40)]), positions[0]])
    }

    private static func expand(_ sketch: inout ModelSketch) -> [String] {
        let shape = sketch.ints(3, 1...7)
        let from = shape.map { sketch.chance(0.4) ? 1 : $0 }
        return sketch.node("Expand", [sketch.input(Array(from.dropFirst(sketch.int(0...2)))), sketch.integers(shape)])
    }

    private static func tile(_ sketch: inout ModelSketch) -> [String] {
        sketch.node("Tile", [sketch.input(sketch.ints(2, 1...5)), sketch.integers(sketch.ints(2, 1...3))])
    }

    private static func depthToSpace(_ sketch: inout ModelSketch) -> [String] {
        let block = sketch.int(1...3)
        let shape = [sketch.int(1...2), sketch.int(1...3) * block * block] + sketch.ints(2, 1...6)
        return sketch.node(
            "DepthToSpace", [sketch.input(shape)],
            ["blocksize": .integer(block), "mode": .text(sketch.pick(["DCR", "CRD"]))])
    }

    private static func spaceToDepth(_ sketch: inout ModelSketch) -> [String] {
        let block = sketch.int(1...3)
        let shape = [sketch.int(1...2), sketch.int(1...3)] + sketch.ints(2, 1...5).map { $0 * block }
        return sketch.node("SpaceToDepth", [sketch.input(shape)], ["blocksize": .integer(block)])
    }
}
