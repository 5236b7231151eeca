import ArgumentParser

/// The commands about the carbon of the grids.
struct CarbonCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "carbon",
        abstract: "Tell the boards what their electricity emits, and show what they were told.",
        subcommands: [CarbonFeedCommand.self, CarbonShowCommand.self])
}
