import ArgumentParser

/// The commands about models.
struct ModelCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "model",
        abstract: "Add models to the cluster, and look into them.",
        subcommands: [ModelAddCommand.self, ModelListCommand.self, ModelShowCommand.self, ModelFillCommand.self])
}
