import COnnxRuntime
import Synchronization

/// One piece of memory for the tensors of runs. All sessions share it, as the runner runs one segment at a time: it is
/// as large as the largest of them needs.
final class ActivationArena: Sendable {
    private struct State: @unchecked Sendable {
        /// How many sessions need so many bytes.
        var sessions: [Int: Int] = [:]
        var arena: OpaquePointer?
        var byteCount = 0
        var isTaken = false

        var neededBytes: Int { sessions.keys.max() ?? 0 }
        /// A block may outlive its run, for as long as somebody holds the run's result.
        var isFree: Bool { !isTaken && (arena.map { lamella_arena_live_blocks($0) == 0 } ?? true) }

        /// Makes the memory as large as the sessions need it. No run may have it.
        mutating func fit() {
            guard byteCount != neededBytes else { return }
            drop()
            arena = neededBytes > 0 ? lamella_arena_create(neededBytes) : nil
            byteCount = arena == nil ? 0 : neededBytes
        }

        mutating func drop() {
            if let arena { lamella_arena_destroy(arena) }
            arena = nil
            byteCount = 0
        }
    }

    private let state = Mutex(State())

    deinit {
        state.withLock { state in
            // Memory that is still in use stays for as long as the process.
            if state.isFree { state.drop() }
        }
    }

    /// What the sessions need; 0 where there are none.
    var byteCount: Int { state.withLock(\.neededBytes) }

    /// A session has come that needs so much. The memory is made when a run takes it: while further segments are
    /// loaded it would stand beside what loading needs.
    func add(byteCount: Int) {
        state.withLock { $0.sessions[byteCount, default: 0] += 1 }
    }

    func remove(byteCount: Int) {
        state.withLock { state in
            let others = (state.sessions[byteCount] ?? 0) - 1
            state.sessions[byteCount] = others > 0 ? others : nil
            // Sessions go one after the other: to fit each that is left would make the memory anew each time.
            if state.neededBytes == 0, state.isFree { state.drop() }
        }
    }

    /// The memory for one run, to be given back after it; nil while another run has it, where the system gives none,
    /// and where the need for it was taken back meanwhile.
    func take(byteCount: Int) -> OpaquePointer? {
        state.withLock { state in
            guard state.isFree else { return nil }
            state.fit()
            guard state.byteCount >= byteCount else { return nil }
            state.isTaken = state.arena != nil
            return state.arena
        }
    }

    func giveBack() { state.withLock { $0.isTaken = false } }
}
