import ArgumentParser
import Board
import Costs
import JSON
import ModelGraph
import ONNXImport
import Planning

/// What a command needs to know to have a problem: where it stands, and what is asked of it.
struct ProblemOptions: ParsableArguments {
    /// A problem is a list of layers, devices and links; anything larger is not one.
    static let maximumProblemBytes = JSONLimits.document.maximumBytes

    enum Switch: String, ExpressibleByArgument, CaseIterable { case on, off }

    @Option(help: ArgumentHelp("The devices, links and application, a TOML file.", valueName: "file"))
    var cluster: String?

    @Option(
        help: ArgumentHelp(
            "A whole problem as JSON instead of a model and a cluster file; - is standard input.", valueName: "file"))
    var problem: String?

    @Option(help: "How finely the model may be cut; layer: before each convolution and linear operator.")
    var granularity: LayerGranularity = .layer

    @Option(help: "What shall be least; latency where neither this nor the problem says. throughput: least cycle.")
    var objective: Objective?

    @Option(
        name: .customLong("max-latency"), parsing: .unconditional,
        help: ArgumentHelp("Longest latency of an inference.", valueName: "seconds"))
    var maximumLatencyS: Double?

    @Option(
        name: .customLong("max-energy"),
        help: ArgumentHelp("Most energy of one device for an inference; repeatable.", valueName: "device=joule"))
    var maximumEnergy: [String] = []

    @Option(
        name: .customLong("max-carbon"), parsing: .unconditional,
        help: ArgumentHelp("Most CO2 for an inference.", valueName: "gram"))
    var maximumCarbonG: Double?

    @Option(
        name: .customLong("min-throughput"), parsing: .unconditional,
        help: ArgumentHelp("Fewest inferences per second.", valueName: "number"))
    var minimumThroughputPerS: Double?

    @Option(
        name: .customLong("private"), parsing: .unconditional,
        help: ArgumentHelp("The first layers of the model that stay on the source's board.", valueName: "count"))
    var privateCount: Int?

    @Option(help: ArgumentHelp("Layers that stay on the source's board, by name.", valueName: "a,b,c"))
    var privateLayers: String?

    @Option(
        name: .customLong("pin"),
        help: ArgumentHelp("A layer that runs on one device; repeatable.", valueName: "layer=device"))
    var pins: [String] = []

    @Option(
        name: .customLong("max-entries"), parsing: .unconditional,
        help: ArgumentHelp("Most runs of consecutive layers for each device.", valueName: "count"))
    var maximumEntries: Int?

    @Option(
        name: .customLong("max-bundle-size"), parsing: .unconditional,
        help: ArgumentHelp("Most layers that are run and priced as one.", valueName: "count"))
    var maximumBundleSize: Int?

    @Option(
        name: .customLong("profile"),
        help: ArgumentHelp("Measured bundles of layers, a CSV file (docs/measured-data.md).", valueName: "file"))
    var profile: String?

    @Option(help: "one_at_a_time: the next inference starts when the last is done; continuous: one for each stage.")
    var service: Service?

    @Option(
        name: .customLong("wanted-throughput"), parsing: .unconditional,
        help: ArgumentHelp("Inferences per second of a continuous service, waiting in between.", valueName: "number"))
    var wantedThroughputPerS: Double?

    @Option(help: "on: weights load while a device waits for its input; off: they are read for each inference.")
    var preload: Switch?

    @Option(name: .customLong("model"), help: "Whose equations price: the texts' own, or what is physically so.")
    var costModel: CostModel?

    /// Faults that need no file to be seen.
    func validate() throws { _ = try wishes() }

    /// Is there exactly one place to have the problem from?
    func requireSource(model: String?) throws {
        if problem != nil {
            guard model == nil, cluster == nil else {
                throw ValidationError("--problem takes the place of the model and of --cluster; give one or the other")
            }
        } else {
            guard model != nil else { throw ValidationError("which model? Give an ONNX file, or --problem") }
            guard cluster != nil else { throw ValidationError("which devices? Give --cluster FILE.toml") }
        }
    }

    /// The problem with all that is asked of it.
    ///
    /// - Parameters:
    ///   - isContinuous: shall inferences follow each other where no service is named?
    ///   - intensitiesGPerKwh: by zone, for the devices that are in it.
    func read(
        model: String?, isContinuous: Bool = false, intensitiesGPerKwh: [String: Double] = [:]
    ) throws -> Problem {
        var bare = try readBare(model: model, intensitiesGPerKwh)
        if let profile {
            bare = try bare.measured(
                by: try ProfileFile.load(
                    profile, model: bare.model,
                    layerNames: bare.layers.filter { $0.kind == .model }.map(\.name),
                    maximumBundleSize: maximumBundleSize))
        }
        var wishes = try wishes()
        if isContinuous, wishes.service == nil { wishes.service = .continuous }
        return try wishes.applied(to: bare)
    }

