import Board
import ChildProcesses
import Cluster
import Glibc
import JSON
import Logging
import NIOCore
import NIOPosix
import Runtime
import Synchronization

/// What the runner's supervisor tells the agent's loop, in order.
public enum RunnerEvent: Sendable {
    case report(RunnerReport)
    /// The runner is gone with everything it had prepared; another one is started.
    case lost(RunnerLoss)
}

/// Keeps one runner alive: starts it, hands it commands, starts it again when it dies or says nothing any more.
///
/// A runner that is started again listens on the port of its predecessor, so that peers find it where they know it.
actor RunnerSupervisor {
    private let program: String
    private let arguments: [String]
    private let group: any EventLoopGroup
    private let logger: Logger
    private let deliver: @Sendable (RunnerEvent) async -> Void
    private var child: ChildProcess?
    private var policy = RestartPolicy(firstDelay: .milliseconds(100), maximumDelay: .seconds(10))
    private var port: Int
    private var stopping = false
    private var pause: Task<Void, Never>?
    /// Commands for the runner of the number that stands with them; nobody waits until it has taken them.
    private let commands: AsyncStream<(number: Int, command: RunnerCommand)>
    private let commandsContinuation: AsyncStream<(number: Int, command: RunnerCommand)>.Continuation
    /// Counts runners. What was meant for one must not reach its successor, which starts without any plan.
    private let number = Mutex(0)

    /// A board that computes must still answer: where its agent is late, the other boards take it for gone, and the
    /// plan is lost. On a processor with nothing else to do it costs the runner nothing.
    static let niceLevel = 5
    /// Commands that may wait for a runner to read them.
    static let maximumWaitingCommands = 256

    init(
        program: String, arguments: [String], port: Int, group: any EventLoopGroup, logger: Logger,
        deliver: @escaping @Sendable (RunnerEvent) async -> Void
    ) {
        self.program = program
        self.arguments = arguments
        self.port = port
        self.group = group
        self.logger = logger
        self.deliver = deliver
        (commands, commandsContinuation) = AsyncStream.makeStream(
            bufferingPolicy: .bufferingOldest(Self.maximumWaitingCommands))
    }

    /// Runs until `stop()`, or until the task is cancelled.
    func run() async {
        let writing = Task { await writeCommands() }
        defer { writing.cancel() }
        while !stopping && !Task.isCancelled {
            let loss = await runOnce()
            child = nil
            if stopping || Task.isCancelled { break }
            number.withLock { $0 += 1 }
            await deliver(.lost(loss))
            let delay = policy.ended(now: MonotonicTime.now)
            logger.warning("the runner \(loss); another one starts in \(delay)")
            let pause = Task<Void, Never> { try? await Task.sleep(for: delay) }
            self.pause = pause
            await pause.value
        }
    }

    /// Hands over a command, in order; returns at once. Where no runner is alive the command is dropped: its successor
    /// is configured from the start again.
    nonisolated func send(_ command: RunnerCommand) {
        let number = number.withLock { $0 }
        guard case .dropped = commandsContinuation.yield((number, command)) else { return }
        // It may not go on as if it had heard the command.
        Task { await self.giveUp(number) }
    }

    private func giveUp(_ number: Int) {
        guard let child, number == self.number.withLock({ $0 }) else { return }
        logger.warning("the runner has left \(Self.maximumWaitingCommands) commands unread and is killed")
        child.send(signal: Int(SIGKILL))
    }

    private func writeCommands() async {
        for await (number, command) in commands {
            guard let child, number == self.number.withLock({ $0 }) else { continue }
            do {
                try await child.send(line: Array(try JSON.encode(command).utf8))
            } catch {
                logger.warning("the runner did not take a command: \(error)")
            }
        }
    }

    func stop() async {
        stopping = true
        pause?.cancel()
        child?.closeInput()
        await child?.terminate(grace: .seconds(2))
    }

    private func runOnce() async -> RunnerLoss {
        let options = ChildOptions(
            program: program, arguments: arguments + ["--port", String(port)], niceLevel: Self.niceLevel,
            outOfMemoryScore: 500)
        let before = await Self.memoryControl()
        let started: ChildProcess
        do {
            started = try await ChildProcess.start(options, group: group)
        } catch {
            return RunnerLoss(.ended("\(error)"))
        }
        child = started
        // It may have been told to stop while the child was being started.
        if stopping { started.closeInput() }
        policy.started(now: MonotonicTime.now)
        let pulse = WatchedPulse()
        let period = TimeAmount(RunnerPulse.period)
        let watching = group.next().scheduleRepeatedTask(initialDelay: period, delay: period) { _ in
            if pulse.look() { started.send(signal: Int(SIGKILL)) }
        }
        defer { watching.cancel() }
        var exit: ChildExit?
        for await event in started.events {
            pulse.holdUp(true)
            switch event {
            case .line(let line):
                await handle(line)
            case .errorLine(let line):
                logger.info("runner: \(String(decoding: line, as: UTF8.self))")
            case .lineTooLong(let limitBytes):
                logger.warning("the runner wrote a line of more than \(limitBytes) bytes; it is ignored")
            case .outputEnded:
                break
            case .exited(let status):
                exit = status
            }
            pulse.holdUp(false)
        }
        return RunnerLoss(exit: exit, isSilent: pulse.isDead, before: before, after: await Self.memoryControl())
    }

    private static func memoryControl() async -> MemoryControl {
        (try? await NIOThreadPool.singleton.runIfActive { MemoryControl.ofThisProcess() }) ?? MemoryControl()
    }

    private func handle(_ line: [UInt8]) async {
        do {
            let report = try JSON.decode(RunnerReport.self, from: line, limits: .document)
            if case .alive = report { return }
            if case .started(let started) = report { port = started.port }
            await deliver(.report(report))
        } catch {
            logger.warning("the runner wrote what is no report: \(error)")
        }
    }
}
