import ModelGraph

/// Who computes what of every operator of a graph. Devices are numbered from 0.
public struct SharedAssignment: Hashable, Sendable {
    public var deviceCount: Int
    /// Holds the graph's inputs.
    public var source: Int
    /// Where the graph's outputs are wanted.
    public var destination: Int
    /// One for each operator of the graph, in its order.
    public var layouts: [SharedLayout]

    public init(deviceCount: Int, source: Int, destination: Int, layouts: [SharedLayout]) {
        self.deviceCount = deviceCount
        self.source = source
        self.destination = destination
        self.layouts = layouts
    }

    /// Everything on one device.
    public static func single(_ device: Int, of deviceCount: Int, in graph: SharedGraph) -> SharedAssignment {
        SharedAssignment(
            deviceCount: deviceCount, source: device, destination: device,
            layouts: graph.graph.operators.indices.map {
                .single(device, of: deviceCount, shape: graph.shape(of: $0))
            })
    }
}

/// What is wrong with an assignment or a program, in one sentence.
public struct SharingError: Error, Equatable, Sendable, CustomStringConvertible {
    public let sentence: String

    public init(_ sentence: String) { self.sentence = sentence }

    public var description: String { sentence }
}

extension SharedAssignment {
    /// Checks that every operator has a layout that covers its result, of regions that its devices can compute.
    ///
    /// Every element of an output then has an owner, and every input is an output or on the source: all inputs can be
    /// had. Throws the first thing that is wrong.
    public func verify(_ shared: SharedGraph) throws(SharingError) {
        let operators = shared.graph.operators
        guard deviceCount >= 1, (0..<deviceCount).contains(source), (0..<deviceCount).contains(destination) else {
            throw SharingError(
                "the assignment has \(deviceCount) devices, source \(source) and destination \(destination); "
                    + "both must be among the devices")
        }
        guard layouts.count == operators.count else {
            throw SharingError(
                "the assignment has \(layouts.count) layouts for \(operators.count) operators; give each one")
        }
        for (position, layout) in layouts.enumerated() {
            let name = operators[position].name
            guard layout.deviceCount == deviceCount else {
                throw SharingError(
                    "operator '\(name)' has regions for \(layout.deviceCount) devices of \(deviceCount); "
                        + "give an idle device an empty region")
            }
            var covered: [[Region]] = []
            for region in layout.regions where !region.isEmpty {
                do {
                    let outputs = try shared.needs(position, region).outputs
                    if covered.isEmpty { covered = outputs.map { _ in [] } }
                    for (index, output) in outputs.enumerated() { covered[index].append(output.region) }
                } catch {
                    throw SharingError(error.description)
                }
            }
            for (index, tensor) in operators[position].outputs.enumerated() {
                let missing = Region.whole(shared.shape(ofTensor: tensor))
                    .subtracting(index < covered.count ? covered[index] : [])
                if let first = missing.first {
                    throw SharingError(
                        "nobody computes \(first) of tensor '\(tensor)' of operator '\(name)'; "
                            + "its regions must cover the result")
                }
            }
        }
    }
}
