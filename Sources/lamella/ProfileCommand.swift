import Agent
import ArgumentParser
import Board
import Costs
import JSON
import MQTT
import ModelGraph
import ONNXImport
import Runtime

/// `lamella profile`: what bundles of a model take on this board; or with `--board` how fast the board is at all.
struct ProfileCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "profile",
        abstract: "Measure a model's layers on this board, or the board itself.",
        discussion: """
            Measures the latency of each bundle (consecutive layers that run as one) at each clock frequency asked \
            for, and its energy where a sensor tells the board's power, and adds a row to a CSV file for each, which \
            `lamella plan --profile` reads. A row is on disk before the next is measured: after Ctrl-C, a crash or a \
            loss of power the same command goes on where it was. A bundle that does not fit the memory is left out \
            and named.

            --quick measures single layers, pairs and a few long bundles at three frequencies; plans make the rest up \
            of these, and of the fit over the frequencies. Stop the agent while a board is measured.

            Frequencies are put back at the end and on Ctrl-C. What was changed stands in the file \
            frequency-journal beside the output (or in --state-dir); should the process be killed, the next one puts \
            it back, and so does `lamella board restore`.

            With --config the device, its clocks, the threads and the sensor are those of the agent, and rows go where \
            the agent finds them: into profiles in its state folder, by the model's graph. The agent announces what \
            it finds there, in short, and plans of its cluster are made with it.

            --operators measures parts of the model's convolutions and linear operators, as equal shares between up to \
            eight boards cut them, at the clock as it is found, and adds a row for each to compute.csv in a folder, \
            from which `lamella estimator train` learns.

            --board measures FLOP/s, by a convolution and a matrix product on ONNX Runtime, and the memory bandwidth, \
            by the loops of STREAM, and prints the lines for agent.toml.

            EXIT CODES
              0  everything was measured
              1  something was left out, or the measurement was stopped; standard error says what

            EXAMPLES
              lamella profile resnet50.onnx --frequencies all --max-bundle-size 8
              lamella profile resnet50.onnx --quick --frequencies all --output quick.csv
              lamella profile resnet50.onnx --frequencies 600e6,1.2e9 --samples 20 --device pi
              lamella profile resnet50.onnx --quick --frequencies all --config /etc/lamella/agent.toml
              lamella profile --board --frequencies all --threads 4
              lamella profile resnet50.onnx --operators --samples 20 --output traces
              lamella plan resnet50.onnx --cluster home.toml --profile resnet50-pi.csv
            """)

    /// Runs of one bundle at one clock; more cost hours and tell nothing.
    static let maximumSamples = 100_000
    static let maximumThreads = 256

    @Argument(
        help: ArgumentHelp("The model, with weights.", valueName: "file.onnx"), completion: .file(extensions: ["onnx"]))
    var model: String?

    @Flag(name: .long, help: "Measure the board itself.")
    var board = false

    @Flag(
        name: .long,
        help: "Measure parts of the model's operators, as boards run them that share it, for an estimator.")
    var operators = false

    @Option(help: ArgumentHelp("The device's id, as in the cluster file (default: the host's name).", valueName: "id"))
    var device: String?

    @Option(
        help: ArgumentHelp("Measure as this agent's board, and for its plans.", valueName: "agent.toml"),
        completion: .file(extensions: ["toml"]))
    var config: String?

    @Option(
        help: ArgumentHelp(
            "The clocks: all, current (as they are found; nothing is changed), or a list in Hz.",
            valueName: "all|current|hz,hz"))
    var frequencies = FrequencyChoice.current

    @Option(
        name: .customLong("max-bundle-size"), parsing: .unconditional,
        help: ArgumentHelp("Most layers of a bundle.", valueName: "count"))
    var maximumBundleSize = 8

    @Option(help: "How finely the model may be cut; plans that use the profile must be cut alike.")
    var granularity: LayerGranularity = .layer

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Runs of each bundle; a tenth is left out at either end.", valueName: "count"))
    var samples = 100

    @Flag(name: .long, help: "Single layers, pairs and a few long bundles, at three frequencies at most.")
    var quick = false

    @Option(
        help: ArgumentHelp(
            "The file that rows are added to (default: MODEL-DEVICE.csv); with --operators the folder "
                + "(default: MODEL-traces).", valueName: "file.csv|folder"))
    var output: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Threads that share an operator, as runner.threads in agent.toml.", valueName: "count"))
    var threads = 1

    @Option(
        name: .long,
        help: ArgumentHelp(
            "The power sensor, by its name in `lamella doctor` (default: the board's; none: no energy).",
            valueName: "name"))
    var powerSensor: String?

    @Option(
        name: .long,
        help: ArgumentHelp("Where the frequency journal is (default: the output's folder).", valueName: "folder"))
    var stateDir: String?

    @Option(name: .long, help: ArgumentHelp("Look below this folder for /sys and /proc.", valueName: "path"))
    var root = "/"

    @Option(
        name: .long,
        help: ArgumentHelp("Folder with the board profiles (default: those that are installed).", valueName: "path"))
    var boards: String?

    @Flag(name: .long, help: "Print JSON.")
    var json = false

    func validate() throws {
        guard board == (model == nil) else {
            throw ValidationError(
                board
                    ? "--board measures no model; leave one of the two out"
                    : "which model? Give an ONNX file, or --board")
        }
        guard !operators || !board && config == nil && !quick else {
            throw ValidationError("--operators measures parts by themselves; leave --board, --config and --quick out")
        }
        guard maximumBundleSize >= 1 else { throw ValidationError("--max-bundle-size is 1 or more") }
        guard (1...Self.maximumSamples).contains(samples) else {
            throw ValidationError("--samples is 1 to \(Self.maximumSamples)")
        }
        guard (1...Self.maximumThreads).contains(threads) else {
            throw ValidationError("--threads is 1 to \(Self.maximumThreads)")
        }
        guard config == nil || !board && output == nil && stateDir == nil && granularity == .layer && root == "/" else {
            throw ValidationError(
                "--config says where rows go, and that layers are measured; leave out --board, --output, --state-dir, "
                    + "--granularity and --root")
        }
        guard output != "", stateDir != "", device != "" else {
            throw ValidationError("--output, --state-dir and --device may not be empty")
        }
    }

    func run() async throws {
        let stop = StopSignal()
        let signals = Signals(onStop: { stop.raise() })
        defer { signals.ignore() }
        let isWhole = try await OwnThread.run {
            board ? try measureBoard(stop) : operators ? try measureOperators(stop) : try measureModel(stop)
        }
        if !isWhole { throw ExitCode.failure }
    }

    // MARK: A model

    private func measureModel(_ stop: StopSignal) throws -> Bool {
        let path = model ?? ""
        let agent = try config.map { try AgentConfiguration.load($0) }
        let own = try agent.map { try Self.device(device, of: $0) }
        let place = try MeasuredBoard(
            root: agent?.board.systemRoot ?? root, boards: boards, device: own ?? device,
            clocks: own.flatMap { agent?.board.clock[$0] }, frequencies: frequencies,
            powerSensor: powerSensor ?? agent?.board.powerSensors?.first)
        let threads = agent?.runner.threads ?? threads
        let imported = try ImportedModel.load(path: path)
        // The agent knows a model by its graph, whatever it is called.
        let name = try agent == nil ? ModelFile.name(path) : imported.graphSHA256()
        let file =
            try agent.map { agent in
                let folder = agent.stateDirectory + "/profiles"
                try FileBytes.makeFolder(folder)
                return "\(folder)/\(name).csv"
            } ?? output ?? "\(name)-\(place.device).csv"
        let control = place.control(stateDirectory: agent?.stateDirectory ?? stateDir ?? Self.folder(of: file))
        MeasuredBoard.putBack(control, isLeftover: true)
        let clocks = place.clocks(control)
        let frequenciesHz = try place.frequenciesHz(clocks)

        // Beside the output, where there is room for it more likely than in a file system in memory.
        let weights = file + ".lamella-weights"
        defer { TemporaryFolder.remove(weights) }
        let loader = try BundleLoader(
            model: imported, granularity: granularity, folder: weights, threads: threads,
            runtime: try OnnxRuntime.load())
        // Only now: a model that cannot be measured leaves no empty file behind.
        let log = try ProfileLog(file, model: name)
        if let text = log.removedText { StandardError.say("\(file): a last row that was cut was removed: \(text)") }
        let plan = try ProfilePlan(
            layerCount: loader.layers.count, frequenciesHz: frequenciesHz, maximumBundleSize: maximumBundleSize,
            selection: quick ? .quick : .full,
            done: try Self.done(log, device: place.device, layerNames: loader.layers.map(\.name)))
        let recorder = place.recorder()
        defer { recorder?.stop() }
        if recorder == nil { StandardError.say("energy is not measured: \(place.noSensor)") }
        let profiler = ModelProfiler(
            loader: loader, clocks: clocks, recorder: recorder, samples: samples,
            availableBytes: place.availableBytes, isStopped: { stop.isRaised })
        let line = ProgressLine()
        defer { line.end() }
        let start = ContinuousClock.now
        // Also where the disk is full, or anything else goes wrong in between.
        defer { MeasuredBoard.putBack(control, isLeftover: false) }
        let run = try profiler.run(plan) { step, measurement in
            try log.append(
                ProfileEntry(
                    device: DeviceID(place.device), frequencyHz: step.frequencyHz,
                    first: loader.layers[step.first].name, last: loader.layers[step.last].name,
                    latencyS: measurement.latencyS, energyJ: measurement.energyJ, samples: measurement.samples,
                    spreadS: measurement.spreadS, measuredAtS: WallClock.secondsSince1970,
                    method: measurement.method))
        } show: { run in
            line.show(ProfileReport.progress(run, layers: loader.layers.map(\.name)))
        }
        line.end()
        let report = ProfileReport(
            run, model: name, device: place.device, output: file, doneCount: plan.doneCount,
            layers: loader.layers.map(\.name), isEnergyMeasured: recorder != nil,
            durationS: (ContinuousClock.now - start).inSeconds)
        for text in report.sentences { StandardError.say(text) }
        print(json ? try JSON.encode(report, pretty: true) : report.text)
        return report.isComplete
    }

    /// The device of an agent's board that is measured.
    private static func device(_ asked: String?, of agent: AgentConfiguration) throws -> String {
        let ids = agent.device.map(\.id.name)
        if let asked, ids.contains(asked) { return asked }
        guard asked == nil, ids.count == 1 else {
            throw ConfigurationError(
                "which device? Give --device with one of the agent's: \(ids.joined(separator: ", "))")
        }
        return ids[0]
    }

    /// What stands in the file already, by indices.
    private static func done(
        _ log: ProfileLog, device: String, layerNames: [String]
    ) throws -> Set<ProfilePlan.Step> {
        let profile = try BundleProfile(
            model: log.model, layerNames: layerNames, entries: log.entries, file: log.path)
        return Set(
            profile.measurements.map(\.bundle).filter { $0.device.name == device }.map {
                ProfilePlan.Step(first: $0.first, last: $0.last, frequencyHz: $0.frequencyHz)
            })
    }

    private static func folder(of file: String) -> String {
        guard let slash = file.lastIndex(of: "/" as Character) else { return "." }
        return slash == file.startIndex ? "/" : String(file[..<slash])
    }

    // MARK: The board

    private func measureBoard(_ stop: StopSignal) throws -> Bool {
        let place = try MeasuredBoard(
            root: root, boards: boards, device: device, frequencies: frequencies, powerSensor: "none")
        let control = place.control(stateDirectory: stateDir ?? ".")
        MeasuredBoard.putBack(control, isLeftover: true)
        defer { MeasuredBoard.putBack(control, isLeftover: false) }
        let clocks = place.clocks(control)
        let frequenciesHz = try place.frequenciesHz(clocks)
        guard
            let arrayBytes = MemoryBandwidth.arrayBytes(
                cacheBytes: MemoryBandwidth.cacheBytes(place.root), availableBytes: place.availableBytes())
        else {
            throw ConfigurationError(
                "too little memory is free for a measurement of its bandwidth; end what takes it and try again")
        }
        let runtime = try OnnxRuntime.load()
        var report = BoardSpeedReport(
            device: place.device, threads: threads, onnxRuntime: runtime.version,
            isCacheCovered: MemoryBandwidth.isCacheCovered(
                arrayBytes, cacheBytes: MemoryBandwidth.cacheBytes(place.root)))
        let line = ProgressLine()
        defer { line.end() }
        for frequencyHz in frequenciesHz {
            if stop.isRaised { break }
            line.show("the board" + (frequencyHz.map { " at \(Readable.hertz($0))" } ?? ""))
            if let frequencyHz, let clocks {
                let answer = try clocks.set(frequencyHz) { _ = try ProcessorSpeed.measure(runtime, threads: threads) }
                if case .notInForce(let why) = answer { report.leaveOut(frequencyHz, why) }
                if case .refused(let why) = answer { report.leaveOut(frequencyHz, why) }
                guard answer == .inForce else { continue }
            }
            let speed = try ProcessorSpeed.measure(runtime, threads: threads)
            let memory = MemoryBandwidth.measure(arrayBytes: arrayBytes, threads: threads)
            if let frequencyHz, case .notInForce(let why)? = clocks?.check(frequencyHz) {
                report.leaveOut(frequencyHz, why)
                continue
            }
            report.add(speed, memory, at: frequencyHz)
        }
        line.end()
        for text in report.sentences { StandardError.say(text) }
        print(json ? try JSON.encode(report, pretty: true) : report.text)
        return !stop.isRaised && report.leftOut.isEmpty
    }
}
