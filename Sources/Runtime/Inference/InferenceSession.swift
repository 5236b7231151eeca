import COnnxRuntime
import Glibc
import ModelGraph
import NIOCore

/// How a session is made.
public struct InferenceSessionOptions: Sendable, Equatable {
    /// ONNX Runtime's levels of rewriting the graph (`GraphOptimizationLevel`).
    public enum Optimization: Int32, Sendable, CaseIterable {
        case none = 0
        case basic = 1
        case extended = 2
        case all = 99
    }

    /// Threads that share one operator.
    public var intraThreads: Int
    /// Operators that may run side by side; with 1 they run in order.
    public var interThreads: Int
    public var optimization: Optimization
    /// Folder in which the locations of external initializers are looked up (nil: the model has none).
    public var weightsDirectory: String?
    /// Lets ONNX Runtime keep its own rearranged copy of matrix weights: faster for large batches, but then
    /// weights are private memory instead of pages of the blob files that the kernel can drop.
    public var repacksWeights: Bool

    public init(
        intraThreads: Int = 1, interThreads: Int = 1, optimization: Optimization = .all,
        weightsDirectory: String? = nil, repacksWeights: Bool = false
    ) {
        self.intraThreads = intraThreads
        self.interThreads = interThreads
        self.optimization = optimization
        self.weightsDirectory = weightsDirectory
        self.repacksWeights = repacksWeights
    }
}

/// What an input or output of a model is like.
public struct TensorDescription: Sendable, Equatable, CustomStringConvertible {
    public var name: String
    public var elementType: ElementType
    /// Extents; -1 where the model leaves one open.
    public var shape: [Int]

    public init(name: String, elementType: ElementType, shape: [Int]) {
        self.name = name
        self.elementType = elementType
        self.shape = shape
    }

    public var description: String { "\(name): \(Tensor.describe(elementType, shape))" }

    /// Whether a tensor of this type and shape may stand here.
    public func accepts(_ elementType: ElementType, _ shape: [Int]) -> Bool {
        elementType == self.elementType && shape.count == self.shape.count
            && zip(shape, self.shape).allSatisfy { $0 == $1 || $1 < 0 }
    }
}

/// A loaded model, ready to run. `run` blocks for as long as the model takes: call it on a thread of its own.
///
/// Weights that the model names as external initializers stay in their files: ONNX Runtime maps them, so they are
/// shared between processes and can be dropped by the kernel. Only what graph optimization rewrites (the layout of
/// convolution weights) becomes private memory.
public final class InferenceSession: @unchecked Sendable {
    // OrtSession::Run is documented as safe from several threads at once; the memory of runs has a lock of its own, and
    // nothing else here changes after init.
    private let runtime: OnnxRuntime
    private let session: OpaquePointer
    private let runMemory: RunMemory
    public let inputs: [TensorDescription]
    public let outputs: [TensorDescription]
    private let inputNames: CStrings
    private let outputNames: CStrings

    /// Loads a model.
    ///
    /// - Parameter name: what the sentences of errors call the model.
    /// - Throws: `InferenceError` of kind `model`.
    public init(
        runtime: OnnxRuntime, model: [UInt8], name: String = "the model",
        options: InferenceSessionOptions = InferenceSessionOptions()
    ) throws(InferenceError) {
        self.runtime = runtime
        let settings = try Self.makeOptions(runtime, options, name)
        defer { runtime.api.pointee.ReleaseSessionOptions(settings) }
        var created: OpaquePointer?
        try runtime.check(.model, "ONNX Runtime cannot load \(name)") { api in
            model.withUnsafeBytes { bytes in
                api.CreateSessionFromArray(runtime.environment, bytes.baseAddress, bytes.count, settings, &created)
            }
        }
        guard let created else { throw InferenceError(.model, "ONNX Runtime gave no session for \(name)") }
        session = created
        runMemory = RunMemory(arena: runtime.arena)
        do {
            inputs = try Self.describe(runtime, created, name, output: false)
            outputs = try Self.describe(runtime, created, name, output: true)
        } catch {
            runtime.api.pointee.ReleaseSession(created)
            throw error
        }
        inputNames = CStrings(inputs.map(\.name))
        outputNames = CStrings(outputs.map(\.name))
    }

