/// A layer as a planner sees it: a run of operators between two single-tensor cut points, or a pseudo layer.
public struct PlannedLayer: Codable, Sendable, Equatable {
    public enum Kind: String, Codable, Sendable, CaseIterable {
        /// What captures the raw input; runs on the application's source.
        case source
        /// Work before the model that any device may do.
        case preprocess
        /// Operators of the model.
        case model
        /// Where the result must arrive.
        case destination
    }

    public var name: String
    public var kind: Kind
    /// Operations for one inference, in FLOP (twice the multiply-accumulates).
    public var flop: Double
    public var weightBytes: Int
    /// Bytes of the single tensor that leaves the layer.
    public var outputBytes: Int
    /// Largest sum of live activations while the layer runs, its input and output included.
    public var activationPeakBytes: Int
    /// Bytes beside the weights that a runner takes to load the layer or to run it (nil: the activations alone).
    public var runnerPeakBytes: Int?
    /// Part of the inferences that reach the layer, where there are early exits before it (nil: all).
    public var reachProbability: Double?

    public init(
        name: String, kind: Kind = .model, flop: Double, weightBytes: Int, outputBytes: Int, activationPeakBytes: Int,
        runnerPeakBytes: Int? = nil, reachProbability: Double? = nil
    ) {
        self.name = name
        self.kind = kind
        self.flop = flop
        self.weightBytes = weightBytes
        self.outputBytes = outputBytes
        self.activationPeakBytes = activationPeakBytes
        self.runnerPeakBytes = runnerPeakBytes
        self.reachProbability = reachProbability
    }

    enum CodingKeys: String, CodingKey {
        case name, kind, flop
        case reachProbability = "reach_probability"
        case weightBytes = "weight_bytes"
        case outputBytes = "output_bytes"
        case activationPeakBytes = "activation_peak_bytes"
        case runnerPeakBytes = "runner_peak_bytes"
    }

    /// What the layer needs at its worst beside weights.
    public var workingPeakBytes: Int { max(activationPeakBytes, runnerPeakBytes ?? 0) }
}

/// A layer that must run on one device.
public struct Pin: Codable, Sendable, Equatable {
    public var layer: Int
    public var device: DeviceID

    public init(layer: Int, device: DeviceID) {
        self.layer = layer
        self.device = device
    }
}

/// Where a figure of the problem comes from, and how old it is.
public struct InputSource: Codable, Sendable, Equatable {
    public var figure: String
    public var source: String
    /// Nil where the figure has no age (a constant of a file).
    public var ageS: Double?

    public init(figure: String, source: String, ageS: Double? = nil) {
        self.figure = figure
        self.source = source
        self.ageS = ageS
    }

    enum CodingKeys: String, CodingKey {
        case figure, source
        case ageS = "age_s"
    }
}

/// Everything that a planner may know: layers, devices, links and what is asked for.
///
/// Layers are a chain. The first is `source` and the last is `destination`; both are pinned by `pins`.
public struct Problem: Codable, Sendable, Equatable {
    public var model: String
    public var layers: [PlannedLayer]
    public var devices: [Device]
    public var links: [Link]
    public var source: DeviceID
    public var destination: DeviceID
    public var objective: Objective
    public var weights: WeightsPolicy
    public var service: Service
    /// Inferences per second that a continuous service shall do, waiting in between (nil: as many as it can).
    public var wantedThroughputPerS: Double?
    public var costModel: CostModel
    /// What each request takes on the source's board beside its layers, in s: it is handed to whoever computes, and
    /// back (nil: nothing).
    public var requestS: Double?
    /// What each message between boards that share operators takes beside its bytes and the link's latency, in s
    /// (nil: nothing). Plans without sharing know nothing of it.
    public var messageS: Double?
    /// What running shared plans has shown of devices (nil: nothing yet). Plans without sharing know nothing of it.
    public var sharedPaces: [SharedPace]?
    public var energyScope: EnergyScope
    public var constraints: Constraints
    public var pins: [Pin]
    /// Measured bundles; what is not measured is priced from FLOP and bytes.
    public var bundles: [MeasuredBundle]
    public var inputs: [InputSource]

    public init(
        model: String, layers: [PlannedLayer], devices: [Device], links: [Link], source: DeviceID,
        destination: DeviceID, objective: Objective = .latency, weights: WeightsPolicy = .everyInference,
        service: Service = .oneAtATime, wantedThroughputPerS: Double? = nil, costModel: CostModel = .sound,
        requestS: Double? = nil, messageS: Double? = nil, sharedPaces: [SharedPace]? = nil,
        energyScope: EnergyScope = .all, constraints: Constraints = Constraints(), pins: [Pin] = [],
        bundles: [MeasuredBundle] = [], inputs: [InputSource] = []
    ) {
        self.model = model
        self.layers = layers
        self.devices = devices
        self.links = links
        self.source = source
        self.destination = destination
        self.objective = objective
        self.weights = weights
        self.service = service
        self.wantedThroughputPerS = wantedThroughputPerS
        self.costModel = costModel
        self.requestS = requestS
        self.messageS = messageS
        self.sharedPaces = sharedPaces
        self.energyScope = energyScope
        self.constraints = constraints
        self.pins = pins
        self.bundles = bundles
        self.inputs = inputs
    }
}
