import Board
import COnnxRuntime
import Glibc

/// ONNX Runtime, opened at run time. One value for each process is enough; sessions keep it alive.
public final class OnnxRuntime: @unchecked Sendable {
    // The table and the environment are immutable and documented as usable from any thread.
    let api: UnsafePointer<LamellaOrtApi>
    let environment: OpaquePointer
    let memory: OpaquePointer
    let allocator: UnsafeMutablePointer<OrtAllocator>
    /// Memory for the tensors of runs.
    let arena = ActivationArena()
    /// Such as `1.31.1`.
    public let version: String
    /// The file that was opened.
    public let path: String

    /// What the sessions of this value need of their common arena, in bytes: as much as the one that needs most.
    public var arenaBytes: Int { arena.byteCount }

    /// Opens the library where `NativeLibrary.candidates` finds it.
    public static func load() throws -> OnnxRuntime {
        try OnnxRuntime(library: NativeLibrary.open(named: "libonnxruntime.so.*"))
    }

    /// - Throws: `NativeLibraryError`, or `InferenceError` of kind `runtime` where the library is too old.
    public init(library: NativeLibrary) throws {
        guard let base = lamella_ort_api_base(try library.symbol("OrtGetApiBase")) else {
            throw InferenceError(.runtime, "\(library.path) gave no interface; run `make setup` to have a whole one")
        }
        let version = base.pointee.GetVersionString().map { String(cString: $0) } ?? "of unknown version"
        guard let api = base.pointee.GetApi(UInt32(LAMELLA_ORT_API_VERSION)) else {
            throw InferenceError(
                .runtime,
                "ONNX Runtime \(version) at \(library.path) lacks interface version \(LAMELLA_ORT_API_VERSION); "
                    + "1.12 or later is needed, run `make setup`")
        }
        var environment: OpaquePointer?
        try Self.check(api, .runtime, "ONNX Runtime \(version) does not start") {
            $0.CreateEnv(Int32(ORT_LOG_ERROR), "lamella", &environment)
        }
        var memory: OpaquePointer?
        try Self.check(api, .runtime, "ONNX Runtime \(version) does not describe memory") {
            $0.CreateCpuMemoryInfo(Int32(ORT_DEVICE_ALLOCATOR), Int32(ORT_MEMORY_DEFAULT), &memory)
        }
        var allocator: UnsafeMutablePointer<OrtAllocator>?
        try Self.check(api, .runtime, "ONNX Runtime \(version) has no allocator") {
            $0.GetAllocatorWithDefaultOptions(&allocator)
        }
        guard let environment, let memory, let allocator else {
            throw InferenceError(.runtime, "ONNX Runtime \(version) at \(library.path) answered without a value")
        }
        try Self.check(api, .runtime, "ONNX Runtime \(version) keeps its telemetry on") {
            $0.DisableTelemetryEvents(environment)
        }
        guard let memoryOfRuns = lamella_run_memory_allocator(api) else {
            throw InferenceError(.runtime, "ONNX Runtime \(version) at \(library.path) has no memory to give")
        }
        // A process has one environment, whoever asks for it: it may have our allocator already, and then refuses.
        if let status = api.pointee.RegisterAllocator(environment, memoryOfRuns) { api.pointee.ReleaseStatus(status) }
        self.api = api
        self.environment = environment
        self.memory = memory
        self.allocator = allocator
        self.version = version
        path = library.path
    }

    deinit {
        api.pointee.ReleaseMemoryInfo(memory)
        api.pointee.ReleaseEnv(environment)
    }

    /// Calls a function of the table and turns its status into an error: what we were doing, then its message.
    func check(
        _ kind: InferenceError.Kind, _ doing: @autoclosure () -> String,
        _ call: (LamellaOrtApi) -> OpaquePointer?
    ) throws(InferenceError) {
        try Self.check(api, kind, doing(), call)
    }

    private static func check(
        _ api: UnsafePointer<LamellaOrtApi>, _ kind: InferenceError.Kind, _ doing: @autoclosure () -> String,
        _ call: (LamellaOrtApi) -> OpaquePointer?
    ) throws(InferenceError) {
        guard let status = call(api.pointee) else { return }
        defer { api.pointee.ReleaseStatus(status) }
        let message = api.pointee.GetErrorMessage(status).map { String(cString: $0) } ?? "no message"
        throw InferenceError(kind, "\(doing()): \(oneLine(message))")
    }

    /// The message on one line and of bounded length, fit for a log or a frame.
    private static func oneLine(_ message: String) -> String {
        String(message.map { $0.isNewline ? " " : $0 }.prefix(600))
    }
}
