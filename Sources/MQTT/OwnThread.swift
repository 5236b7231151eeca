import Glibc

/// Runs blocking work on a thread of its own, away from the cooperative pool.
package enum OwnThread {
    private final class Box {
        let body: () -> Void
        init(_ body: @escaping () -> Void) { self.body = body }
    }

    package static func run<Success: Sendable>(_ body: @escaping @Sendable () throws -> Success) async throws -> Success
    {
        let result: Result<Success, any Error> = await withCheckedContinuation { continuation in
            start { continuation.resume(returning: Result { try body() }) }
        }
        return try result.get()
    }

    package static func run<Success: Sendable>(_ body: @escaping @Sendable () -> Success) async -> Success {
        await withCheckedContinuation { continuation in start { continuation.resume(returning: body()) } }
    }

    /// Starts a detached thread; without one the work runs here, since it must run.
    package static func start(_ body: @escaping @Sendable () -> Void) {
        if !tryStart(body) { body() }
    }

    /// Starts a detached thread that runs until its work ends.
    ///
    /// - Returns: false where the system gives no thread.
    package static func tryStart(_ body: @escaping @Sendable () -> Void) -> Bool {
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        var thread = pthread_t()
        let box = Unmanaged.passRetained(Box(body))
        let result = pthread_create(
            &thread, &attributes,
            { argument in
                if let argument { Unmanaged<Box>.fromOpaque(argument).takeRetainedValue().body() }
                return nil
            }, box.toOpaque())
        if result != 0 { box.release() }
        return result == 0
    }
}
