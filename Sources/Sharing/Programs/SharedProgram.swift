/// One operator's part in a segment.
public struct SegmentPart: Hashable, Sendable {
    /// Position of the operator in the graph.
    public let position: Int
    /// Region of its first output.
    public let region: Region

    public init(position: Int, region: Region) {
        self.position = position
        self.region = region
    }
}

/// Parts of operators that a device runs in one go.
public struct SharedSegment: Hashable, Sendable {
    /// In the order of the graph.
    public let parts: [SegmentPart]
    /// Regions that must be held before it runs, each put together from what the device owns.
    public let inputs: [TensorRegion]
    /// Regions that it leaves to the device for other segments, for sends and as results.
    public let outputs: [TensorRegion]

    /// - Parameters: as the properties are.
    init(parts: [SegmentPart], inputs: [TensorRegion], outputs: [TensorRegion]) {
        self.parts = parts
        self.inputs = inputs
        self.outputs = outputs
    }

    /// One part of one operator.
    public init(_ part: SegmentPart, of shared: SharedGraph) throws(CannotShare) {
        let needs = try shared.needs(part.position, part.region)
        self.init(parts: [part], inputs: needs.inputs, outputs: Array(needs.outputs.prefix(1)))
    }
}

/// One thing that a device does.
public enum SharedStep: Hashable, Sendable, CustomStringConvertible {
    /// Waits for a region from another device.
    case receive(TensorRegion, from: Int)
    case run(SharedSegment)
    /// Gives a region to the transport; does not wait for the receiver.
    case send(TensorRegion, to: Int)

    public var description: String {
        switch self {
        case .receive(let region, let device): "receive \(region) from \(device)"
        case .run(let segment):
            "run " + segment.parts.map { "operator \($0.position) \($0.region)" }.joined(separator: ", ")
        case .send(let region, let device): "send \(region) to \(device)"
        }
    }
}

/// What every device does for one inference, in order.
///
/// A send stands right behind the run that makes its region, a receive right before the run that needs it. In the
/// order of the operators every send comes before its receive, and every device's steps are in that order; so the
/// earliest step that is not done can always be done, and no device waits for ever.
public struct SharedProgram: Hashable, Sendable {
    /// Steps by device.
    public let devices: [[SharedStep]]
    public let source: Int
    public let destination: Int

    public init(devices: [[SharedStep]], source: Int, destination: Int) {
        self.devices = devices
        self.source = source
        self.destination = destination
    }

    /// The program of an assignment. Throws where the assignment does not fit the graph.
    public init(_ assignment: SharedAssignment, _ shared: SharedGraph) throws(SharingError) {
        try assignment.verify(shared)
        self.init(assignment, shared, try Transfers(assignment, shared))
    }

    /// The same, where the assignment is verified and its transfers are known.
    public init(_ assignment: SharedAssignment, _ shared: SharedGraph, _ transfers: Transfers) {
        devices = (0..<assignment.deviceCount).map { device in
            DeviceSteps(device: device, assignment: assignment, shared: shared, transfers: transfers).steps()
        }
        source = assignment.source
        destination = assignment.destination
    }

    /// Number of runs of all devices.
    public var segmentCount: Int {
        devices.joined().count { if case .run = $0 { true } else { false } }
    }
}
