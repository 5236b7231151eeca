import ChildProcesses
import Cluster
import JSON
import Logging
import NIOCore
import Runtime

/// What the runner's supervisor tells the agent's loop, in order.
public enum RunnerEvent: Sendable {
    case report(RunnerReport)
    /// The runner is gone with everything it had prepared; another one is started.
    case lost(reason: String)
}

/// Keeps one runner alive: starts it, hands it commands, starts it again when it dies.
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
    }

    /// Runs until `stop()`, or until the task is cancelled.
    func run() async {
        while !stopping && !Task.isCancelled {
            let reason = await runOnce()
            child = nil
            if stopping || Task.isCancelled { break }
            await deliver(.lost(reason: reason))
            let delay = policy.ended(now: MonotonicTime.now)
            logger.warning("the runner ended with \(reason); another one starts in \(delay)")
            let pause = Task<Void, Never> { try? await Task.sleep(for: delay) }
            self.pause = pause
            await pause.value
        }
    }

    /// Where no runner is alive the command is dropped: its successor is configured from the start again.
    func send(_ command: RunnerCommand) async {
        guard let child else { return }
        do {
            try await child.send(line: Array(try JSON.encode(command).utf8))
        } catch {
            logger.warning("the runner did not take a command: \(error)")
        }
    }

    func stop() async {
        stopping = true
        pause?.cancel()
        child?.closeInput()
        await child?.terminate(grace: .seconds(2))
    }

    private func runOnce() async -> String {
        let options = ChildOptions(
            program: program, arguments: arguments + ["--port", String(port)], outOfMemoryScore: 500)
        let started: ChildProcess
        do {
            started = try await ChildProcess.start(options, group: group)
        } catch {
            return "\(error)"
        }
        child = started
        // It may have been told to stop while the child was being started.
        if stopping { started.closeInput() }
        policy.started(now: MonotonicTime.now)
        var reason = "no exit status"
        for await event in started.events {
            switch event {
            case .line(let line):
                await handle(line)
            case .errorLine(let line):
                logger.info("runner: \(String(decoding: line, as: UTF8.self))")
            case .lineTooLong(let limitBytes):
                logger.warning("the runner wrote a line of more than \(limitBytes) bytes; it is ignored")
            case .outputEnded:
                break
            case .exited(let exit):
                reason = exit.description
            }
        }
        return reason
    }

    private func handle(_ line: [UInt8]) async {
        do {
            let report = try JSON.decode(RunnerReport.self, from: line, limits: .document)
            if case .started(let started) = report { port = started.port }
            await deliver(.report(report))
        } catch {
            logger.warning("the runner wrote what is no report: \(error)")
        }
    }
}