    deinit { runtime.api.pointee.ReleaseSession(session) }

    /// What the tensors of its runs took so far.
    public var activations: ActivationMemory { runMemory.memory }

    /// Runs the model on one tensor for each of its inputs, in their order.
    ///
    /// - Throws: `InferenceError` of kind `input` where a tensor does not fit, `run` where the run fails.
    public func run(_ tensors: [Tensor]) throws(InferenceError) -> [Tensor] {
        guard tensors.count == inputs.count else {
            throw InferenceError(.input, "the model takes \(inputs.count) tensors, \(tensors.count) were given")
        }
        var values: [OpaquePointer?] = []
        defer { values.forEach { if let value = $0 { runtime.api.pointee.ReleaseValue(value) } } }
        // The values point into these buffers, which must therefore outlive the run.
        var held: [ByteBuffer] = []
        for (tensor, description) in zip(tensors, inputs) {
            held.append(try Self.checked(tensor, description))
        }
        for (tensor, buffer) in zip(tensors, held) {
            values.append(
                try buffer.withUnsafeReadableBytes { (bytes) throws(InferenceError) in
                    try makeValue(UnsafeMutableRawBufferPointer(mutating: bytes), tensor.elementType, tensor.shape)
                })
        }
        let results = try withExtendedLifetime(held) { () throws(InferenceError) in
            outputs.count == 1 && outputs[0].shape.allSatisfy { $0 >= 0 }
                ? [try runIntoBuffer(values, outputs[0])] : try runAndCopy(values)
        }
        return results
    }

    /// Runs once on zeros, so that weights are in memory and buffers are made before the first request comes.
    ///
    /// - Throws: as `run` does. Extents that the model leaves open count as 1.
    public func warmUp() throws(InferenceError) {
        var tensors: [Tensor] = []
        for input in inputs {
            let shape = input.shape.map { max($0, 1) }
            guard let byteCount = Tensor.byteCount(of: input.elementType, shape: shape) else {
                throw InferenceError(.model, "the model's input \(input) is larger than memory can be")
            }
            tensors.append(
                Tensor(elementType: input.elementType, shape: shape, bytes: ByteBuffer(repeating: 0, count: byteCount)))
        }
        _ = try run(tensors)
    }

