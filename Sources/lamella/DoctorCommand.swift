import Agent
import ArgumentParser
import Board
import JSON
import Runtime

/// `lamella doctor`: what the board has, what is missing, and which line grants a right that is lacking.
struct DoctorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Show what this board has, what is missing, and which rights are lacking.",
        discussion: """
            Looks at clocks, temperatures, power sensors, memory and links as the agent does, and at the speed that it \
            has measured; writes nothing, and needs no cluster. Rights are those of the user who asks; for the \
            agent's: sudo -u lamella lamella doctor.

            EXIT CODES
              0  usable: models can run here, and every clock that was found can be set
              1  not usable: the memory is unknown, or a clock was found that may not be set

            EXAMPLES
              lamella doctor
              sudo -u lamella lamella doctor
              lamella doctor --json
            """)

    @Option(name: .long, help: ArgumentHelp("Look below this folder for /sys and /proc.", valueName: "path"))
    var root = "/"

    @Option(
        name: .long,
        help: ArgumentHelp("Folder with the board profiles (default: those that are installed).", valueName: "path"))
    var boards: String?

    @Option(
        name: .long,
        help: ArgumentHelp("The agent's state folder, with what it measured of the board.", valueName: "folder"))
    var stateDir = "/var/lib/lamella"

    @Flag(name: .long, help: "Print JSON.")
    var json = false

    func run() throws {
        let folder = try boards ?? SharedFiles.path(installed: "boards", clone: "firmware-config/boards")
        let system = SystemRoot(path: root)
        let report = DoctorReport(
            BoardInventory.discover(system), profiles: try BoardProfile.load(folder: folder),
            speed: BoardSpeedKeeper.kept(stateDirectory: stateDir).map { speed in
                .init(
                    speed,
                    holds: speed.holds(
                        fingerprint: BoardSpeed.fingerprint(threads: speed.threads, root: system),
                        nowS: WallClock.secondsSince1970))
            })
        print(json ? try JSON.encode(report, pretty: true) : report.text)
        if !report.isUsable { throw ExitCode.failure }
    }
}
