import Sharing

/// The steps of one device of a shared program, with numbers for its messages that all devices agree on.
struct SharedDeviceProgram: Sendable {
    enum Step: Sendable, Equatable {
        case receive(message: Int, TensorRegion)
        /// `segment` counts the device's own runs.
        case run(segment: Int, SharedSegment)
        case send(message: Int, TensorRegion, to: Int)
    }

    let device: Int
    let steps: [Step]
    /// Tensors that no step after this one reads, by step.
    let dropped: [[String]]
    /// The graph's inputs on the source and its outputs on the destination; none elsewhere.
    let inputs: [TensorRegion]
    let results: [TensorRegion]
    /// Messages of all devices; what is not one of them is numbered from here on.
    let messageCount: Int

    init(_ program: SharedProgram, device: Int, of shared: SharedGraph) {
        struct Message: Hashable {
            let content: TensorRegion
            let from: Int
            let to: Int
        }
        var numbers: [Message: Int] = [:]
        for (sender, steps) in program.devices.enumerated() {
            for case .send(let content, let receiver) in steps {
                numbers[Message(content: content, from: sender, to: receiver)] = numbers.count
            }
        }
        var segments = 0
        let steps = program.devices[device].map { step -> Step in
            switch step {
            case .receive(let content, let sender):
                return .receive(
                    message: numbers[Message(content: content, from: sender, to: device)] ?? -1, content)
            case .send(let content, let receiver):
                return .send(
                    message: numbers[Message(content: content, from: device, to: receiver)] ?? -1, content,
                    to: receiver)
            case .run(let segment):
                defer { segments += 1 }
                return .run(segment: segments, segment)
            }
        }
        func whole(_ name: String) -> TensorRegion { TensorRegion(name, .whole(shared.shape(ofTensor: name))) }
        let results = device == program.destination ? shared.graph.outputs.map(whole) : []
        var seen = Set(results.map(\.tensor))
        var dropped: [[String]] = []
        for step in steps.reversed() {
            let names: [String] =
                switch step {
                case .receive: []
                case .send(_, let content, _): [content.tensor]
                case .run(_, let segment): segment.inputs.map(\.tensor) + segment.outputs.map(\.tensor)
                }
            dropped.append(names.filter { seen.insert($0).inserted })
        }
        self.device = device
        self.steps = steps
        self.dropped = dropped.reversed()
        inputs = device == program.source ? shared.graph.inputs.map(whole) : []
        self.results = results
        messageCount = numbers.count
    }

    /// Number of runs.
    var segmentCount: Int { steps.count { if case .run = $0 { true } else { false } } }
}

/// One request on one device of a shared program: what came goes in, what is to be done comes out. Pure.
struct SharedRun {
    enum Effect: Equatable {
        case run(segment: Int, [Tensor])
        case send(message: Int, to: Int, Tensor)
        /// All steps are done; the results where this is the destination.
        case finish([Tensor])
    }

    private let program: SharedDeviceProgram
    private var next = 0
    private var held = HeldRegions()
    /// Messages that came before their step.
    private var waiting: [Int: Tensor] = [:]
    private var isRunning = false
    private var hasStarted: Bool

    init(_ program: SharedDeviceProgram) {
        self.program = program
        hasStarted = program.inputs.isEmpty
    }

    /// The request's input is here, on the source.
    mutating func start(_ inputs: [Tensor]) throws(InferenceError) -> [Effect] {
        guard inputs.count == program.inputs.count else {
            throw InferenceError(.input, "the model takes \(program.inputs.count) tensors, \(inputs.count) came")
        }
        for (named, tensor) in zip(program.inputs, inputs) { try held.put(named, tensor) }
        hasStarted = true
        return try advance()
    }

    /// A message came.
    mutating func arrived(_ message: Int, _ tensor: Tensor) throws(InferenceError) -> [Effect] {
        let isExpected = program.steps[next...].contains {
            if case .receive(message, _) = $0 { true } else { false }
        }
        guard isExpected, waiting[message] == nil else {
            throw InferenceError(.input, "message \(message) is not expected, or came before")
        }
        waiting[message] = tensor
        return try advance()
    }

    /// The run that was asked for is done.
    mutating func ran(_ outputs: [Tensor]) throws(InferenceError) -> [Effect] {
        guard isRunning, next < program.steps.count, case .run(_, let segment) = program.steps[next],
            outputs.count == segment.outputs.count
        else { throw InferenceError(.run, "a run gave \(outputs.count) tensors that were not asked for") }
        isRunning = false
        for (named, tensor) in zip(segment.outputs, outputs) { try held.put(named, tensor) }
        finishStep()
        return try advance()
    }

    private mutating func advance() throws(InferenceError) -> [Effect] {
        guard hasStarted, !isRunning else { return [] }
        var effects: [Effect] = []
        while next < program.steps.count {
            switch program.steps[next] {
            case .receive(let message, let content):
                guard let tensor = waiting.removeValue(forKey: message) else { return effects }
                try held.put(content, tensor)
            case .send(let message, let content, let receiver):
                effects.append(.send(message: message, to: receiver, try held.tensor(content)))
            case .run(let segment, let what):
                var inputs: [Tensor] = []
                for input in what.inputs { inputs.append(try held.tensor(input)) }
                isRunning = true
                effects.append(.run(segment: segment, inputs))
                return effects
            }
            finishStep()
        }
        var results: [Tensor] = []
        for result in program.results { results.append(try held.tensor(result)) }
        return effects + [.finish(results)]
    }

    private mutating func finishStep() {
        for tensor in program.dropped[next] { held.drop(tensor) }
        next += 1
    }
}
