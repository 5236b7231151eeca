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
        /// Part of all operations that this device computes, the preprocessing's included, 0 to 1.
        public var flopsShare: Double

        public init(id: DeviceID, peakMemoryBytes: Int, flopsShare: Double) {
            self.id = id
            self.peakMemoryBytes = peakMemoryBytes
            self.flopsShare = flopsShare
        }

        enum CodingKeys: String, CodingKey {
            case id
            case peakMemoryBytes = "peak_memory_bytes"
            case flopsShare = "flops_share"
        }
    }

    /// The best plan that gives every unpinned layer to one device.
    public struct SingleDevice: Codable, Sendable, Equatable {
        public var device: DeviceID
        public var latencyS: Double

        public init(device: DeviceID, latencyS: Double) {
            self.device = device
            self.latencyS = latencyS
        }

        enum CodingKeys: String, CodingKey {
            case device
            case latencyS = "latency_s"
        }
    }

    public var planner: String
    public var objective: Objective
    public var latencyS: Double
    public var computeS: Double
    public var transferS: Double
    public var weightsS: Double
    public var layers: [Layer]
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
        weightsS: Double, layers: [Layer], devices: [DeviceShare], solveS: Double, bound: Double?, gap: Double?,
        singleDevice: SingleDevice?, inputs: [InputSource]
    ) {
        self.planner = planner
        self.objective = objective
        self.latencyS = latencyS
        self.computeS = computeS
        self.transferS = transferS
        self.weightsS = weightsS
        self.layers = layers
        self.devices = devices
        self.solveS = solveS
        self.bound = bound
        self.gap = gap
        self.singleDevice = singleDevice
        self.inputs = inputs
    }

    /// In the order in which a person reads the payload.
    enum CodingKeys: String, CodingKey {
        case planner, objective
        case latencyS = "latency_s"
        case computeS = "compute_s"
        case transferS = "transfer_s"
        case weightsS = "weights_s"
        case layers, devices
        case singleDevice = "single_device"
        case bound, gap
        case solveS = "solve_s"
        case inputs
    }
}
