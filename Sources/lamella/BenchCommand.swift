import ArgumentParser

/// The measurements of `make bench`.
struct BenchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench", abstract: "Measure Lamella on this machine, as ratios to what it is compared with.",
        shouldDisplay: false,
        subcommands: [
            BenchRuntimeCommand.self, BenchPlannersCommand.self, BenchGrowthCommand.self, BenchSharingCommand.self,
        ])
}
