import Synchronization

/// What loading a plan took of this process's memory, apart from what was there for other plans.
///
/// A plan's peak is what the runner needs to run it alone: the most that was resident while it was loaded, without what
/// other plans held. Used on the loader's thread, a plan at a time.
final class LoadMemory: Sendable {
    private struct State {
        /// Of the process with ONNX Runtime, before any session; nil until it was opened.
        var baseBytes: Int?
        var beforeBytes: Int?
        var isReset = false
    }

    private let state = Mutex(State())

    /// What the process holds with the library and no session; nil until that was seen.
    var baseBytes: Int? { state.withLock(\.baseBytes) }

    func begin() {
        HeapMemory.load()
        state.withLock { state in
            state.isReset = ProcessMemory.resetPeak()
            state.beforeBytes = ProcessMemory.residentBytes()
        }
    }

    /// The library was opened just now, and no session is made yet.
    func opened() {
        let bytes = ProcessMemory.residentBytes()
        state.withLock { state in if state.baseBytes == nil { state.baseBytes = bytes } }
    }

    /// - Returns: the plan's peak; nil where the kernel does not tell.
    func end(isFirst: Bool) -> Int? {
        HeapMemory.release()
        let peakBytes = ProcessMemory.peakBytes()
        return state.withLock { state in
            guard state.isReset, let peakBytes, let beforeBytes = state.beforeBytes, let baseBytes = state.baseBytes
            else { return nil }
            let othersBytes = isFirst ? 0 : max(0, beforeBytes - baseBytes)
            return peakBytes - othersBytes
        }
    }
}