    /// ONNX Runtime writes the result where the transport will send it from: nothing is copied.
    private func runIntoBuffer(
        _ values: [OpaquePointer?], _ output: TensorDescription
    ) throws(InferenceError) -> Tensor {
        guard let byteCount = Tensor.byteCount(of: output.elementType, shape: output.shape) else {
            throw InferenceError(.model, "the model's output \(output) is larger than memory can be")
        }
        var buffer = ByteBufferAllocator().buffer(capacity: max(byteCount, 1))
        var failure: InferenceError?
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: byteCount) { bytes in
            do throws(InferenceError) {
                let target = UnsafeMutableRawBufferPointer(rebasing: bytes[..<byteCount])
                var result: OpaquePointer? = try makeValue(target, output.elementType, output.shape)
                defer { if let result { runtime.api.pointee.ReleaseValue(result) } }
                try runMemory.run { () throws(InferenceError) in
                    try runtime.check(.run, "ONNX Runtime cannot run the model") { api in
                        api.Run(
                            session, nil, inputNames.pointers, values, values.count, outputNames.pointers, 1, &result)
                    }
                }
                return byteCount
            } catch {
                failure = error
                return 0
            }
        }
        if let failure { throw failure }
        return Tensor(elementType: output.elementType, shape: output.shape, bytes: buffer)
    }

    /// For several outputs, or ones whose extents only the run tells.
    private func runAndCopy(_ values: [OpaquePointer?]) throws(InferenceError) -> [Tensor] {
        var results = [OpaquePointer?](repeating: nil, count: outputs.count)
        defer { results.forEach { if let value = $0 { runtime.api.pointee.ReleaseValue(value) } } }
        let count = outputs.count
        try runMemory.run { () throws(InferenceError) in
            try runtime.check(.run, "ONNX Runtime cannot run the model") { api in
                api.Run(session, nil, inputNames.pointers, values, values.count, outputNames.pointers, count, &results)
            }
        }
        var tensors: [Tensor] = []
        for (value, output) in zip(results, outputs) {
            tensors.append(try copyOut(value, output))
        }
        return tensors
    }

    private func copyOut(_ value: OpaquePointer?, _ output: TensorDescription) throws(InferenceError) -> Tensor {
        var information: OpaquePointer?
        try runtime.check(.run, "the run's output \(output.name) has no shape") {
            $0.GetTensorTypeAndShape(value, &information)
        }
        defer { if let information { runtime.api.pointee.ReleaseTensorTypeAndShapeInfo(information) } }
        let (elementType, shape) = try Self.typeAndShape(runtime, information, output.name)
        guard let byteCount = Tensor.byteCount(of: elementType, shape: shape) else {
            throw InferenceError(.run, "the run's output \(output.name) is larger than memory can be")
        }
        var data: UnsafeMutableRawPointer?
        try runtime.check(.run, "the run's output \(output.name) has no data") {
            $0.GetTensorMutableData(value, &data)
        }
        var buffer = ByteBufferAllocator().buffer(capacity: max(byteCount, 1))
        if let data { buffer.writeBytes(UnsafeRawBufferPointer(start: data, count: byteCount)) }
        return Tensor(elementType: elementType, shape: shape, bytes: buffer)
    }

    /// The tensor's bytes where it fits the input, moved to an aligned place if they are not in one.
    private static func checked(
        _ tensor: Tensor, _ description: TensorDescription
    ) throws(InferenceError) -> ByteBuffer {
        guard description.accepts(tensor.elementType, tensor.shape) else {
            throw InferenceError(
                .input,
                "the tensor is \(Tensor.describe(tensor.elementType, tensor.shape)), input \(description) is wanted")
        }
        guard let byteCount = Tensor.byteCount(of: tensor.elementType, shape: tensor.shape),
            tensor.bytes.readableBytes == byteCount
        else {
            throw InferenceError(
                .input,
                "a tensor of \(Tensor.describe(tensor.elementType, tensor.shape)) came with "
                    + "\(tensor.bytes.readableBytes) bytes")
        }
        let aligned = tensor.bytes.withUnsafeReadableBytes { bytes in
            bytes.baseAddress.map { Int(bitPattern: $0) % tensor.elementType.byteCount == 0 } ?? true
        }
        if aligned { return tensor.bytes }
        return tensor.bytes.withUnsafeReadableBytes { bytes in
            var copy = ByteBufferAllocator().buffer(capacity: bytes.count)
            copy.writeBytes(bytes)
            return copy
        }
    }

    private func makeValue(
        _ bytes: UnsafeMutableRawBufferPointer, _ elementType: ElementType, _ shape: [Int]
    ) throws(InferenceError) -> OpaquePointer? {
        var value: OpaquePointer?
        let extents = shape.map(Int64.init)
        try runtime.check(.input, "ONNX Runtime takes no \(Tensor.describe(elementType, shape))") { api in
            api.CreateTensorWithDataAsOrtValue(
                runtime.memory, bytes.baseAddress, bytes.count, extents, extents.count, Int32(elementType.onnxCode),
                &value)
        }
        return value
    }
}

/// What is asked of a session once, when it is made.
extension InferenceSession {
    private static func makeOptions(
        _ runtime: OnnxRuntime, _ options: InferenceSessionOptions, _ name: String
    ) throws(InferenceError) -> OpaquePointer {
        var created: OpaquePointer?
        try runtime.check(.runtime, "ONNX Runtime makes no options") { $0.CreateSessionOptions(&created) }
        guard let settings = created else { throw InferenceError(.runtime, "ONNX Runtime gave no options") }
        var entries = [
            ("session.intra_op.allow_spinning", "0"), ("session.inter_op.allow_spinning", "0"),
            ("session.use_env_allocators", "1"),
        ]
        if !options.repacksWeights { entries.append(("session.disable_prepacking", "1")) }
        if let folder = options.weightsDirectory {
            entries.append(("session.model_external_initializers_file_folder_path", folder))
        }
        do {
            try runtime.check(.model, "\(name) cannot have \(options.intraThreads) threads for an operator") {
                $0.SetIntraOpNumThreads(settings, Int32(clamping: options.intraThreads))
            }
            try runtime.check(.model, "\(name) cannot have \(options.interThreads) threads for its operators") {
                $0.SetInterOpNumThreads(settings, Int32(clamping: options.interThreads))
            }
            try runtime.check(.model, "\(name) cannot run its operators in the order asked for") {
                $0.SetSessionExecutionMode(settings, options.interThreads > 1 ? 1 : Int32(ORT_SEQUENTIAL))
            }
            try runtime.check(.model, "\(name) cannot be optimized at level \(options.optimization.rawValue)") {
                $0.SetSessionGraphOptimizationLevel(settings, options.optimization.rawValue)
            }
            try runtime.check(.model, "\(name) cannot log errors only") {
                $0.SetSessionLogSeverityLevel(settings, Int32(ORT_LOG_ERROR))
            }
            // A pattern asks for one block of its own layout instead of one for each tensor.
            try runtime.check(.model, "\(name) cannot give each tensor its own memory") {
                $0.DisableMemPattern(settings)
            }
            for (key, value) in entries {
                try runtime.check(.model, "\(name) cannot have \(key) = \(value)") {
                    $0.AddSessionConfigEntry(settings, key, value)
                }
            }
        } catch {
            runtime.api.pointee.ReleaseSessionOptions(settings)
            throw error
        }
        return settings
    }

