import ArgumentParser
import Logging
import Runtime

@main
struct Lamella: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lamella",
        abstract: "Spread one neural network over the boards you have.",
        discussion: """
            Every board runs `lamella agent`. The boards find each other over MQTT, elect a leader, and the leader \
            plans which board computes which layers. Try it on this machine with `lamella up`.
            """,
        version: Version.text,
        subcommands: [
            AgentCommand.self, UpCommand.self, PlanCommand.self, CompareCommand.self, ExplainCommand.self,
            DayCommand.self, OrderCommand.self,
            ModelCommand.self, InferCommand.self, StatusCommand.self, WatchCommand.self, ReplanCommand.self,
            ProfileCommand.self, EstimatorCommand.self, CarbonCommand.self,
            RunnerCommandLine.self, SimulateCommand.self,
            BenchCommand.self, DoctorCommand.self, BoardCommand.self,
        ])

    static func main() async {
        LoggingSystem.bootstrap { StandardErrorLog(label: $0) }
        await main(nil)
    }
}
