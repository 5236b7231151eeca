/// Which device runs which layer, with what that is predicted to cost and how sure the planner is.
///
/// The same value is printed by `lamella plan --json` and carried inside a `PlanRecord` on MQTT.
public struct Plan: Codable, Sendable, Equatable {
    public struct Layer: Codable, Sendable, Equatable {
        public var index: Int
        public var name: String
        public var device: DeviceID

        public init(index: Int, name: String, device: DeviceID) {
            self.index = index
            self.name = name
            self.device = device
        }
    }

    public struct DeviceShare: Codable, Sendable, Equatable {
        public var id: DeviceID
        public var peakMemoryBytes: Int
        /// Part of all operations that this device computes, the preprocessing's included, 0 to 1. Where operators are
        /// shared and layers were measured, operations count as what their layer took.
        public var flopsShare: Double
        /// The clock that the plan asks for (nil: not controlled).
        public var frequencyHz: Double?
        /// Seconds of each inference for which the device cannot take the next one (nil: not said).
        public var loadS: Double?
        /// The part of it in which the device computes, rather than sends (nil: not said).
        public var busyS: Double?
        /// How much slower than announced its speed was taken to be for this model, as measured (nil: as announced).
        public var pace: Double?
        /// When the times of layers that the plan rests on were measured on the device (nil: it rests on FLOP/s).
        public var profile: String?
        /// Nil where a power is unknown.
        public var energy: DeviceEnergy?
        /// Nil where the energy or the intensity of the zone is unknown.
        public var carbonG: Double?

        public init(
            id: DeviceID, peakMemoryBytes: Int, flopsShare: Double, frequencyHz: Double? = nil, loadS: Double? = nil,
            busyS: Double? = nil, pace: Double? = nil, energy: DeviceEnergy? = nil, carbonG: Double? = nil
        ) {
            self.id = id
            self.peakMemoryBytes = peakMemoryBytes
            self.flopsShare = flopsShare
            self.frequencyHz = frequencyHz
            self.loadS = loadS
            self.busyS = busyS
            self.pace = pace
            self.energy = energy
            self.carbonG = carbonG
        }

        enum CodingKeys: String, CodingKey {
            case id, energy
            case peakMemoryBytes = "peak_memory_bytes"
            case flopsShare = "flops_share"
            case frequencyHz = "frequency_hz"
            case loadS = "load_s"
            case busyS = "busy_s"
            case pace, profile
            case carbonG = "carbon_g"
        }
    }

    /// Energy of one device for one inference.
    public struct DeviceEnergy: Codable, Sendable, Equatable {
        public var computeJ: Double
        public var uploadJ: Double
        public var downloadJ: Double
        /// While it waits.
        public var holdJ: Double

        public var totalJ: Double { computeJ + uploadJ + downloadJ + holdJ }

        public init(computeJ: Double, uploadJ: Double, downloadJ: Double, holdJ: Double) {
            self.computeJ = computeJ
            self.uploadJ = uploadJ
            self.downloadJ = downloadJ
            self.holdJ = holdJ
        }

        enum CodingKeys: String, CodingKey {
            case computeJ = "compute_j"
            case uploadJ = "upload_j"
            case downloadJ = "download_j"
            case holdJ = "hold_j"
        }
    }

    /// Consecutive layers that a device runs as one.
    public struct Bundle: Codable, Sendable, Equatable {
        public var first: Int
        /// Included.
        public var last: Int
        public var device: DeviceID

        public init(first: Int, last: Int, device: DeviceID) {
            self.first = first
            self.last = last
            self.device = device
        }
    }

    /// The best plan that gives every unpinned layer to one device.
    public struct SingleDevice: Codable, Sendable, Equatable {
        public var device: DeviceID
        public var latencyS: Double
        /// What it comes to in the plan's objective, in the objective's unit.
        public var value: Double

        /// - Parameter value: nil where the objective is the latency.
        public init(device: DeviceID, latencyS: Double, value: Double? = nil) {
            self.device = device
            self.latencyS = latencyS
            self.value = value ?? latencyS
        }

