import Cluster
import Costs

/// Where a device of a plan is: which board's runner runs its segments.
public struct DevicePlacement: Codable, Sendable, Hashable {
    public var device: DeviceID
    public var node: NodeID

    public init(device: DeviceID, node: NodeID) {
        self.device = device
        self.node = node
    }
}

/// Consecutive layers that one device runs in one go.
public struct ProgramSegment: Codable, Sendable, Equatable {
    /// Position in the plan's chain of segments.
    public var index: Int
    public var device: DeviceID
    public var node: NodeID
    /// Layers of the graph (not of the plan, which also has pseudo layers), first to last.
    public var firstLayer: Int
    public var layerCount: Int
    /// Operators of the graph, in its topological order.
    public var firstOperator: Int
    public var operatorCount: Int
    /// Names of the single tensors that enter and leave.
    public var inputTensor: String
    public var outputTensor: String
    public var flop: Double
    public var weightBytes: Int
    /// Largest sum of live activations of any layer in the segment.
    public var activationPeakBytes: Int

    public var operators: Range<Int> { firstOperator..<firstOperator + operatorCount }
    public var layers: Range<Int> { firstLayer..<firstLayer + layerCount }

    public init(
        index: Int, device: DeviceID, node: NodeID, layers: Range<Int>, operators: Range<Int>, inputTensor: String,
        outputTensor: String, flop: Double, weightBytes: Int, activationPeakBytes: Int
    ) {
        self.index = index
        self.device = device
        self.node = node
        self.firstLayer = layers.lowerBound
        self.layerCount = layers.count
        self.firstOperator = operators.lowerBound
        self.operatorCount = operators.count
        self.inputTensor = inputTensor
        self.outputTensor = outputTensor
        self.flop = flop
        self.weightBytes = weightBytes
        self.activationPeakBytes = activationPeakBytes
    }

    enum CodingKeys: String, CodingKey {
        case index, device, node, flop
        case firstLayer = "first_layer"
        case layerCount = "layer_count"
        case firstOperator = "first_operator"
        case operatorCount = "operator_count"
        case inputTensor = "input_tensor"
        case outputTensor = "output_tensor"
        case weightBytes = "weight_bytes"
        case activationPeakBytes = "activation_peak_bytes"
    }
}

/// What the whole plan does: the segments in order, and where requests enter and results arrive.
///
/// A tensor visits numbered stops. Stop `i` below the number of segments is segment `i`; then comes the arrival
/// at the destination, then the return to the source, which holds the request.
public struct PlanProgram: Codable, Sendable, Equatable {
    public var plan: PlanID
    public var model: String
    public var segments: [ProgramSegment]
    public var source: NodeID
    public var destination: NodeID

    public init(plan: PlanID, model: String, segments: [ProgramSegment], source: NodeID, destination: NodeID) {
        self.plan = plan
        self.model = model
        self.segments = segments
        self.source = source
        self.destination = destination
    }

    /// The stop at which the result has arrived where the plan wants it.
    public var arrivalStop: Int { segments.count }
    /// The stop at which the holder of the request has its result.
    public var returnStop: Int { segments.count + 1 }

    /// The board of a stop; nil for a number that is no stop.
    public func node(ofStop stop: Int) -> NodeID? {
        if segments.indices.contains(stop) { return segments[stop].node }
        if stop == arrivalStop { return destination }
        return stop == returnStop ? source : nil
    }

    /// What one board does.
    public func program(for node: NodeID) -> DeviceProgram {
        DeviceProgram(
            plan: plan, model: model, node: node,
            steps: segments.filter { $0.node == node }.map { segment in
                DeviceProgram.Step(segment: segment, next: self.node(ofStop: segment.index + 1) ?? source)
            })
    }
}

/// What one board does for one plan: receive, run, send, for each of its segments.
public struct DeviceProgram: Codable, Sendable, Equatable {
    public struct Step: Codable, Sendable, Equatable {
        public var segment: ProgramSegment
        /// The board that the segment's output goes to; it may be this one.
        public var next: NodeID

        public init(segment: ProgramSegment, next: NodeID) {
            self.segment = segment
            self.next = next
        }
    }

    public var plan: PlanID
    public var model: String
    public var node: NodeID
    public var steps: [Step]

    public init(plan: PlanID, model: String, node: NodeID, steps: [Step]) {
        self.plan = plan
        self.model = model
        self.node = node
        self.steps = steps
    }
}
