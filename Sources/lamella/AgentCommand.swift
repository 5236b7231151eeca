import Agent
import ArgumentParser
import Board

struct AgentCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "agent",
        abstract: "Run the daemon of this board.",
        discussion: """
            The daemon connects to the broker, finds the other boards, takes part in the election of a leader, and \
            runs the layers that the plan gives to this board. It is started by systemd (lamella.service), tells it \
            when it is ready, stops cleanly on SIGTERM (requests that it has taken may finish, for up to 10 s) and \
            reads its configuration again on SIGHUP.

            EXAMPLES
              lamella agent --config /etc/lamella/agent.toml
              lamella agent --config agent.toml --check
            """)

    @Option(name: .long, help: ArgumentHelp("The configuration, in TOML.", valueName: "file"))
    var config = "/etc/lamella/agent.toml"

    @Flag(name: .long, help: "Only check the configuration.")
    var check = false

    func run() async throws {
        if check {
            _ = try AgentConfiguration.load(config)
            print("\(config): correct")
            return
        }
        let agent = try await Agent.make(
            program: try ProgramPath.current(), configurationPath: config,
            profilesFolder: try? SharedFiles.path(installed: "boards", clone: "firmware-config/boards"))
        let signals = Signals(
            onStop: { agent.stop() },
            onReload: { agent.reload() })
        defer { signals.ignore() }
        try await agent.run()
    }
}
