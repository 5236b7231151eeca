import ArgumentParser
import Board
import Glibc
import JSON
import Logging
import TestbedKit

@main
struct TestbedCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lamella-testbed",
        abstract: "Run real agents on virtual boards with real limits, as a scenario says.",
        discussion: """
            Each board of the scenario gets a network namespace with shaped links, a control group for its CPU time \
            and memory, and files like the kernel's for its clocks, sensors and heat. Needs root. The timeline shows \
            what happened, what the leader decided, and what requests took and boards used.

            EXIT CODES
              0  the scenario was played, and every request was answered
              1  a request failed, or the boards did not come up

            EXAMPLES
              lamella-testbed Tests/Testbed/Scenarios/link.toml
              lamella-testbed Tests/Testbed/Scenarios/carbon.toml --requests-per-second 5 --duration 120
              lamella-testbed Tests/Testbed/Scenarios/heat.toml --json > timeline.jsonl
              lamella-testbed Tests/Testbed/Scenarios/link.toml --keep --no-requests
            """)

    @Argument(help: "A cluster file with [testbed], [[board]] and [[event]].", completion: .file())
    var scenario: String

    @Option(
        name: .long, help: ArgumentHelp("The lamella binary; usually the one beside this.", valueName: "path"),
        completion: .file())
    var program: String?

    @Option(name: .long, help: ArgumentHelp("Instead of the scenario's rate.", valueName: "number"))
    var requestsPerSecond: Double?

    @Option(name: .long, help: ArgumentHelp("Instead of the scenario's duration.", valueName: "seconds"))
    var duration: Double?

    @Option(name: .long, help: "How much agents log: trace, debug, info, notice, warning, error.")
    var logLevel = "info"

    @Flag(
        name: .long, inversion: .prefixedNo,
        help: "Tell agents where their board's files are (system_root in [board]).")
    var systemRoot = true

    @Flag(name: .long, help: "Only bring the boards up: no model, no requests, no events. Implies --keep.")
    var noRequests = false

    @Flag(name: .long, help: "Leave everything up at the end, until Ctrl-C.")
    var keep = false

    @Flag(name: .long, help: "Print the timeline as JSON, one entry for each line.")
    var json = false

    func validate() throws {
        if let requestsPerSecond, !((0...1000) ~= requestsPerSecond) {
            throw ValidationError("--requests-per-second is \(requestsPerSecond); give 0 to 1000")
        }
        if let duration, !((0...86_400) ~= duration) {
            throw ValidationError("--duration is \(duration); give 0 to 86400")
        }
    }

    func run() async throws {
        LoggingSystem.bootstrap { _ in SwiftLogNoOpLogHandler() }
        let scenario = try Scenario.load(scenario)
        let options = TestbedOptions(
            program: try Self.program(program), tellsSystemRoot: systemRoot, logLevel: logLevel)
        let signals = StopSignals()
        let bed = try await Testbed.start(scenario, options: options)
        let printsJSON = json
        let (requestsPerSecond, duration, noRequests) = (requestsPerSecond, duration, noRequests)
        let story = Task { () async throws -> Int in
            if noRequests {
                try await bed.untilBoardsAreUp()
                return 0
            }
            let run = ScenarioRun(bed, requestsPerS: requestsPerSecond, durationS: duration)
            return try await run.play { entry in
                let line = printsJSON ? (try? JSON.encode(entry)) ?? "{}" : entry.line
                Lines.write(line, to: STDOUT_FILENO)
            }.failed
        }
        signals.onStop { story.cancel() }
        let result = await story.result
        if keep || noRequests, case .success = result, !signals.isRaised {
            Lines.say("boards are up until Ctrl-C; broker \(bed.broker), cluster \(bed.clusterName)")
            for board in bed.boards {
                Lines.say("  \(board.node): \(board.frontDoor), files \(board.systemRoot), log \(board.logPath)")
            }
            await signals.wait()
        }
        let unclean = await bed.stop()
        for (node, exit) in unclean { Lines.say("\(node) did not end cleanly: \(exit)") }
        switch result {
        case .success(let failed): if failed > 0 { throw ExitCode.failure }
        case .failure(is CancellationError): throw ExitCode.failure
        case .failure(let error):
            Lines.say("\(error)")
            throw ExitCode.failure
        }
    }

    private static func program(_ given: String?) throws -> String {
        if let given {
            guard access(given, X_OK) == 0 else { throw ValidationError("--program \(given) cannot be run") }
            return given
        }
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink("/proc/self/exe", &buffer, buffer.count - 1)
        let own = String(decoding: buffer[..<max(0, count)].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let beside = own.lastIndex(of: "/").map { own[...$0] + "lamella" } ?? "lamella"
        guard access(String(beside), X_OK) == 0 else {
            throw ValidationError("there is no \(beside); build it, or name one with --program")
        }
        return String(beside)
    }
}

/// Lines that are on their way at once, also where the output is a pipe.
enum Lines {
    /// Words for people, beside the timeline.
    static func say(_ sentence: String) { write("lamella-testbed: \(sentence)", to: STDERR_FILENO) }

    static func write(_ line: String, to descriptor: Int32) {
        var rest = Array("\(line)\n".utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }
}