        public init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            let latencyS = try container.decodeNumber(forKey: .latencyS)
            self.init(
                device: try container.decode(DeviceID.self, forKey: .device), latencyS: latencyS,
                value: try container.decodeNumberIfPresent(forKey: .value))
        }

        enum CodingKeys: String, CodingKey {
            case device, value
            case latencyS = "latency_s"
        }
    }

    public var planner: String
    public var objective: Objective
    public var latencyS: Double
    public var computeS: Double
    public var transferS: Double
    public var weightsS: Double
    /// The part of the latency that a request was taken to take on the source's board beside its layers (nil: nothing).
    public var requestS: Double?
    /// Seconds from one result to the next (nil: not said).
    public var cycleS: Double?
    /// Joule for one inference (nil: a figure is unknown).
    public var energyJ: Double?
    /// Grams of CO2 equivalent for one inference (nil: a figure is unknown).
    public var carbonG: Double?
    /// What the planner's own model says of the objective, where that is not the evaluator's (nil: the same).
    public var ownEstimate: Double?
    public var layers: [Layer]
    /// How operators are shared (nil: each layer runs on its device).
    public var sharing: Sharing?
    /// How the layers are bundled (nil: each is priced alone).
    public var bundles: [Bundle]?
    public var devices: [DeviceShare]
    public var solveS: Double
    /// A proved lower bound of the objective (nil: none was proved).
    public var bound: Double?
    /// (objective - bound) / objective (nil: no bound).
    public var gap: Double?
    /// Nil where no single device can hold the model.
    public var singleDevice: SingleDevice?
    public var inputs: [InputSource]

    public init(
        planner: String, objective: Objective, latencyS: Double, computeS: Double, transferS: Double,
        weightsS: Double, cycleS: Double? = nil, energyJ: Double? = nil, carbonG: Double? = nil,
        ownEstimate: Double? = nil, layers: [Layer], bundles: [Bundle]? = nil, devices: [DeviceShare], solveS: Double,
        bound: Double?, gap: Double?,
        singleDevice: SingleDevice?, inputs: [InputSource]
    ) {
        self.planner = planner
        self.objective = objective
        self.latencyS = latencyS
        self.computeS = computeS
        self.transferS = transferS
        self.weightsS = weightsS
        self.cycleS = cycleS
        self.energyJ = energyJ
        self.carbonG = carbonG
        self.ownEstimate = ownEstimate
        self.layers = layers
        self.bundles = bundles
        self.devices = devices
        self.solveS = solveS
        self.bound = bound
        self.gap = gap
        self.singleDevice = singleDevice
        self.inputs = inputs
    }

    /// Does it give every layer, or every share, to the same device as another plan, at the same clocks?
    public func asksTheSame(as other: Plan) -> Bool {
        func clocks(_ plan: Plan) -> [DeviceID: Double] {
            Dictionary(plan.devices.compactMap { share in share.frequencyHz.map { (share.id, $0) } }) { first, _ in
                first
            }
        }
        return layers.map(\.device) == other.layers.map(\.device) && Sharing.areTheSame(sharing, other.sharing)
            && clocks(self) == clocks(other)
    }

    /// The figure that the objective makes minimal, in its unit (nil: unknown).
    public var value: Double? {
        switch objective {
        case .latency: latencyS
        case .energy: energyJ
        case .carbon: carbonG
        case .throughput: cycleS
        }
    }

    /// In the order in which a person reads the payload.
    enum CodingKeys: String, CodingKey {
        case planner, objective
        case latencyS = "latency_s"
        case computeS = "compute_s"
        case transferS = "transfer_s"
        case weightsS = "weights_s"
        case requestS = "request_s"
        case cycleS = "cycle_s"
        case energyJ = "energy_j"
        case carbonG = "carbon_g"
        case ownEstimate = "own_estimate"
        case layers, sharing, bundles, devices
        case singleDevice = "single_device"
        case bound, gap
        case solveS = "solve_s"
        case inputs
    }
}
