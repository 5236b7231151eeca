import Agent
import ArgumentParser
import Board
import Logging

struct AgentCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "agent",
        abstract: "Run the daemon of this board.",
        discussion: """
            The daemon connects to the broker, finds the other boards, takes part in the election of a leader, and \
            runs the layers that the plan gives to this board. It is started by systemd (lamella.service), tells it \
            when it is ready, stops cleanly on SIGTERM and reads its configuration again on SIGHUP.

            EXAMPLES
              lamella agent --config /etc/lamella/agent.toml
              lamella agent --config agent.toml --check
            """)

    @Option(name: .long, help: ArgumentHelp("The configuration, in TOML.", valueName: "file"))
    var config = "/etc/lamella/agent.toml"

    @Flag(name: .long, help: "Only check the configuration.")
    var check = false

    func run() async throws {
        let configuration = try AgentConfiguration.load(config)
        if check {
            print("\(config): correct")
            return
        }
        var logger = Logger(label: "lamella.agent")
        logger.logLevel = Logger.Level(rawValue: configuration.logLevel) ?? .info
        let agent = try await Agent.make(
            program: try ProgramPath.current(), configurationPath: config, logger: logger)
        let signals = Signals(
            onStop: { agent.stop() },
            onReload: { agent.reload() })
        defer { signals.ignore() }
        try await agent.run()
    }
}