    private func wishes() throws -> ProblemWishes {
        var wishes = ProblemWishes()
        wishes.objective = objective
        wishes.service = service
        wishes.wantedThroughputPerS = wantedThroughputPerS
        wishes.costModel = costModel
        wishes.isPreloading = preload.map { $0 == .on }
        wishes.maximumLatencyS = maximumLatencyS
        wishes.maximumCarbonG = maximumCarbonG
        wishes.minimumThroughputPerS = minimumThroughputPerS
        wishes.maximumEntries = maximumEntries
        wishes.maximumBundleSize = maximumBundleSize
        wishes.privateCount = privateCount
        wishes.privateLayers =
            privateLayers?.split(separator: "," as Character, omittingEmptySubsequences: false).map(String.init) ?? []
        guard !wishes.privateLayers.contains(where: \.isEmpty) else {
            throw ValidationError(
                "--private-layers '\(privateLayers ?? "")' has an empty name; write a,b,c or leave it out")
        }
        for text in maximumEnergy {
            guard let parts = Self.parts(text), let joule = Double(parts.value) else {
                throw ValidationError("--max-energy \(text): write DEVICE=JOULE, for example nano=2.5")
            }
            guard !wishes.maximumEnergy.contains(where: { $0.device == parts.name }) else {
                throw ValidationError("--max-energy is given twice for \(parts.name); keep one")
            }
            wishes.maximumEnergy.append(.init(device: parts.name, energyJ: joule))
        }
        for text in pins {
            guard let parts = Self.parts(text) else {
                throw ValidationError("--pin \(text): write LAYER=DEVICE, for example node_conv2d=nano")
            }
            guard !wishes.pins.contains(where: { $0.layer == parts.name && $0.device != parts.value }) else {
                throw ValidationError("--pin names two devices for the layer \(parts.name); keep one")
            }
            wishes.pins.append(.init(layer: parts.name, device: parts.value))
        }
        return wishes
    }

    /// What stands before and after the last equals sign; nil where either is empty.
    private static func parts(_ text: String) -> (name: String, value: String)? {
        guard let sign = text.lastIndex(of: "=") else { return nil }
        let name = text[..<sign]
        let value = text[text.index(after: sign)...]
        return name.isEmpty || value.isEmpty ? nil : (String(name), String(value))
    }

    private func readBare(model: String?, _ intensitiesGPerKwh: [String: Double]) throws -> Problem {
        func fill(_ devices: inout [Device]) {
            for index in devices.indices {
                let known = devices[index].zone.flatMap { intensitiesGPerKwh[$0] }
                devices[index].intensityGPerKwh = known ?? devices[index].intensityGPerKwh
            }
        }
        if let problem {
            var read = try Self.readProblem(problem)
            fill(&read.devices)
            return read
        }
        guard let model, let cluster else { throw ProblemError("give a model and a cluster file, or --problem") }
        var file = try ClusterFile.load(cluster)
        fill(&file.devices)
        let graph = try ImportedModel.load(path: model).graph
        do {
            return try Problem(
                model: ModelFile.name(model), graphLayers: graph.layers(granularity),
                inputBytes: graph.activationBytes(of: graph.inputs), cluster: file,
                clusterName: cluster)
        } catch {
            throw ProblemError("\(model) on \(cluster): \(error)")
        }
    }

    private static func readProblem(_ path: String) throws -> Problem {
        let place = path == "-" ? "standard input" : path
        let bytes = try FileBytes.read(path == "-" ? "/dev/stdin" : path, maximumBytes: maximumProblemBytes)
        do {
            return try JSON.decodeStrictly(Problem.self, from: bytes, limits: .document)
        } catch let error as JSONError where error.problem.hasPrefix("Cannot initialize") {
            let key = error.path.split(separator: "." as Character).last.map(String.init) ?? ""
            let words = AllowedWords.text(ofKey: key) ?? "a word that docs/problem.md names"
            throw ProblemError("\(place): \(error.path) has an unknown word; give \(words)")
        } catch {
            throw ProblemError("\(place): \(error)")
        }
    }
}
