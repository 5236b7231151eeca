import Cluster
import Costs
import ModelGraph

/// Why a plan is no program for this graph, in one sentence.
public struct ProgramError: Error, CustomStringConvertible, Equatable {
    public let sentence: String

    public init(_ sentence: String) { self.sentence = sentence }

    public var description: String { sentence }
}

/// Turns a plan (layers on devices) into a program (segments on boards, and where tensors go). Pure.
public enum ProgramCompiler {
    /// Layers of a plan that stand for no operators of the model: where the raw input is, what is done to it before
    /// the model, where the result is wanted.
    public static let pseudoLayers: Set<String> = ["source", "preprocess", "destination"]

    /// - Parameters:
    ///   - record: the plan; its layers name those of the graph, in order, with pseudo layers between.
    ///   - layers: the graph's layers at the plan's granularity.
    ///   - placements: the board of every device of the plan, of the source's and the destination's.
    /// - Throws: where the plan does not give every layer of the graph once and in order to a device whose board is
    ///   known.
    public static func compile(
        _ record: PlanRecord, layers: [GraphLayer], placements: [DevicePlacement]
    ) throws(ProgramError) -> PlanProgram {
        let devices = try devicesOfLayers(record, layers)
        if let first = layers.first, first.inputTensors.count != 1 {
            throw ProgramError(
                "model \(record.model.name) has \(first.inputTensors.count) inputs; models with one input can be run")
        }
        if let last = layers.last, last.outputTensors.count != 1 {
            throw ProgramError(
                "model \(record.model.name) has \(last.outputTensors.count) outputs; models with one output can be run")
        }
        var segments: [ProgramSegment] = []
        var start = 0
        while start < layers.count {
            var end = start + 1
            while end < layers.count, devices[end] == devices[start] { end += 1 }
            segments.append(
                try segment(
                    index: segments.count, device: devices[start], of: layers[start..<end], record: record,
                    placements: placements))
            start = end
        }
        return PlanProgram(
            plan: record.id, model: record.model.name, segments: segments,
            source: try node(of: record.model.source, record, placements),
            destination: try node(of: record.model.destination, record, placements))
    }

    private static func devicesOfLayers(
        _ record: PlanRecord, _ layers: [GraphLayer]
    ) throws(ProgramError) -> [DeviceID] {
        var devices: [DeviceID] = []
        for planned in record.plan.layers {
            if devices.count < layers.count, planned.name == layers[devices.count].name {
                devices.append(planned.device)
            } else if !pseudoLayers.contains(planned.name) {
                let expected = devices.count < layers.count ? "\"\(layers[devices.count].name)\"" : "no further layer"
                throw ProgramError(
                    "plan \(record.id) has layer \"\(planned.name)\" where model \(record.model.name) has \(expected); "
                        + "the plan was made for another model or granularity")
            }
        }
        guard devices.count == layers.count else {
            throw ProgramError(
                "plan \(record.id) leaves layer \"\(layers[devices.count].name)\" of model \(record.model.name) "
                    + "to no device")
        }
        return devices
    }

    private static func segment(
        index: Int, device: DeviceID, of layers: ArraySlice<GraphLayer>, record: PlanRecord,
        placements: [DevicePlacement]
    ) throws(ProgramError) -> ProgramSegment {
        guard let first = layers.first, let last = layers.last else {
            throw ProgramError("plan \(record.id) has a segment without layers")
        }
        return ProgramSegment(
            index: index, device: device, node: try node(of: device, record, placements), layers: layers.indices,
            operators: first.operators.lowerBound..<last.operators.upperBound, inputTensor: first.inputTensor,
            outputTensor: last.outputTensor, flop: layers.reduce(0) { $0 + $1.flop },
            weightBytes: layers.reduce(0) { $0 + $1.weightBytes },
            activationPeakBytes: layers.reduce(0) { max($0, $1.activationPeakBytes) })
    }

    private static func node(
        of device: DeviceID, _ record: PlanRecord, _ placements: [DevicePlacement]
    ) throws(ProgramError) -> NodeID {
        guard let placement = placements.first(where: { $0.device == device }) else {
            throw ProgramError("plan \(record.id) uses device \(device), of which no board is known")
        }
        return placement.node
    }
}
