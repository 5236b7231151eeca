import ModelGraph
import Sharing

/// What latencies of links cost where devices must meet.
///
/// A meeting is an operator of which every element depends on all elements of some operators before it: a linear layer
/// behind a pooling over whole images, attention over a whole sequence. Let M(1), M(2), ... be meetings, one behind the
/// other, and W(k) the FLOP of operators from M(k-1) on of which M(k) needs all, and whose elements all depend on
/// M(k-1). Let L(k,e) be the earliest time at which device e can begin M(k). Work of W(k) on d begins no sooner than
/// L(k-1,d), and what it gives must be on e in time:
///
///     sum over d of speed(d) * max(0, T(k,e) - latency(d,e) - L(k-1,d)) >= W(k)
///     L(k,e) = min over d of ( T(k,d) + latency(d,e) ),   L(0,e) = latency(source,e)
///
/// with latency(e,e) = 0, and latencies those of the quickest way over several links. The results are the last meeting,
/// on the destination. Bytes are free. It is taken for granted that what an element needs moves along the axes as the
/// element does, as with all rules: then what the first and the last element need wholly, all need.
struct MeetingBound {
    /// Operators behind a meeting among which one that needs more of what is before is looked for.
    private static let lookAhead = 8

    private let shared: SharedGraph
    private let cluster: SharingCluster
    private let latencyS: [[Double]]

    init(_ shared: SharedGraph, _ cluster: SharingCluster) {
        self.shared = shared
        self.cluster = cluster
        var shortest = cluster.latencyS
        for middle in cluster.devices.indices {
            shortest[middle][middle] = 0
            for from in cluster.devices.indices {
                for to in cluster.devices.indices {
                    shortest[from][to] = min(shortest[from][to], shortest[from][middle] + shortest[middle][to])
                }
            }
        }
        latencyS = shortest
    }

    /// Operators between meetings that are all done, every element by some device, before the next one begins, and that
    /// nobody begins before the last one has begun; behind the last meeting those that the results need.
    func phases(leastFLOP: [Double]) -> [[Int]] {
        let count = shared.graph.operators.count
        var phases: [[Int]] = []
        var first = 0
        while first < count {
            let follows = following(first)
            var meeting: (position: Int, needed: [Int], missedFLOP: Double)?
            var position = first + 1
            while position < count, position <= (meeting?.position ?? count) + Self.lookAhead {
                if follows.contains(position), takesAll(position),
                    let needed = whollyNeeded(position, from: first, follows)
                {
                    let had = needed.reduce(0) { $0 + leastFLOP[$1] }
                    let missed = leastFLOP[first..<position].reduce(0, +) - had
                    if missed < meeting?.missedFLOP ?? .infinity { meeting = (position, needed, missed) }
                }
                position += 1
            }
            guard let meeting else { break }
            phases.append(meeting.needed)
            first = meeting.position
        }
        return phases + [neededByResults(from: first, following(first))]
    }

    func latency(_ phases: [[Int]], leastFLOP: [Double]) -> Double {
        var begins = cluster.devices.indices.map { latencyS[cluster.source][$0] }
        for phase in phases.dropLast() {
            let work = phase.reduce(0) { $0 + leastFLOP[$1] }
            let reached = cluster.devices.indices.map { finish(work, begins, on: $0) }
            begins = cluster.devices.indices.map { device in
                cluster.devices.indices.map { reached[$0] + latencyS[$0][device] }.min() ?? 0
            }
        }
        return finish((phases.last ?? []).reduce(0) { $0 + leastFLOP[$1] }, begins, on: cluster.destination)
    }

    /// The time at which so much work can have reached a device.
    private func finish(_ work: Double, _ begins: [Double], on device: Int) -> Double {
        let ready = cluster.devices.indices.map { (at: begins[$0] + latencyS[$0][device], speed: cluster.speeds[$0]) }
            .sorted { $0.at < $1.at }
        var speed = 0.0
        var done = 0.0
        var now = ready[0].at
        for (index, one) in ready.enumerated() {
            if index > 0 {
                let next = done + speed * (one.at - now)
                if next >= work { break }
                done = next
                now = one.at
            }
            speed += one.speed
        }
        return now + max(0, work - done) / speed
    }

