import ModelGraph
import Testing

/// Every shape rule against what ONNX Runtime gave for the same operator (Tests/Fixtures/shapes).
@Suite struct ShapeRuleTests {
    private func check(_ sample: ShapeCase) throws {
        let graph = try sample.graph()
        for (position, output) in sample.outputs.enumerated() {
            #expect(graph.tensors["o\(position)"]?.type == (try output.type()))
        }
    }

    @Test func `there are hundreds of recorded cases`() {
        #expect(ShapeCase.all.count >= 550)
    }

    @Test(arguments: ShapeCase.all(of: ["Conv", "ConvTranspose"]))
    func `a convolution gets the recorded shape`(_ sample: ShapeCase) throws { try check(sample) }

    @Test(arguments: ShapeCase.all(of: ["MaxPool", "AveragePool", "GlobalAveragePool", "GlobalMaxPool"]))
    func `a pooling operator gets the recorded shape`(_ sample: ShapeCase) throws { try check(sample) }

    @Test(arguments: ShapeCase.all(of: ["Gemm", "MatMul"]))
    func `a linear operator gets the recorded shape`(_ sample: ShapeCase) throws { try check(sample) }

    @Test(
        arguments: ShapeCase.all(of: [
            "BatchNormalization", "InstanceNormalization", "LayerNormalization", "Softmax", "LogSoftmax", "Hardmax",
            "LRN",
            "LpNormalization",
        ]))
    func `a normalization gets the recorded shape`(_ sample: ShapeCase) throws { try check(sample) }

    @Test(
        arguments: ShapeCase.all(of: [
            "ReduceMean", "ReduceMax", "ReduceProd", "ReduceL2", "ReduceSumSquare", "ReduceSum", "ArgMax", "ArgMin",
            "TopK",
        ]))
    func `a reduction gets the recorded shape`(_ sample: ShapeCase) throws { try check(sample) }

    @Test(arguments: ShapeCase.all(of: ["Reshape", "Flatten", "Squeeze", "Unsqueeze", "Identity", "Dropout"]))
    func `a reshaping operator gets the recorded shape`(_ sample: ShapeCase) throws { try check(sample) }

    @Test(
        arguments: ShapeCase.all(of: [
            "Transpose", "Concat", "Split", "Slice", "Gather", "GatherElements", "GatherND", "ScatterND",
            "ScatterElements", "Expand", "Tile", "Pad", "DepthToSpace", "SpaceToDepth", "Resize",
        ]))
    func `an operator that moves elements gets the recorded shape`(_ sample: ShapeCase) throws { try check(sample) }

    private static let otherGroups: Set<String> = [
        "Conv", "ConvTranspose", "MaxPool", "AveragePool", "GlobalAveragePool", "GlobalMaxPool", "Gemm", "MatMul",
        "BatchNormalization", "InstanceNormalization", "LayerNormalization", "Softmax", "LogSoftmax", "Hardmax", "LRN",
        "LpNormalization", "ReduceMean", "ReduceMax", "ReduceProd", "ReduceL2", "ReduceSumSquare", "ReduceSum",
        "ArgMax", "ArgMin", "TopK", "Reshape", "Flatten", "Squeeze", "Unsqueeze", "Identity", "Dropout", "Transpose",
        "Concat", "Split", "Slice", "Gather", "GatherElements", "GatherND", "ScatterND", "ScatterElements", "Expand",
        "Tile", "Pad", "DepthToSpace", "SpaceToDepth", "Resize",
    ]

    @Test(arguments: ShapeCase.all.filter { !$0.folded && !otherGroups.contains($0.operator) })
    func `an element-wise operator gets the recorded shape`(_ sample: ShapeCase) throws { try check(sample) }

    @Test(arguments: ShapeCase.all.filter(\.folded))
    func `an operator on constants is computed to the recorded values`(_ sample: ShapeCase) throws {
        let graph = try sample.graph()
        for (position, output) in sample.outputs.enumerated() {
            #expect(graph.constants["o\(position)"] == (try output.value()).map(ConstantSource.value))
        }
        #expect(graph.operators.allSatisfy { $0.name.hasPrefix("join") })
    }
}
