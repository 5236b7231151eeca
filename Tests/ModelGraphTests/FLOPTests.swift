import ModelGraph
import Testing

/// Multiply-accumulates by the conventions of the dissertation's analytic model; a FLOP figure is twice that.
@Suite struct FLOPTests {
    @Test func `a convolution costs its reads for each output element, and one more with a bias`() throws {
        let without = try Samples.one("Conv", inputs: [[1, 3, 8, 8]], constants: [[4, 3, 3, 3]])
        let with = try Samples.one("Conv", inputs: [[1, 3, 8, 8]], constants: [[4, 3, 3, 3], [4]])
        #expect(without.flop == Double(2 * 4 * 6 * 6 * 27))
        #expect(with.flop == Double(2 * 4 * 6 * 6 * 28))
    }

    @Test func `a depthwise convolution reads one channel for each output element`() throws {
        let graph = try Samples.one(
            "Conv", inputs: [[1, 6, 8, 8]], constants: [[6, 1, 3, 3]], attributes: ["group": .integer(6)])
        #expect(graph.flop == Double(2 * 6 * 6 * 6 * 9))
    }

    @Test func `the first convolution of AlexNet has 70,276,800 multiply-accumulates and 193,600 for its bias`() throws
    {
        let graph = try Samples.one(
            "Conv", inputs: [[1, 3, 224, 224]], constants: [[64, 3, 11, 11], [64]],
            attributes: ["strides": .integers([4, 4]), "pads": .integers([2, 2, 2, 2])])
        #expect(graph.flop == 2 * (70_276_800 + 193_600))
    }

    @Test func `a transposed convolution costs its writes for each input element`() throws {
        let graph = try Samples.one("ConvTranspose", inputs: [[1, 3, 5, 5]], constants: [[3, 2, 2, 2], [2]])
        #expect(graph.flop == Double(2 * (3 * 25 * 8 + 2 * 36)))
    }

    @Test func `a linear operator costs rows times inner times columns, and its bias`() throws {
        #expect(try Samples.one("Gemm", inputs: [[3, 4]], constants: [[4, 5]]).flop == 120)
        #expect(try Samples.one("Gemm", inputs: [[3, 4]], constants: [[4, 5], [5]]).flop == 150)
    }

    @Test func `a product of stacks of matrices costs each of them`() throws {
        #expect(try Samples.one("MatMul", inputs: [[2, 6, 3, 4], [2, 6, 4, 5]]).flop == Double(2 * 12 * 60))
    }

    @Test(arguments: ["Relu", "Sigmoid", "Erf", "Softmax", "HardSwish"])
    func `an element-wise operator costs one accumulate for each element`(_ type: String) throws {
        #expect(try Samples.one(type, inputs: [[2, 3, 4]]).flop == 48)
    }

    @Test func `a broadcasting operator costs one accumulate for each element of its result`() throws {
        #expect(try Samples.one("Add", inputs: [[2, 1], [1, 5]]).flop == 20)
    }

    @Test func `pooling costs one accumulate for each element of its input`() throws {
        let graph = try Samples.one(
            "MaxPool", inputs: [[1, 2, 8, 8]],
            attributes: ["kernel_shape": .integers([2, 2]), "strides": .integers([2, 2])])
        #expect(graph.flop == 256)
        #expect(try Samples.one("GlobalAveragePool", inputs: [[1, 2, 8, 8]]).flop == 256)
    }

    @Test(arguments: ["Transpose", "Flatten", "Identity"])
    func `moving and renaming elements costs nothing`(_ type: String) throws {
        #expect(try Samples.one(type, inputs: [[2, 3, 4]]).flop == 0)
    }
}
