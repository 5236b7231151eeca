/// What somebody asks of a problem beyond what it says already, with layers and devices by their names.
///
/// Nil and empty: as the problem has it.
public struct ProblemWishes: Sendable, Equatable {
    public struct EnergyLimit: Sendable, Equatable {
        public var device: String
        public var energyJ: Double

        public init(device: String, energyJ: Double) {
            self.device = device
            self.energyJ = energyJ
        }
    }

    public struct LayerPin: Sendable, Equatable {
        public var layer: String
        public var device: String

        public init(layer: String, device: String) {
            self.layer = layer
            self.device = device
        }
    }

    public var objective: Objective?
    public var service: Service?
    /// Inferences per second, waiting in between.
    public var wantedThroughputPerS: Double?
    public var costModel: CostModel?
    /// Weights that load while a device waits (true), or that are read for each inference (false).
    public var isPreloading: Bool?
    public var maximumLatencyS: Double?
    /// Joule for one inference, by device.
    public var maximumEnergy: [EnergyLimit] = []
    public var maximumCarbonG: Double?
    public var minimumThroughputPerS: Double?
    /// The first layers of the model that stay on the source's board, and the pseudo layers before them.
    public var privateCount: Int?
    public var privateLayers: [String] = []
    public var pins: [LayerPin] = []
    public var maximumEntries: Int?
    public var maximumBundleSize: Int?

    public init() {}

    /// The problem with the wishes in it, checked.
    ///
    /// The objective throughput and a wanted throughput bring the service continuous with them, where none is named. A
    /// limit or a pin takes the place of the problem's own for the same device or layer.
    ///
    /// - Throws: for a device or a layer that is not there, with those that are; and what `Problem.validate` finds.
    public func applied(to problem: Problem) throws(ProblemError) -> Problem {
        var asked = problem
        if let objective { asked.objective = objective }
        if let service = service ?? impliedService { asked.service = service }
        if let wantedThroughputPerS { asked.wantedThroughputPerS = wantedThroughputPerS }
        if let costModel { asked.costModel = costModel }
        if let isPreloading { asked.weights = isPreloading ? .preloaded : .everyInference }
        if let maximumLatencyS { asked.constraints.maximumLatencyS = maximumLatencyS }
        if let maximumCarbonG { asked.constraints.maximumCarbonG = maximumCarbonG }
        if let minimumThroughputPerS { asked.constraints.minimumThroughputPerS = minimumThroughputPerS }
        if let maximumEntries { asked.constraints.maximumEntries = maximumEntries }
        if let maximumBundleSize { asked.constraints.maximumBundleSize = maximumBundleSize }
        for limit in maximumEnergy {
            let device = try Self.device(limit.device, of: problem, place: "energy limit of \(limit.device)")
            asked.constraints.maximumEnergy.removeAll { $0.device == device }
            asked.constraints.maximumEnergy.append(.init(device: device, energyJ: limit.energyJ))
        }
        for pin in pins {
            let layer = try Self.layer(pin.layer, of: problem, place: "pin of layer \(pin.layer)")
            let device = try Self.device(pin.device, of: problem, place: "pin of layer \(pin.layer)")
            asked.pins.removeAll { $0.layer == layer }
            asked.pins.append(Pin(layer: layer, device: device))
        }
        asked.constraints.privateLayers = try privateIndices(problem)
        try asked.validate()
        return asked
    }

    private var impliedService: Service? {
        objective == .throughput || wantedThroughputPerS != nil ? .continuous : nil
    }

    private func privateIndices(_ problem: Problem) throws(ProblemError) -> [Int] {
        var indices = Set(problem.constraints.privateLayers)
        if let privateCount {
            let model = problem.layers.indices.filter { problem.layers[$0].kind == .model }
            guard privateCount >= 1, privateCount <= model.count else {
                throw ProblemError(
                    "private layers: the first \(privateCount) of \(problem.model) are asked for and it has "
                        + "\(model.count); give a number from 1 to \(model.count)")
            }
            indices.formUnion(0...model[privateCount - 1])
        }
        for name in privateLayers {
            indices.insert(try Self.layer(name, of: problem, place: "private layer \(name)"))
        }
        return indices.sorted()
    }

    private static func device(_ name: String, of problem: Problem, place: String) throws(ProblemError) -> DeviceID {
        guard let device = problem.devices.first(where: { $0.id.name == name }) else {
            throw ProblemError(
                "\(place): there is no device \(name); the devices are "
                    + problem.devices.map(\.id.name).joined(separator: ", "))
        }
        return device.id
    }

    private static func layer(_ name: String, of problem: Problem, place: String) throws(ProblemError) -> Int {
        guard let layer = problem.layers.firstIndex(where: { $0.name == name }) else {
            throw ProblemError(
                "\(place): \(problem.model) has no layer of this name; the layers are "
                    + LayerNames.list(problem.layers))
        }
        return layer
    }
}
