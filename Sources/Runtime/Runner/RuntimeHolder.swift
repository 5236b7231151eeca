import Synchronization

/// Opens ONNX Runtime when the first session needs it: a runner without a plan stays small.
final class RuntimeHolder: Sendable {
    private let opened = Mutex<OnnxRuntime?>(nil)

    /// Blocks while the library is opened.
    ///
    /// - Parameter onOpening: called once, when it was.
    func get(onOpening: () -> Void = {}) throws -> OnnxRuntime {
        try opened.withLock { runtime in
            if let runtime { return runtime }
            let new = try OnnxRuntime.load()
            runtime = new
            onOpening()
            return new
        }
    }
}
