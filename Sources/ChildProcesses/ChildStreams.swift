import CProcess
import Glibc
import NIOCore
import NIOPosix
import Synchronization

/// The events of one child, read by one task.
public struct ChildEvents: AsyncSequence, Sendable {
    typealias Producer = NIOAsyncSequenceProducer<
        ChildEvent, NIOAsyncSequenceProducerBackPressureStrategies.HighLowWatermark, ChildStreams
    >

    let sequence: Producer

    public struct AsyncIterator: AsyncIteratorProtocol {
        var iterator: Producer.AsyncIterator

        public mutating func next() async -> ChildEvent? { await iterator.next() }
    }

    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(iterator: sequence.makeAsyncIterator()) }
}

/// Joins what a child writes and its end into one ordered sequence, and stops reading while the reader is behind.
///
/// Safe to share because all state but `kill` is touched on `loop` alone, and `kill` is under a lock.
final class ChildStreams: NIOAsyncSequenceProducerDelegate, @unchecked Sendable {
    private let loop: any EventLoop
    private var source: ChildEvents.Producer.Source?
    private var channels: [any Channel] = []
    private var paused = false
    private var openStreams: Int
    private var exit: ChildExit?
    private let killBox: Mutex<(@Sendable () -> Void)?> = Mutex(nil)

    var kill: (@Sendable () -> Void)? {
        get { killBox.withLock { $0 } }
        set { killBox.withLock { $0 = newValue } }
    }

    private init(loop: any EventLoop, openStreams: Int) {
        self.loop = loop
        self.openStreams = openStreams
    }

    static func make(loop: any EventLoop, readsErrors: Bool) -> (ChildStreams, ChildEvents) {
        let streams = ChildStreams(loop: loop, openStreams: readsErrors ? 2 : 1)
        let limit = ChildProcess.maximumWaitingEvents
        let made = ChildEvents.Producer.makeSequence(
            elementType: ChildEvent.self,
            backPressureStrategy: .init(lowWatermark: limit / 4, highWatermark: limit),
            finishOnDeinit: true, delegate: streams)
        streams.source = made.source
        return (streams, ChildEvents(sequence: made.sequence))
    }

    /// A stream of the child's is connected; its first bytes may be read.
    func attach(_ channel: any Channel) {
        loop.preconditionInEventLoop()
        channels.append(channel)
        if !paused { channel.read() }
        // On a busy machine the child may be gone before its output is connected.
        if exit != nil { closeStreamsAfterGrace() }
    }

    func yield(_ events: [ChildEvent]) {
        loop.preconditionInEventLoop()
        guard !events.isEmpty, let source else { return }
        if case .stopProducing = source.yield(contentsOf: events) { paused = true }
    }

    var wantsMore: Bool { !paused }

    func streamEnded() {
        loop.preconditionInEventLoop()
        openStreams -= 1
        finishIfDone()
    }

    func exited(_ exit: ChildExit) {
        loop.preconditionInEventLoop()
        self.exit = exit
        finishIfDone()
        if openStreams > 0 { closeStreamsAfterGrace() }
    }

    /// A grandchild may hold the pipes open for ever: what the child itself wrote is read, then they are closed.
    private func closeStreamsAfterGrace() {
        loop.assumeIsolated().scheduleTask(in: ChildProcess.drainGrace) {
            guard self.openStreams > 0, self.source != nil else { return }
            if self.paused {
                self.closeStreamsAfterGrace()
            } else {
                for channel in self.channels { channel.close(promise: nil) }
            }
        }
    }

    private func finishIfDone() {
        guard openStreams == 0, let exit, let source else { return }
        self.source = nil
        _ = source.yield(.exited(exit))
        source.finish()
    }

    // The reader is another thread; by the time the loop gets to these, a yield that is under way has returned.

    func produceMore() {
        loop.execute {
            self.paused = false
            for channel in self.channels { channel.read() }
        }
    }

    func didTerminate() {
        kill?()
        loop.execute {
            self.source = nil
            for channel in self.channels { channel.close(promise: nil) }
        }
    }
}

/// Cuts what arrives on a pipe into lines.
final class LineHandler: ChannelInboundHandler, Sendable {
    typealias InboundIn = ByteBuffer

    enum Stream: Sendable { case output, error }

    private let stream: Stream
    private let streams: ChildStreams
    private let splitter: Mutex<LineSplitter>

    init(_ stream: Stream, _ streams: ChildStreams, maximumLineBytes: Int) {
        self.stream = stream
        self.streams = streams
        self.splitter = Mutex(LineSplitter(maximumLineBytes: maximumLineBytes))
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let buffer = unwrapInboundIn(data)
        streams.yield(events(splitter.withLock { $0.push(buffer.readableBytesView) }))
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        if streams.wantsMore { context.read() }
    }

    func channelInactive(context: ChannelHandlerContext) {
        var last = events(splitter.withLock { $0.finish() })
        if stream == .output { last.append(.outputEnded) }
        streams.yield(last)
        streams.streamEnded()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    private func events(_ outputs: [LineSplitter.Output]) -> [ChildEvent] {
        outputs.map { output in
            switch output {
            case .tooLong(let limit): .lineTooLong(limitBytes: limit)
            case .line(let line): stream == .output ? .line(line) : .errorLine(line)
            }
        }
    }
}

/// A pipe whose ends are closed exactly once.
final class Pipe: Sendable {
    private let ends: Mutex<(read: Int32, write: Int32)>

    init() throws(ChildProcessError) {
        var descriptors: [Int32] = [-1, -1]
        guard lamella_make_pipe(&descriptors) == 0 else {
            throw ChildProcessError("cannot make a pipe", code: errno)
        }
        ends = Mutex((descriptors[0], descriptors[1]))
    }

    var readEnd: Int32 { ends.withLock { $0.read } }
    var writeEnd: Int32 { ends.withLock { $0.write } }

    /// Hands the end to a new owner.
    func takeReadEnd() -> Int32 {
        ends.withLock { ends in
            defer { ends.read = -1 }
            return ends.read
        }
    }

    func takeWriteEnd() -> Int32 {
        ends.withLock { ends in
            defer { ends.write = -1 }
            return ends.write
        }
    }

    func closeReadEnd() { close(takeReadEnd()) }
    func closeWriteEnd() { close(takeWriteEnd()) }

    private func close(_ descriptor: Int32) {
        if descriptor >= 0 { _ = Glibc.close(descriptor) }
    }

    deinit {
        let ends = self.ends.withLock { $0 }
        if ends.read >= 0 { _ = Glibc.close(ends.read) }
        if ends.write >= 0 { _ = Glibc.close(ends.write) }
    }
}
