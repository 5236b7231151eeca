import Foundation
import ModelGraph
import NIOCore
import Runtime
import Testing

@Suite struct InferenceSessionTests {
    private func session(_ name: String, options: InferenceSessionOptions = .init()) throws -> InferenceSession {
        try InferenceSession(
            runtime: try Support.runtime.get(), model: try Support.bytes("tiny/\(name).onnx"), name: name,
            options: options)
    }

    @Test func `the library says its version`() throws {
        #expect(try Support.runtime.get().version.hasPrefix("1."))
    }

    @Test func `a session tells names, types and shapes of its inputs and outputs`() throws {
        let affine = try session("affine")
        #expect(affine.inputs == [TensorDescription(name: "x", elementType: .float32, shape: [-1, 3])])
        let integers = try session("integers")
        #expect(integers.inputs.map(\.name) == ["a", "b"])
        #expect(integers.outputs.map(\.description) == ["sum: int64[4]", "difference: int64[4]"])
    }

    @Test(arguments: InferenceSessionOptions.Optimization.allCases)
    func `a model with an open extent runs with any, at every level of optimization`(
        level: InferenceSessionOptions.Optimization
    ) throws {
        let affine = try session("affine", options: .init(optimization: level))
        for rows in [1, 2, 5] {
            let values = (0..<rows * 3).map(Float.init)
            let results = try affine.run([Tensor(shape: [rows, 3], floats: values)])
            #expect(results.map(\.shape) == [[rows, 3]])
            #expect(results.first?.floats == values.map { 2 * $0 + 1 })
        }
    }

    @Test func `several inputs and outputs of 64-bit integers keep their order`() throws {
        func tensor(_ values: [Int64]) -> Tensor {
            Tensor(
                elementType: .int64, shape: [4],
                bytes: ByteBuffer(bytes: values.flatMap { withUnsafeBytes(of: $0.littleEndian, Array.init) }))
        }
        let results = try session("integers").run([tensor([10, 20, 30, 40]), tensor([1, 2, 3, 4])])
        #expect(results == [tensor([11, 22, 33, 44]), tensor([9, 18, 27, 36])])
    }

    @Test func `bytes at an odd address are moved before they are used`() throws {
        var buffer = ByteBuffer(bytes: [0xFF])
        buffer.writeImmutableBuffer(Tensor(shape: [1, 3], floats: [1, 2, 3]).bytes)
        buffer.moveReaderIndex(forwardBy: 1)
        let results = try session("affine").run([Tensor(elementType: .float32, shape: [1, 3], bytes: buffer)])
        #expect(results.first?.floats == [3, 5, 7])
    }

    @Test func `external weights are read from the store's folder by their name`() throws {
        try Support.withFolder { folder in
            let store = try WeightStore(directory: folder)
            var weights = ByteBuffer()
            for value in 0..<16 { weights.writeInteger(Float(value).bitPattern, endianness: .little) }
            _ = try store.put(Array(weights.readableBytesView))
            let external = try session("external", options: .init(weightsDirectory: store.directory))
            let results = try external.run([Tensor(shape: [1, 4], floats: [1, 0, 0, 1])])
            #expect(results.first?.floats == [12, 14, 16, 18])
        }
    }

    @Test func `missing weights are an error that names the weight`() throws {
        try Support.withFolder { folder in
            let error = #expect(throws: InferenceError.self) {
                try session("external", options: .init(weightsDirectory: folder))
            }
            #expect(error?.kind == .model)
            #expect(error?.sentence.contains("cannot load external") == true)
            #expect(error?.sentence.contains("\n") == false)
        }
    }

    @Test func `wrong shape, type, count and byte count are refused with what is wanted`() throws {
        let integers = try session("integers")
        let affine = try session("affine")
        let good = Tensor(shape: [1, 3], floats: [1, 2, 3])
        #expect(throws: InferenceError(.input, "the tensor is float32[1x2], input x: float32[-1x3] is wanted")) {
            try affine.run([Tensor(shape: [1, 2], floats: [1, 2])])
        }
        #expect(throws: InferenceError(.input, "the tensor is float32[1x3], input a: int64[4] is wanted")) {
            try integers.run([good, good])
        }
        #expect(throws: InferenceError(.input, "the model takes 1 tensors, 2 were given")) {
            try affine.run([good, good])
        }
        let short = Tensor(elementType: .float32, shape: [1, 3], bytes: ByteBuffer(bytes: [1, 2]))
        #expect(throws: InferenceError(.input, "a tensor of float32[1x3] came with 2 bytes")) {
            try affine.run([short])
        }
    }

    @Test func `a broken model is one sentence`() throws {
        let error = #expect(throws: InferenceError.self) {
            try InferenceSession(runtime: try Support.runtime.get(), model: [1, 2, 3], name: "the file x.onnx")
        }
        #expect(error?.sentence.hasPrefix("ONNX Runtime cannot load the file x.onnx:") == true)
    }

    @Test func `one session runs on several threads at once`() async throws {
        let affine = try session("affine")
        let sums = try await withThrowingTaskGroup(of: Float.self) { group -> [Float] in
            for index in 0..<16 {
                group.addTask {
                    try affine.run([Tensor(shape: [1, 3], floats: [Float(index), 0, 0])]).first?.floats?.first ?? -1
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        let expected: [Float] = stride(from: 1, to: 33, by: 2).map { Float($0) }
        #expect(sums.sorted() == expected)
    }
}
