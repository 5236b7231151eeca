import Agent
import ArgumentParser
import Board
import Costs
import JSON
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

    @Flag(help: "Measure the board's speed, print it and end.")
    var measureBoard = false

    @Option(help: "Threads that share an operator, where the board is measured.")
    var threads = 1

    @Option(help: "Where /sys and /proc are, where the board is measured.")
    var systemRoot = "/"

    func run() throws {
        if measureBoard {
            let speed = try BoardSpeed.measure(
                threads: threads, root: SystemRoot(path: systemRoot), nowS: WallClock.secondsSince1970)
            print(try JSON.encode(speed))
            return
        }
        let code = RunnerMain.run(
            RunnerOptions(
                node: NodeID(node), stateDirectory: stateDirectory, host: host, port: port,
                storeLimitBytes: storeLimitBytes))
        throw ExitCode(code)
    }
}
