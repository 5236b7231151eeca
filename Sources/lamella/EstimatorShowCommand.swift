import ArgumentParser
import Estimator
import JSON

struct EstimatorShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show what an estimator was trained for and how far its estimates were off.",
        discussion: """
            Checks the file for damage. XGBoost is not needed.

            EXAMPLES
              lamella estimator show dsp.estimator
              lamella estimator show dsp.estimator --json
            """)

    @Argument(help: ArgumentHelp("The estimator.", valueName: "file"), completion: .file())
    var file: String

    @Flag(name: .long, help: "Print JSON.")
    var json = false

    func run() throws {
        let found = try EstimatorFile(path: file)
        let report = EstimatorReport(file: file, estimator: found.header)
        print(json ? try JSON.encode(report, pretty: true) : report.text)
    }
}
