import ArgumentParser

/// The commands about the estimator of operator shares.
struct EstimatorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "estimator",
        abstract: "Train what estimates the cost of shared operators, and show how well it does.",
        subcommands: [EstimatorTrainCommand.self, EstimatorShowCommand.self])
}
