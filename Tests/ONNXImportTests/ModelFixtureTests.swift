import ModelGraph
import ONNXImport
import TestKit
import Testing

/// The committed models, as PyTorch exports them, against what PyTorch and its documentation say of them.
@Suite struct ModelFixtureTests {
    struct Known: Sendable, CustomTestStringConvertible {
        let name: String
        /// Bytes of all parameters, batch normalization folded into the convolutions before it.
        let weightBytes: Int
        /// 10^9 multiply-accumulates as torchvision documents them (nil: it does not).
        let gigaAccumulates: Double?
        let operators: Int
        let layers: Int

        var testDescription: String { name }
    }

    static let known = [
        Known(name: "alexnet", weightBytes: 244_403_360, gigaAccumulates: 0.71, operators: 20, layers: 8),
        Known(name: "vgg11", weightBytes: 531_453_344, gigaAccumulates: 7.61, operators: 28, layers: 11),
        Known(name: "vgg13", weightBytes: 532_191_392, gigaAccumulates: 11.31, operators: 32, layers: 13),
        Known(name: "vgg16", weightBytes: 553_430_176, gigaAccumulates: 15.47, operators: 38, layers: 16),
        Known(name: "vgg19", weightBytes: 574_668_960, gigaAccumulates: 19.63, operators: 44, layers: 19),
        Known(name: "resnet18", weightBytes: 46_738_848, gigaAccumulates: 1.81, operators: 49, layers: 10),
        Known(name: "resnet50", weightBytes: 102_121_888, gigaAccumulates: 4.09, operators: 122, layers: 18),
        Known(name: "resnet101", weightBytes: 177_985_952, gigaAccumulates: 7.80, operators: 241, layers: 35),
        Known(name: "inception_v3", weightBytes: 95_269_408, gigaAccumulates: 5.71, operators: 219, layers: 17),
        Known(name: "googlenet", weightBytes: 26_470_496, gigaAccumulates: 1.50, operators: 139, layers: 13),
        Known(name: "squeezenet1_1", weightBytes: 4_941_984, gigaAccumulates: 0.35, operators: 65, layers: 18),
        Known(name: "mobilenet", weightBytes: 16_884_128, gigaAccumulates: nil, operators: 57, layers: 28),
        Known(name: "mobilenet_v3_large", weightBytes: 21_883_328, gigaAccumulates: 0.22, operators: 140, layers: 32),
        Known(name: "efficientnet_b0", weightBytes: 21_070_160, gigaAccumulates: 0.39, operators: 239, layers: 39),
        Known(name: "regnet_y_400mf", weightBytes: 17_322_272, gigaAccumulates: 0.40, operators: 217, layers: 18),
        Known(name: "vit_b_16", weightBytes: 346_270_628, gigaAccumulates: 17.56, operators: 524, layers: 26),
        Known(name: "ssdlite320", weightBytes: 13_694_352, gigaAccumulates: 0.58, operators: 233, layers: 25),
        Known(name: "bert_base", weightBytes: 436_019_200, gigaAccumulates: nil, operators: 412, layers: 24),
        Known(name: "gpt2", weightBytes: 497_824_768, gigaAccumulates: nil, operators: 450, layers: 25),
        Known(name: "qwen2_0_5b", weightBytes: 1_977_769_472, gigaAccumulates: nil, operators: 1521, layers: 49),
    ]

    private func load(_ name: String) throws -> ImportedModel {
        try ImportedModel.load(path: Fixtures.path("models/\(name).onnx"))
    }

    @Test(arguments: known) func `operators, layers and weights are those of the network`(_ known: Known) throws {
        let graph = try load(known.name).graph
        #expect(graph.operators.count == known.operators)
        #expect(graph.layers(.layer).count == known.layers)
        #expect(graph.weightBytes == known.weightBytes)
    }

    @Test(arguments: known) func `every inferred shape is the one that the export recorded`(_ known: Known) throws {
        let model = try load(known.name)
        #expect(!model.recordedTypes.isEmpty)
        for (name, type) in model.recordedTypes.sorted(by: { $0.key < $1.key }) {
            let inferred =
                model.graph.tensors[name]?.type ?? model.graph.constantTypes[name]
                ?? model.graph.initializer(named: name)?.type
            #expect(inferred == type, "\(name)")
        }
    }

    @Test(arguments: known.filter { $0.gigaAccumulates != nil })
    func `multiply-accumulates are those that torchvision documents, and activations and pooling`(_ known: Known) throws
    {
        let documented = (known.gigaAccumulates ?? 0) * 1e9
        let found = try load(known.name).graph.flop / 2
        #expect(found > documented * 0.985)
        #expect(found < documented * 1.06)
    }

    @Test(arguments: known, LayerGranularity.allCases)
    func `layers follow each other, with one tensor between, and cover the model`(
        _ known: Known, _ granularity: LayerGranularity
    ) throws {
        let graph = try load(known.name).graph
        let layers = graph.layers(granularity)
        #expect(layers.first?.operators.lowerBound == 0)
        #expect(layers.last?.operators.upperBound == graph.operators.count)
        #expect(Set(layers.map(\.name)).count == layers.count)
        for (earlier, later) in zip(layers, layers.dropFirst()) {
            #expect(earlier.operators.upperBound == later.operators.lowerBound)
            #expect(earlier.outputTensors == later.inputTensors)
            #expect(earlier.outputTensors.count == 1)
        }
        #expect(layers.allSatisfy { $0.activationPeakBytes >= $0.outputBytes })
        #expect(layers.map(\.flop).reduce(0, +).rounded() == graph.flop.rounded())
    }

    @Test func `the digits model is read with its weights`() throws {
        let model = try ImportedModel.load(path: Fixtures.path("digits/digits.onnx"))
        #expect(model.graph.inputs.count == 1)
        try model.requireWeights()
        let (graphFile, weights) = try model.contentAddressed()
        #expect(graphFile.count < 32 << 10)
        #expect(weights.reduce(0) { $0 + $1.byteCount } > 100_000)
        let again = try ImportedModel.load(graphFile: graphFile)
        #expect(again.graph.operators == model.graph.operators)
        #expect(again.graph.layers(.layer) == model.graph.layers(.layer))
    }
}
