import Sharing

/// What each device must hold.
///
/// Weights are those of its regions, each element once. A region of an activation is held from the operator that
/// computes it, or from the operator during which it begins to arrive, to the last operator that reads it or during
/// which it is still being sent; inputs of the graph are held from the start, and results to the end. Where an operator
/// may write its only result over its first input, which nobody reads later, both count once. Copies that a runner
/// makes to put the regions that it received together do not count.
public struct SharedMemory: Equatable, Sendable {
    /// Bytes of weights by device.
    public let weightBytes: [Int]
    /// Largest sum of live regions by device.
    public let activationPeakBytes: [Int]

    public func peakBytes(of device: Int) -> Int { weightBytes[device] + activationPeakBytes[device] }

    public init(
        _ transfers: Transfers, _ schedule: SharedSchedule, _ shared: SharedGraph, _ cluster: SharingCluster
    ) {
        weightBytes = (0..<cluster.deviceCount).map { Self.weightBytes(of: $0, transfers, shared) }
        activationPeakBytes = (0..<cluster.deviceCount).map { device in
            var book = HeldBook(device: device, transfers, schedule, shared)
            book.hold(isSource: device == cluster.source, isDestination: device == cluster.destination)
            return book.peakBytes
        }
    }

    private static func weightBytes(of device: Int, _ transfers: Transfers, _ shared: SharedGraph) -> Int {
        var held: [String: [Region]] = [:]
        var sum = 0
        for row in transfers.needs {
            for weight in row[device]?.weights ?? [] {
                for part in weight.region.subtracting(held[weight.tensor] ?? []) {
                    held[weight.tensor, default: []].append(part)
                    sum += shared.byteCount(TensorRegion(weight.tensor, part))
                }
            }
        }
        return sum
    }
}

/// The regions that one device holds, from when to when. Time is counted in slots: one for each operator that it runs,
/// and one behind them for results.
private struct HeldBook {
    private struct Held {
        let content: TensorRegion
        let byteCount: Int
        let first: Int
        var last: Int
    }

    let device: Int
    let transfers: Transfers
    let schedule: SharedSchedule
    let shared: SharedGraph
    /// Positions of the operators that the device runs.
    private let slots: [Int]
    private var held: [Held] = []
    private var byTensor: [String: [Int]] = [:]

    init(device: Int, _ transfers: Transfers, _ schedule: SharedSchedule, _ shared: SharedGraph) {
        self.device = device
        self.transfers = transfers
        self.schedule = schedule
        self.shared = shared
        slots = transfers.needs.indices.filter { transfers.needs[$0][device] != nil }
    }

    mutating func hold(isSource: Bool, isDestination: Bool) {
        if isSource {
            for input in shared.graph.inputs {
                add(TensorRegion(input, .whole(shared.shape(ofTensor: input))), from: 0)
            }
        }
        for (slot, position) in slots.enumerated() {
            for output in transfers.needs[position][device]?.outputs ?? [] { add(output, from: slot) }
        }
        for (index, transfer) in transfers.all.enumerated() where transfer.to == device {
            add(
                TensorRegion(transfer.tensor, transfer.region),
                from: slot(endingAfter: schedule.transfers[index].startS))
        }
        for (slot, position) in slots.enumerated() {
            for input in transfers.needs[position][device]?.inputs ?? [] { read(input, in: slot) }
        }
        for (index, transfer) in transfers.all.enumerated() where transfer.from == device {
            read(
                TensorRegion(transfer.tensor, transfer.region),
                in: slot(endingAfter: schedule.transfers[index].endS))
        }
        if isDestination {
            for output in shared.graph.outputs {
                read(TensorRegion(output, .whole(shared.shape(ofTensor: output))), in: slots.count)
            }
        }
    }

    /// The first slot that has not ended by a time.
    private func slot(endingAfter timeS: Double) -> Int {
        var low = 0
        var high = slots.count
        while low < high {
            let middle = (low + high) / 2
            if (schedule.runs[slots[middle]][device]?.endS ?? 0) >= timeS { high = middle } else { low = middle + 1 }
        }
        return low
    }

    private mutating func add(_ content: TensorRegion, from slot: Int) {
        byTensor[content.tensor, default: []].append(held.count)
        held.append(Held(content: content, byteCount: shared.byteCount(content), first: slot, last: slot))
    }

    private mutating func read(_ content: TensorRegion, in slot: Int) {
        for index in byTensor[content.tensor] ?? []
        where held[index].last < slot && !held[index].content.region.intersection(content.region).isEmpty {
            held[index].last = slot
        }
    }

    var peakBytes: Int {
        var change = [Int](repeating: 0, count: slots.count + 2)
        for one in held {
            change[one.first] += one.byteCount
            change[one.last + 1] -= one.byteCount
        }
        var live = 0
        var peak = 0
        for slot in 0...slots.count {
            live += change[slot]
            peak = max(peak, live - (slot < slots.count ? overwrittenBytes(slot) : 0))
        }
        return peak
    }

    /// Bytes of the first input whose place an operator's result takes.
    private func overwrittenBytes(_ slot: Int) -> Int {
        let step = shared.graph.operators[slots[slot]]
        guard step.worksInPlace, step.outputs.count == 1, let input = step.activations.first,
            let output = transfers.needs[slots[slot]][device]?.outputs.first
        else { return 0 }
        let byteCount = shared.byteCount(output)
        let dies = (byTensor[input] ?? []).contains {
            held[$0].last == slot && held[$0].first < slot && held[$0].byteCount == byteCount
        }
        return dies ? byteCount : 0
    }
}
