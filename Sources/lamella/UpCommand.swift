import Agent
import ArgumentParser
import Board
import Glibc
import JSON

struct UpCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "up",
        abstract: "Bring up a cluster on this machine, split a model over it, and re-plan.",
        discussion: """
            Starts a private broker and one agent process for each board of the scenario, adds a model that reads \
            handwritten digits, waits for a plan and sends real images through it. Then it cuts the bandwidth of the \
            link that the plan uses most to a tenth and shows what the leader makes of it. The boards' runners are \
            slowed down to the speeds and links of the scenario, a file that you can edit.

            EXAMPLES
              lamella up
              lamella up --boards 2 --keep
              lamella up --scenario my-boards.toml --json
            """)

    @Option(name: .long, help: "How many of the scenario's boards to bring up.")
    var boards = 3

    @Option(
        name: .long,
        help: ArgumentHelp("The boards and links (default: the scenario that comes with Lamella).", valueName: "file"))
    var scenario: String?

    @Option(name: .long, help: ArgumentHelp("Images to send before and after the change.", valueName: "count"))
    var requests = 200

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Where the boards keep their state and logs (default: a new one in /tmp).", valueName: "path"))
    var folder: String?

    @Flag(name: .long, help: "Stay up until Ctrl-C, so that you can watch, kill boards and send requests.")
    var keep = false

    @Flag(name: .long, help: "Print the report as JSON.")
    var json = false

    func validate() throws {
        guard boards >= 1, boards <= 32 else { throw ValidationError("--boards must be 1 to 32") }
        guard requests >= 1, requests <= 100_000 else { throw ValidationError("--requests must be 1 to 100000") }
    }

    func run() async throws {
        let path = try scenario ?? SharedFiles.path(installed: "demo.toml", clone: "firmware-config/demo.toml")
        var cluster = try ClusterFile.load(path)
        try cluster.keep(boards, of: path)
        let place = try folder ?? TemporaryFolder.make()
        let demo = Demo(
            program: try ProgramPath.current(), scenario: cluster, scenarioPath: path, folder: place,
            digits: try DigitFiles.find(), requestCount: requests, quiet: json)
        let stopping = StopSignal()
        let signals = Signals(onStop: { stopping.raise() })
        defer { signals.ignore() }
        let story = Task { try await demo.run(staying: keep, until: stopping) }
        stopping.onRaise { if !keep { story.cancel() } }
        let report = try await story.value
        if json { print(try JSON.encode(report, pretty: true)) }
        if folder == nil { TemporaryFolder.remove(place) }
        if !report.succeeded { throw ExitCode.failure }
    }
}

extension ClusterFile {
    /// Leaves the first `count` boards and the links between them.
    mutating func keep(_ count: Int, of path: String) throws {
        guard devices.count >= count else {
            throw ConfigurationError(
                "\(path) has \(devices.count) boards, not \(count); add a [[device]] and its links, or ask for fewer")
        }
        devices = Array(devices.prefix(count))
        let ids = Set(devices.map(\.id))
        links = links.filter { ids.isSuperset(of: $0.between) }
        guard ids.contains(application.source), ids.contains(application.destination) else {
            throw ConfigurationError(
                "\(path): the application's source and destination must be among the first \(count) boards")
        }
    }
}
