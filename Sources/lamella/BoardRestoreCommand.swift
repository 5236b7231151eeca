import ArgumentParser
import Board

/// `lamella board restore`: frequencies as they were before an agent set them.
struct BoardRestoreCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Put the clocks' frequencies back to what they were before the agent set them.",
        discussion: """
            The agent does this itself when it stops; the systemd unit does it after an agent that could not, however \
            it ended. It reads the journal in the state folder, may be repeated, and does nothing where there is no \
            journal or where the board was started again since.

            EXIT CODES
              0  everything is as it was, or there was nothing to do
              1  something could not be put back; what it is stands on standard error

            EXAMPLES
              lamella board restore --state-dir /var/lib/lamella
            """)

    @Option(name: .long, help: ArgumentHelp("The agent's state folder.", valueName: "folder"))
    var stateDir: String

    @Option(name: .long, help: ArgumentHelp("Look below this folder for /sys and /proc.", valueName: "path"))
    var root = "/"

    func run() throws {
        let control = FrequencyControl(root: SystemRoot(path: root), stateDirectory: stateDir)
        let restoration = control.restore()
        switch restoration.outcome {
        case .nothingToDo: print("nothing to put back")
        case .discarded: print("the board was started again since, which has put everything back")
        case .restored, .incomplete:
            for write in restoration.writes { print("\(write.path): \(write.value)") }
        }
        guard restoration.outcome == .incomplete else { return }
        throw ConfigurationError(restoration.faults.map(\.description).joined(separator: "\n"))
    }
}