    private static func describe(
        _ runtime: OnnxRuntime, _ session: OpaquePointer, _ name: String, output: Bool
    ) throws(InferenceError) -> [TensorDescription] {
        var count = 0
        let what = output ? "output" : "input"
        try runtime.check(.model, "\(name) does not count its \(what)s") {
            output ? $0.SessionGetOutputCount(session, &count) : $0.SessionGetInputCount(session, &count)
        }
        var descriptions: [TensorDescription] = []
        for index in 0..<count {
            var text: UnsafeMutablePointer<CChar>?
            try runtime.check(.model, "\(name) does not name its \(what) \(index)") {
                output
                    ? $0.SessionGetOutputName(session, index, runtime.allocator, &text)
                    : $0.SessionGetInputName(session, index, runtime.allocator, &text)
            }
            let tensorName = text.map { String(cString: $0) } ?? ""
            try runtime.check(.model, "\(name) does not free a name") { $0.AllocatorFree(runtime.allocator, text) }
            var type: OpaquePointer?
            try runtime.check(.model, "\(name) does not describe its \(what) \(tensorName)") {
                output
                    ? $0.SessionGetOutputTypeInfo(session, index, &type)
                    : $0.SessionGetInputTypeInfo(session, index, &type)
            }
            defer { if let type { runtime.api.pointee.ReleaseTypeInfo(type) } }
            var information: OpaquePointer?
            try runtime.check(.model, "\(what) \(tensorName) of \(name) is no tensor") {
                $0.CastTypeInfoToTensorInfo(type, &information)
            }
            let (elementType, shape) = try typeAndShape(runtime, information, tensorName)
            descriptions.append(TensorDescription(name: tensorName, elementType: elementType, shape: shape))
        }
        return descriptions
    }

    fileprivate static func typeAndShape(
        _ runtime: OnnxRuntime, _ information: OpaquePointer?, _ name: String
    ) throws(InferenceError) -> (ElementType, [Int]) {
        guard let information else { throw InferenceError(.model, "\(name) is no tensor") }
        var code: Int32 = 0
        try runtime.check(.model, "\(name) has no element type") { $0.GetTensorElementType(information, &code) }
        var rank = 0
        try runtime.check(.model, "\(name) has no rank") { $0.GetDimensionsCount(information, &rank) }
        var extents = [Int64](repeating: 0, count: rank)
        try runtime.check(.model, "\(name) has no extents") { $0.GetDimensions(information, &extents, rank) }
        guard let elementType = ElementType(onnxCode: Int(code)) else {
            throw InferenceError(.model, "\(name) has elements of ONNX type \(code), which Lamella does not carry")
        }
        return (elementType, extents.map(Int.init))
    }
}

/// Names as C wants them, for as long as this lives.
private final class CStrings: @unchecked Sendable {
    // Written once in init, read only afterwards.
    let pointers: [UnsafePointer<CChar>?]

    init(_ strings: [String]) { pointers = strings.map { strdup($0).map { UnsafePointer($0) } } }

    deinit { pointers.forEach { free(UnsafeMutablePointer(mutating: $0)) } }
}
