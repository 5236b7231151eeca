import Board
@preconcurrency import Dispatch
import NIOPosix
import Synchronization

extension SystemRoot {
    private final class Answer<Value: Sendable>: Sendable {
        let value = Mutex<Value?>(nil)
        let isThere = DispatchSemaphore(value: 0)
    }

    /// What a body reads of the files, on a thread of its own: one that never answers holds up nobody else. Blocks.
    ///
    /// - Returns: nil where it took longer than the limit. What hangs then hangs until the kernel lets it go, and its
    ///   answer goes nowhere.
    package func answer<Value: Sendable>(
        within limit: Duration, _ body: @escaping @Sendable (SystemRoot) -> Value
    ) -> Value? {
        let answer = Answer<Value>()
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        group.next().execute {
            let value = body(self)
            answer.value.withLock { $0 = value }
            answer.isThere.signal()
            group.shutdownGracefully(queue: .global()) { _ in }
        }
        let parts = limit.components
        let nanoseconds = Int(parts.seconds) * 1_000_000_000 + Int(parts.attoseconds / 1_000_000_000)
        guard answer.isThere.wait(timeout: .now() + .nanoseconds(nanoseconds)) == .success else { return nil }
        return answer.value.withLock { $0 }
    }
}