    /// Operators from a meeting on of which every element depends on it.
    private func following(_ first: Int) -> Set<Int> {
        var found: Set<Int> = [first]
        guard first > 0 else {
            // Every element that is computed from the graph's inputs alone depends on one.
            return Set(shared.graph.operators.indices.filter { !shared.graph.operators[$0].activations.isEmpty })
        }
        for position in first + 1..<shared.graph.operators.count {
            let step = shared.graph.operators[position]
            let depends = step.activations.map { input in
                shared.graph.tensors[input]?.producer.map(found.contains) ?? false
            }
            // An element of these may depend on one of the inputs alone, or on none.
            let isPart = ["Concat", "Pad", "Expand", "Where", "Gather"].contains(step.type)
            if isPart ? !depends.isEmpty && depends.allSatisfy({ $0 }) && step.type != "Pad" : depends.contains(true) {
                found.insert(position)
            }
        }
        return found
    }

    /// Do the first and the last element need all of some input? Only such operators are tried as meetings.
    private func takesAll(_ position: Int) -> Bool {
        let shape = shared.shape(of: position)
        guard shape.allSatisfy({ $0 > 0 }) else { return false }
        return [Region(shape.map { _ in 0..<1 }), Region(shape.map { $0 - 1..<$0 })].allSatisfy { corner in
            (try? shared.needs(position, corner))?.inputs.contains { input in
                input.region.elementCount > 1 && input.region.isWhole(of: shared.shape(ofTensor: input.tensor))
            } ?? false
        }
    }

    /// The operators from `first` on, before a position, that every element of it needs wholly and that hold more than
    /// one element (nil: it is no meeting).
    private func whollyNeeded(_ position: Int, from first: Int, _ follows: Set<Int>) -> [Int]? {
        let shape = shared.shape(of: position)
        guard shared.graph.operators[position].outputs.count == 1, shape.allSatisfy({ $0 > 0 }) else { return nil }
        let corners = [Region(shape.map { _ in 0..<1 }), Region(shape.map { $0 - 1..<$0 })]
        var whole: Set<Int>?
        for corner in corners {
            guard let needed = neededWholly([position: [corner]], from: first) else { return nil }
            whole = whole.map { $0.intersection(needed) } ?? needed
        }
        let found = (whole ?? []).subtracting([position]).intersection(follows).sorted()
        // The meeting before it is among them where all operators between depend on each other wholly.
        guard found.contains(where: { $0 > first || first == 0 }),
            found.contains(where: { shared.shape(of: $0).reduce(1, *) > 1 && shared.graph.operators[$0].flop > 0 })
        else { return nil }
        return found
    }

    /// Operators from `first` on of which everything is needed for some regions of later ones (nil: not known).
    private func neededWholly(_ regions: [Int: [Region]], from first: Int) -> Set<Int>? {
        var wanted = regions
        var whole: Set<Int> = []
        guard let last = regions.keys.max() else { return [] }
        for position in stride(from: last, through: first, by: -1) {
            guard let parts = wanted[position] else { continue }
            let all = Region.whole(shared.shape(of: position))
            if shared.graph.operators[position].outputs.count == 1, all.subtracting(parts).isEmpty {
                whole.insert(position)
            }
            for part in parts {
                guard let needs = try? shared.needs(position, part) else { return nil }
                for input in needs.inputs {
                    guard let producer = shared.graph.tensors[input.tensor]?.producer, producer >= first else {
                        continue
                    }
                    // Which part of its first result makes a part of another one is not known.
                    guard shared.graph.operators[producer].outputs.first == input.tensor else { continue }
                    let known = wanted[producer] ?? []
                    if !known.contains(where: { $0.contains(input.region) }) {
                        wanted[producer] = known.filter { !input.region.contains($0) } + [input.region]
                    }
                }
            }
        }
        return whole
    }

    private func neededByResults(from first: Int, _ follows: Set<Int>) -> [Int] {
        var regions: [Int: [Region]] = [:]
        for output in shared.graph.outputs {
            guard let producer = shared.graph.tensors[output]?.producer, producer >= first else { continue }
            regions[producer] = [.whole(shared.shape(of: producer))]
        }
        return (neededWholly(regions, from: first) ?? []).intersection(follows).sorted()
    }
}
