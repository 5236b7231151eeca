/// Writes the steps of one device.
struct DeviceSteps {
    let device: Int
    let assignment: SharedAssignment
    let shared: SharedGraph
    let transfers: Transfers

    func steps() -> [SharedStep] {
        let events = events()
        // What leaves a run: read by a later run, sent, or a result.
        var readers: [String: [(event: Int, region: Region)]] = [:]
        for (index, event) in events.enumerated() {
            for read in reads(event) { readers[read.tensor, default: []].append((index, read.region)) }
        }
        if device == assignment.destination {
            for output in shared.graph.outputs {
                readers[output, default: []].append((events.count, .whole(shared.shape(ofTensor: output))))
            }
        }
        return events.enumerated().compactMap { index, event in
            switch event {
            case .receive(let transfer):
                return .receive(TensorRegion(transfer.tensor, transfer.region), from: transfer.from)
            case .send(let transfer): return .send(TensorRegion(transfer.tensor, transfer.region), to: transfer.to)
            case .run(let positions):
                let segment = segment(positions, at: index, readers)
                // Positions that a later operator leaves out: nobody asks for them.
                return segment.outputs.isEmpty ? nil : .run(segment)
            }
        }
    }

    private enum Event {
        case receive(Transfer)
        case run([Int])
        case send(Transfer)
    }

    /// Receives, runs and sends in the order of the operators; neighbouring runs are one.
    private func events() -> [Event] {
        let count = shared.graph.operators.count
        var incoming = [[Transfer]](repeating: [], count: count + 1)
        // By producer, -1 first.
        var outgoing = [[Transfer]](repeating: [], count: count + 1)
        for transfer in transfers.all {
            if transfer.to == device { incoming[transfer.consumer].append(transfer) }
            if transfer.from == device { outgoing[transfer.producer + 1].append(transfer) }
        }
        var events: [Event] = outgoing[0].map(Event.send)
        for position in 0...count {
            events += incoming[position].map(Event.receive)
            guard position < count, transfers.needs[position][device] != nil else { continue }
            if case .run(let positions)? = events.last {
                events[events.count - 1] = .run(positions + [position])
            } else {
                events.append(.run([position]))
            }
            events += outgoing[position + 1].map(Event.send)
        }
        return events
    }

    private func reads(_ event: Event) -> [TensorRegion] {
        switch event {
        case .receive: []
        case .send(let transfer): [TensorRegion(transfer.tensor, transfer.region)]
        case .run(let positions): positions.flatMap { transfers.needs[$0][device]?.inputs ?? [] }
        }
    }

    private func segment(
        _ positions: [Int], at event: Int, _ readers: [String: [(event: Int, region: Region)]]
    ) -> SharedSegment {
        var made = Set<String>()
        var needed: [TensorRegion] = []
        var outputs: [TensorRegion] = []
        for position in positions {
            guard let needs = transfers.needs[position][device] else { continue }
            for input in needs.inputs where !made.contains(input.tensor) { needed.append(input) }
            for output in needs.outputs {
                made.insert(output.tensor)
                let isRead = readers[output.tensor, default: []].contains {
                    $0.event > event && !$0.region.intersection(output.region).isEmpty
                }
                if isRead { outputs.append(output) }
            }
        }
        return SharedSegment(
            parts: positions.map { SegmentPart(position: $0, region: assignment.layouts[$0].regions[device]) },
            inputs: Self.largest(needed), outputs: outputs)
    }

    /// Regions without those that lie in another one, in their order.
    private static func largest(_ regions: [TensorRegion]) -> [TensorRegion] {
        var kept: [TensorRegion] = []
        for region in regions {
            if kept.contains(where: { $0.tensor == region.tensor && $0.region.contains(region.region) }) { continue }
            kept.removeAll { $0.tensor == region.tensor && region.region.contains($0.region) }
            kept.append(region)
        }
        return kept
    }
}
