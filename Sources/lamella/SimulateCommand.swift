import ArgumentParser
import JSON
import Simulator

/// `lamella simulate`: whole clusters in virtual time, with faults, from a seed.
struct SimulateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "Run whole clusters in virtual time, with faults drawn from a seed, and check what they promise.",
        discussion: """
            The same seed gives the same run. A run that breaks a promise prints it and the seed, and the command \
            exits with 1; run that seed again with --trace to see how it came to it.
            """)

    @Option(help: "The first seed.")
    var seed: UInt64 = 1

    @Option(help: "How many seeds to run, one after the other.")
    var count: UInt64 = 1

    @Option(help: "Boards in the cluster; drawn from the seed when it is not said (2 to 6).")
    var boards: Int?

    @Flag(help: "Let nothing go wrong.")
    var withoutFaults = false

    @Flag(help: "Print every step.")
    var trace = false

    @Flag(help: "Print one JSON object for each run.")
    var json = false

    @Option(
        help: ArgumentHelp(
            "Break a rule on purpose, to see it caught.", valueName: "rule",
            visibility: .default))
    var breakRule: BrokenRuleArgument?

    func validate() throws {
        if count < 1 { throw ValidationError("--count must be at least 1.") }
        if let boards, !(1...32).contains(boards) { throw ValidationError("--boards must be 1 to 32.") }
    }

    func run() throws {
        var settings = SimulationSettings()
        settings.boards = boards
        settings.faults = !withoutFaults
        settings.keepsTrace = trace
        settings.brokenRule = breakRule?.rule
        var failed: [UInt64] = []
        for offset in 0..<count {
            var simulation = Simulation(seed: seed &+ offset, settings: settings)
            let report = simulation.run()
            if !report.violations.isEmpty { failed.append(report.seed) }
            for line in report.trace { print(line) }
            print(json ? try JSON.encode(report) : report.summary)
        }
        if !failed.isEmpty { throw ExitCode.failure }
    }
}

/// A rule that can be broken, by its name on the command line.
struct BrokenRuleArgument: ExpressibleByArgument {
    let rule: SimulationSettings.BrokenRule

    init?(argument: String) {
        guard let rule = SimulationSettings.BrokenRule(rawValue: argument) else { return nil }
        self.rule = rule
    }

    static var allValueStrings: [String] { SimulationSettings.BrokenRule.allCases.map(\.rawValue) }
}
