import ArgumentParser

/// The commands about this board's own files.
struct BoardCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "board",
        abstract: "Put back what the agent changed on this board.",
        subcommands: [BoardRestoreCommand.self])
}
