import CLinux
import Costs
import Glibc
import JSON
import Logging
import NIOCore
import NIOPosix

/// The runner as a process of its own: commands as JSON lines on standard input, reports as JSON lines on standard
/// output, logs on standard error. It ends when standard input ends, so that it never outlives its agent.
public enum RunnerMain {
    /// Longest line that is read; a plan of a large model fits.
    public static let maximumLineBytes = 16 << 20

    /// Runs until standard input ends. Gives the exit code.
    ///
    /// Blocks the calling thread, which must not be one of the cooperative pool.
    public static func run(_ options: RunnerOptions) -> Int32 {
        AgentWatch.exitWithParent()
        signal(SIGPIPE, SIG_IGN)
        var logger = Logger(label: "runner") { StandardErrorLog(label: $0) }
        logger[metadataKey: "node"] = "\(options.node)"
        let writer = ReportWriter()
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let runner: Runner
        do {
            runner = try start(options, group: group, logger: logger, writer: writer)
        } catch {
            writer.write(.fault("\(error)"))
            writer.finish()
            return 1
        }
        StartCode.release(on: group)
        let lines = LineReader(descriptor: STDIN_FILENO, maximumLineBytes: maximumLineBytes)
        while let line = lines.next() {
            switch line {
            case .tooLong(let byteCount):
                writer.write(.fault("a command of more than \(byteCount) bytes was dropped"))
            case .line(let bytes):
                do {
                    runner.handle(try JSON.decode(RunnerCommand.self, from: bytes, limits: .document))
                } catch {
                    writer.write(.fault("a command cannot be read: \(error)"))
                }
            }
        }
        logger.info("the agent closed standard input; the runner ends")
        return 0
    }

    private static func start(
        _ options: RunnerOptions, group: any EventLoopGroup, logger: Logger, writer: ReportWriter
    ) throws -> Runner {
        let promise = group.next().makePromise(of: Runner.self)
        promise.completeWithTask {
            try await Runner.start(options, group: group, logger: logger) { writer.write($0) }
        }
        return try promise.futureResult.wait()
    }
}

/// Ends the process when its parent ends, even where standard input stays open in another process.
private enum AgentWatch {
    static func exitWithParent() {
        parent = getppid()
        // The signal also comes when only the thread that started us ends; then the parent is still the same.
        signal(SIGUSR2) { _ in if getppid() != AgentWatch.parent { _exit(0) } }
        _ = lamella_signal_at_parent_death(SIGUSR2)
    }

    // Written once, before the handler is set.
    nonisolated(unsafe) private static var parent: pid_t = 0
}

/// Writes reports on a thread of its own, in order: a slow agent does not hold up the data plane.
private final class ReportWriter: Sendable {
    private let thread = NIOThreadPool(numberOfThreads: 1)

    init() { thread.start() }

    func write(_ report: RunnerReport) {
        thread.submit { _ in
            guard let text = try? JSON.encode(report) else { return }
            var bytes = Array(text.utf8)
            bytes.append(UInt8(ascii: "\n"))
            var written = 0
            while written < bytes.count {
                let count = bytes.withUnsafeBytes { raw in
                    Glibc.write(STDOUT_FILENO, raw.baseAddress.map { $0 + written }, raw.count - written)
                }
                if count < 0 && errno == EINTR { continue }
                guard count > 0 else { return }
                written += count
            }
        }
    }

    /// Waits until all that was written is out.
    func finish() { try? thread.syncShutdownGracefully() }
}

/// Lines of a descriptor, each bounded.
private final class LineReader {
    enum Line {
        case line([UInt8])
        case tooLong(Int)
    }

    private let descriptor: Int32
    private let maximumLineBytes: Int
    private var rest: [UInt8] = []
    private var ready: [Line] = []
    private var skipping = false

    init(descriptor: Int32, maximumLineBytes: Int) {
        self.descriptor = descriptor
        self.maximumLineBytes = maximumLineBytes
    }

    /// The next line without its end; nil at the end of the input.
    func next() -> Line? {
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while ready.isEmpty {
            let count = read(descriptor, &buffer, buffer.count)
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return nil }
            take(buffer[..<count])
        }
        return ready.removeFirst()
    }

    private func take(_ bytes: ArraySlice<UInt8>) {
        var start = bytes.startIndex
        while let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) {
            if !skipping {
                rest += bytes[start..<end]
                if !rest.isEmpty { ready.append(.line(rest)) }
            }
            rest = []
            skipping = false
            start = end + 1
        }
        if skipping { return }
        rest += bytes[start...]
        if rest.count > maximumLineBytes {
            ready.append(.tooLong(maximumLineBytes))
            rest = []
            skipping = true
        }
    }
}
