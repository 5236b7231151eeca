import Glibc
import NIOCore
import NIOPosix

/// Runs segments one after another on a thread of its own, so that neither the network nor the cooperative pool
/// ever waits for a model. The queue in front of it is bounded. Used on one event loop.
final class SegmentExecutor {
    /// What a run gave: the output and how long it took, emulated slowness included.
    typealias Outcome = Result<(output: Tensor, compute: Duration), InferenceError>

    /// The same of a run with several outputs.
    typealias AllOutcome = Result<(outputs: [Tensor], compute: Duration), InferenceError>

    private let loop: any EventLoop
    private let limits: TransportLimits
    private let thread = NIOThreadPool(numberOfThreads: 1)
    private(set) var queuedTensors = 0
    private(set) var queuedBytes = 0
    /// Emulation: a segment takes at least its FLOP divided by this.
    var flops: Double?

    init(loop: any EventLoop, limits: TransportLimits) {
        self.loop = loop
        self.limits = limits
        thread.start()
    }

    func stop() { thread.shutdownGracefully { _ in } }

    /// Queues a run; false where the queue is full.
    func run(_ loaded: LoadedSegment, _ tensor: Tensor, then: @escaping (Outcome) -> Void) -> Bool {
        run(loaded.session, flop: loaded.segment.flop, [tensor]) { outcome in
            then(
                outcome.flatMap { run in
                    guard let output = run.outputs.first else {
                        return .failure(InferenceError(.run, "the segment gave no tensor"))
                    }
                    return .success((output, run.compute))
                })
        }
    }

    /// Queues a run on several tensors; false where the queue is full.
    func run(
        _ session: InferenceSession, flop: Double, _ tensors: [Tensor], then: @escaping (AllOutcome) -> Void
    ) -> Bool {
        let byteCount = tensors.reduce(0) { $0 + $1.bytes.readableBytes }
        guard queuedTensors < limits.maximumQueuedTensors, queuedBytes + byteCount <= limits.maximumQueuedBytes else {
            return false
        }
        queuedTensors += 1
        queuedBytes += byteCount
        let least = flops.map { Duration.nanoseconds(Int64(min(flop / max($0, 1), 3600) * 1e9)) }
        thread.runIfActive(eventLoop: loop) { Self.execute(session, tensors, atLeast: least) }
            .assumeIsolated()
            .whenComplete { result in
                self.queuedTensors -= 1
                self.queuedBytes -= byteCount
                switch result {
                case .success(let outcome): then(outcome)
                case .failure(let error): then(.failure(InferenceError(.run, "the runner stops: \(error)")))
                }
            }
        return true
    }

    private static func execute(
        _ session: InferenceSession, _ tensors: [Tensor], atLeast least: Duration?
    ) -> AllOutcome {
        let start = MonotonicClock.now
        do throws(InferenceError) {
            let outputs = try session.run(tensors)
            if let least { sleep(until: start + least) }
            return .success((outputs, MonotonicClock.now - start))
        } catch {
            return .failure(error)
        }
    }

    /// Waits without using the processor, as a slower board's work would make us wait.
    private static func sleep(until end: Duration) {
        var time = timespec(
            tv_sec: Int(end.components.seconds), tv_nsec: Int(end.components.attoseconds / 1_000_000_000))
        while clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, nil) == EINTR {}
    }
}
