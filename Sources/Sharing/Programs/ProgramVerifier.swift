extension SharedProgram {
    /// Plays the program, without computing: every device does its steps as far as it can, in turn.
    ///
    /// Checks, from the steps and the graph alone, that all devices come to their end, that each run holds what its
    /// parts need and leaves what it says, that each device sends only what it holds, that every message is received
    /// once, and that the graph's outputs are at the destination. Throws the first thing that is wrong.
    public func verify(_ shared: SharedGraph) throws(SharingError) {
        guard devices.indices.contains(source), devices.indices.contains(destination) else {
            throw SharingError("source \(source) and destination \(destination) must be among \(devices.count) devices")
        }
        var play = Play(shared: shared, deviceCount: devices.count)
        for input in shared.graph.inputs {
            play.hold(TensorRegion(input, .whole(shared.shape(ofTensor: input))), on: source)
        }
        var next = [Int](repeating: 0, count: devices.count)
        var moved = true
        while moved {
            moved = false
            for (device, steps) in devices.enumerated() {
                while next[device] < steps.count, try play.does(steps[next[device]], on: device) {
                    next[device] += 1
                    moved = true
                }
            }
        }
        if let stuck = devices.indices.first(where: { next[$0] < devices[$0].count }) {
            throw SharingError(
                "device \(stuck) waits for ever at step \(next[stuck]): \(devices[stuck][next[stuck]]) is never sent")
        }
        if let left = play.messages.first(where: { $0.value > 0 })?.key {
            throw SharingError("device \(left.to) never receives \(left.content), which device \(left.from) sends")
        }
        for output in shared.graph.outputs {
            let whole = TensorRegion(output, .whole(shared.shape(ofTensor: output)))
            if let missing = play.missing(whole, on: destination).first {
                throw SharingError("\(missing) of output '\(output)' never comes to the destination, \(destination)")
            }
        }
    }
}

/// The state of all devices while a program is played.
private struct Play {
    struct Message: Hashable {
        let content: TensorRegion
        let from: Int
        let to: Int
    }

    let shared: SharedGraph
    let deviceCount: Int
    /// What each device holds, by tensor.
    private var held: [[String: [Region]]]
    /// Messages on their way, with how many of each.
    private(set) var messages: [Message: Int] = [:]

    init(shared: SharedGraph, deviceCount: Int) {
        self.shared = shared
        self.deviceCount = deviceCount
        held = [[String: [Region]]](repeating: [:], count: deviceCount)
    }

    mutating func hold(_ named: TensorRegion, on device: Int) {
        held[device][named.tensor, default: []].append(named.region)
    }

    func missing(_ named: TensorRegion, on device: Int) -> [Region] {
        named.region.subtracting(held[device][named.tensor] ?? [])
    }

    /// Does a step; false where it must wait.
    mutating func does(_ step: SharedStep, on device: Int) throws(SharingError) -> Bool {
        switch step {
        case .send(let content, let receiver):
            guard (0..<deviceCount).contains(receiver), receiver != device else {
                throw SharingError("device \(device) sends \(content) to \(receiver), which is no other device")
            }
            if let missing = missing(content, on: device).first {
                throw SharingError("device \(device) sends \(content) but does not hold \(missing)")
            }
            messages[Message(content: content, from: device, to: receiver), default: 0] += 1
        case .receive(let content, let sender):
            let message = Message(content: content, from: sender, to: device)
            guard let count = messages[message], count > 0 else { return false }
            messages[message] = count - 1
            hold(content, on: device)
        case .run(let segment): try run(segment, on: device)
        }
        return true
    }

    private mutating func run(_ segment: SharedSegment, on device: Int) throws(SharingError) {
        for input in segment.inputs {
            if let missing = missing(input, on: device).first {
                throw SharingError("device \(device) runs on \(input) but does not hold \(missing)")
            }
        }
        // Inside of the segment: regions that one of its inputs or parts gives as a whole.
        var given = Dictionary(grouping: segment.inputs, by: \.tensor).mapValues { $0.map(\.region) }
        for part in segment.parts {
            guard shared.graph.operators.indices.contains(part.position) else {
                throw SharingError("device \(device) runs operator \(part.position), which the graph does not have")
            }
            let needs: RegionNeeds
            do {
                needs = try shared.needs(part.position, part.region)
            } catch {
                throw SharingError(error.description)
            }
            for input in needs.inputs
            where !(given[input.tensor] ?? []).contains(where: { $0.contains(input.region) }) {
                throw SharingError(
                    "device \(device) runs operator '\(shared.graph.operators[part.position].name)' on \(part.region) "
                        + "without \(input)")
            }
            for output in needs.outputs { given[output.tensor, default: []].append(output.region) }
        }
        for output in segment.outputs {
            guard (given[output.tensor] ?? []).contains(where: { $0.contains(output.region) }) else {
                throw SharingError("device \(device) takes \(output) from a run that does not compute it")
            }
            hold(output, on: device)
        }
    }
}
