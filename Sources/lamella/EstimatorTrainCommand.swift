import ArgumentParser
import Board
import Costs
import Estimator
import JSON
import MQTT

struct EstimatorTrainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "train",
        abstract: "Train an estimator from measured traces, and measure it on the fifth that it did not see.",
        discussion: """
            Gradient-boosted trees of XGBoost, with the parameters published for FlexPie, one model for each kind of \
            traces that the folder has:

              compute.csv   convolution type (1 pointwise, 2 depthwise), input channels, output channels of a core, \
            output height, output width, input height, input width, stride, cycles at 1 GHz
              transfer.csv  bandwidth in Gbit/s, bytes, milliseconds
              relayout.csv  bytes, milliseconds

            Numbers alone, no header; lines that start with # are comments. A broken row ends the training with its \
            file and line. A fifth of the rows, drawn by the seed, is held out, and the error on it is printed and \
            kept in the file. Where rows repeat, a second model is trained without a fifth of the different features \
            and tested on those: that is what to expect of shapes that were not measured.

            The file carries the name of the hardware; it is refused for other hardware. XGBoost is opened at run \
            time (apt: libxgboost-dev).

            EXIT CODES
              0  the estimator was written
              1  it was not; standard error says why

            EXAMPLES
              lamella estimator train --traces flexpie --cores 8 --output dsp.estimator
              lamella estimator train --traces flexpie --compute compute_layers.csv --output dsp.estimator
              lamella estimator train --traces traces --hardware pi5 --rounds 300 --output pi5.estimator --json
            """)

    static let maximumCores = 4096

    @Option(help: ArgumentHelp("The folder of the traces.", valueName: "folder"), completion: .directory)
    var traces: String

    @Option(help: ArgumentHelp("The estimator's file; one that is there is replaced.", valueName: "file"))
    var output: String

    @Option(
        help: ArgumentHelp(
            "The hardware that the traces were measured on (default: the folder's name).", valueName: "name"))
    var hardware: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Cores of a node, between which output channels were divided.", valueName: "count"))
    var cores = 1

    @Option(help: ArgumentHelp("Another file of the folder for compute.csv.", valueName: "name"))
    var compute: String?

    @Option(help: ArgumentHelp("Another file of the folder for transfer.csv.", valueName: "name"))
    var transfer: String?

    @Option(help: ArgumentHelp("Another file of the folder for relayout.csv.", valueName: "name"))
    var relayout: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Trees of each model, one after the other.", valueName: "count"))
    var rounds = TreeParameters.usualRounds

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Draws the rows that are held out, and those that each tree sees.", valueName: "number"))
    var seed: UInt64 = 1

    @Flag(name: .long, help: "Print JSON.")
    var json = false

    func validate() throws {
        guard (1...TreeParameters.maximumRounds).contains(rounds) else {
            throw ValidationError("--rounds \(rounds): give a number from 1 to \(TreeParameters.maximumRounds)")
        }
        guard (1...Self.maximumCores).contains(cores) else {
            throw ValidationError("--cores \(cores): give a number from 1 to \(Self.maximumCores)")
        }
        guard !output.isEmpty, !traces.isEmpty, hardware != "" else {
            throw ValidationError("--traces, --output and --hardware may not be empty")
        }
    }

    func run() async throws {
        let stop = StopSignal()
        let signals = Signals(onStop: { stop.raise() })
        defer { signals.ignore() }
        // Reading, training and writing all block.
        let report = try await OwnThread.run { try train(stop) }
        print(json ? try JSON.encode(report, pretty: true) : report.text)
    }

    private func train(_ stop: StopSignal) throws -> EstimatorReport {
        let hardware = try hardwareName()
        let tables = try self.tables()
        // Minutes of training should not end in a folder that is not there.
        try FileBytes.checkWritable(output)
        let line = ProgressLine()
        defer { line.end() }
        let start = ContinuousClock.now
        let training = EstimatorTraining(hardware: hardware, cores: cores, seed: seed, rounds: rounds)
        let file = try training.run(
            tables, elapsedS: { (ContinuousClock.now - start).inSeconds }, isStopped: { stop.isRaised }
        ) { progress in
            line.show("\(progress.kind.rawValue): tree \(progress.round) of \(progress.rounds)")
        }
        guard let file else { throw ConfigurationError("stopped; \(output) was not written") }
        try FileBytes.writeDurably(try file.bytes(), to: output)
        return EstimatorReport(file: output, estimator: file.header)
    }

    private func hardwareName() throws -> String {
        if let hardware { return hardware }
        let name = traces.split(separator: "/" as Character).last.map(String.init) ?? ""
        guard !["", ".", ".."].contains(name) else {
            throw ConfigurationError("\(traces) does not name the hardware that it was measured on; give --hardware")
        }
        return name
    }

    private func tables() throws -> [TraceTable] {
        var tables: [TraceTable] = []
        for kind in TraceKind.allCases {
            let named =
                switch kind {
                case .compute: compute
                case .transfer: transfer
                case .relayout: relayout
                }
            let path = traces + "/" + (named ?? kind.usualFileName)
            guard named != nil || FileBytes.exists(path) else {
                StandardError.say("there is no \(path): the estimator will know nothing of \(kind.rawValue)")
                continue
            }
            let bytes = try FileBytes.read(path, maximumBytes: CSVLimits.traces.maximumBytes)
            tables.append(try TraceTable(bytes, kind: kind, file: path))
        }
        guard !tables.isEmpty else {
            throw ConfigurationError(
                "\(traces) has no traces; give a folder with "
                    + TraceKind.allCases.map(\.usualFileName).joined(separator: ", "))
        }
        return tables
    }
}
