import ArgumentParser
import Costs
import Runtime

/// The data plane of a board, started by its agent; not meant to be typed.
struct RunnerCommandLine: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "runner", abstract: "Run segments of models for this board's agent.", shouldDisplay: false)

    @Option(help: "The board's name.")
    var node: String

    @Option(help: "The board's own folder; weights are kept in it.")
    var stateDirectory: String

    @Option(help: "The address to listen on for other boards.")
    var host = "127.0.0.1"

    @Option(help: "The port to listen on; 0 lets the system choose.")
    var port = 0

    @Option(help: "Most bytes of weights to keep on disk.")
    var storeLimitBytes: Int?

    func run() throws {
        let code = RunnerMain.run(
            RunnerOptions(
                node: NodeID(node), stateDirectory: stateDirectory, host: host, port: port,
                storeLimitBytes: storeLimitBytes))
        throw ExitCode(code)
    }
}
