import Glibc
import NIOCore
import NIOPosix
import Synchronization

/// What a child does that its parent may want to know, in order.
public enum ChildEvent: Sendable, Equatable {
    /// A line of standard output, without its newline.
    case line([UInt8])
    /// A line of standard error, where it is read in lines.
    case errorLine([UInt8])
    /// A line was longer than the limit and has been skipped.
    case lineTooLong(limitBytes: Int)
    /// The child will write nothing more to standard output.
    case outputEnded
    /// The child is gone; always the last event.
    case exited(ChildExit)
}

/// A supervised child: it reads lines from its parent and writes lines back.
///
/// The child leads a process group of its own, so that Ctrl-C in a terminal reaches the parent alone, holds no
/// descriptor of the parent's, and is killed by the kernel when the parent dies. No call blocks a thread of the
/// cooperative pool.
public final class ChildProcess: Sendable {
    /// Events that may wait for the reader before the child's output is left unread.
    public static let maximumWaitingEvents = 64
    /// How long output may go on after the child is gone, where a grandchild holds the pipe open.
    public static let drainGrace: TimeAmount = .milliseconds(500)

    public let program: String
    /// To be read by one task. Dropping the iteration kills the child: nobody would know of its end.
    public let events: ChildEvents
    private let handle: ChildHandle
    private let input: any Channel
    private let pendingInput: Mutex<Int> = Mutex(0)
    private let maximumPendingInputBytes: Int

    public var processID: Int { Int(handle.processID) }

    private init(
        program: String, events: ChildEvents, handle: ChildHandle, input: any Channel, maximumPendingInputBytes: Int
    ) {
        self.program = program
        self.events = events
        self.handle = handle
        self.input = input
        self.maximumPendingInputBytes = maximumPendingInputBytes
    }

    /// Starts a child and returns once its program runs.
    ///
    /// - Throws: `ChildProcessError` naming the program and the step that failed.
    public static func start(
        _ options: ChildOptions, group: any EventLoopGroup
    ) async throws(ChildProcessError) -> ChildProcess {
        let loop = group.next()
        let inputPipe = try Pipe()
        let outputPipe = try Pipe()
        var errorPipe: Pipe?
        var errorFile: Int32?
        defer { if let errorFile { close(errorFile) } }
        switch options.standardError {
        case .inherited: break
        case .lines: errorPipe = try Pipe()
        case .file(let path):
            let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
            guard descriptor >= 0 else { throw ChildProcessError("cannot write \(path)", code: errno) }
            errorFile = descriptor
        }
        let (streams, events) = ChildStreams.make(loop: loop, readsErrors: errorPipe != nil)
        let started = await ChildSpawn.start(
            options, standardInput: inputPipe.readEnd, standardOutput: outputPipe.writeEnd,
            standardError: errorPipe?.writeEnd ?? errorFile ?? 2,
            onExit: { exit in loop.execute { streams.exited(exit) } })
        inputPipe.closeReadEnd()
        outputPipe.closeWriteEnd()
        errorPipe?.closeWriteEnd()
        let handle = try started.get()
        streams.kill = { handle.send(signal: SIGKILL) }
        do {
            let outputLines = LineHandler(.output, streams, maximumLineBytes: options.maximumLineBytes)
            let output = try await channel(
                on: loop, handler: outputLines, descriptor: outputPipe.takeReadEnd(), reads: true)
            loop.execute { streams.attach(output) }
            if let errorPipe {
                let errorLines = LineHandler(.error, streams, maximumLineBytes: options.maximumLineBytes)
                let error = try await channel(
                    on: loop, handler: errorLines, descriptor: errorPipe.takeReadEnd(), reads: true)
                loop.execute { streams.attach(error) }
            }
            let input = try await channel(
                on: loop, handler: nil, descriptor: inputPipe.takeWriteEnd(), reads: false)
            return ChildProcess(
                program: options.program, events: events, handle: handle, input: input,
                maximumPendingInputBytes: options.maximumPendingInputBytes)
        } catch {
            handle.send(signal: SIGKILL)
            throw ChildProcessError("cannot connect to \(options.program): \(error)")
        }
    }

    /// Writes one line, a newline added, and returns once the pipe has taken it.
    ///
    /// - Throws: `ChildProcessError` where the child no longer reads, or has left too much unread.
    public func send(line: [UInt8]) async throws(ChildProcessError) {
        var buffer = ByteBufferAllocator().buffer(capacity: line.count + 1)
        buffer.writeBytes(line)
        buffer.writeInteger(UInt8(ascii: "\n"))
        try await send(buffer)
    }

    /// Writes bytes and returns once the pipe has taken them.
    ///
    /// - Throws: as `send(line:)`.
    public func send(bytes: [UInt8]) async throws(ChildProcessError) {
        try await send(ByteBuffer(bytes: bytes))
    }

    private func send(_ buffer: ByteBuffer) async throws(ChildProcessError) {
        let count = buffer.readableBytes
        let waiting = pendingInput.withLock { pending in
            if pending > 0, count > maximumPendingInputBytes - pending { return pending }
            pending += count
            return -1
        }
        guard waiting < 0 else {
            throw ChildProcessError(
                "\(program) (process \(processID)) has left \(waiting) bytes unread, and \(count) more would pass the "
                    + "limit of \(maximumPendingInputBytes)")
        }
        defer { pendingInput.withLock { $0 -= count } }
        do {
            try await input.writeAndFlush(buffer).get()
        } catch {
            throw ChildProcessError("\(program) (process \(processID)) no longer reads its input: \(error)")
        }
    }

    /// Ends the child's standard input.
    public func closeInput() { input.close(promise: nil) }

    /// Sends a signal; nothing happens where the child has ended.
    public func send(signal number: Int) { handle.send(signal: Int32(truncatingIfNeeded: number)) }

    /// How the child ended; nil while it runs.
    public var exit: ChildExit? { handle.exit }

    /// Returns when the child has ended, at once if it has already.
    public func waitForExit() async -> ChildExit { await handle.waitForExit() }

    /// Asks the child to end (SIGTERM), kills it (SIGKILL) if it has not after `grace`, and returns how it ended.
    @discardableResult
    public func terminate(grace: Duration = .seconds(5)) async -> ChildExit {
        handle.send(signal: SIGTERM)
        let handle = self.handle
        let killing = input.eventLoop.scheduleTask(in: TimeAmount(grace)) { handle.send(signal: SIGKILL) }
        let exit = await handle.waitForExit()
        killing.cancel()
        return exit
    }

    private static func channel(
        on loop: any EventLoop, handler: LineHandler?, descriptor: Int32, reads: Bool
    ) async throws -> any Channel {
        let bootstrap = NIOPipeBootstrap(group: loop)
            .channelOption(.autoRead, value: false)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let handler { try channel.pipeline.syncOperations.addHandler(handler) }
                }
            }
        do {
            let made =
                reads
                ? bootstrap.takingOwnershipOfDescriptor(input: descriptor)
                : bootstrap.takingOwnershipOfDescriptor(output: descriptor)
            return try await made.get()
        } catch {
            // Where no channel could be made the descriptor is still ours.
            _ = close(descriptor)
            throw error
        }
    }
}
