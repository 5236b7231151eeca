import Sharing

/// By how many bytes every plan must exceed the memories of the devices, summed; 0 where a plan may fit.
///
/// Let W be all weights, each once, and O the bytes of the results, which the destination holds at the end. Of an
/// operator whose every element needs the same weights w, and whose result of o bytes is one of the graph's, each
/// device of the set T that computes some of it holds w, and its part of the result; the destination holds the others'
/// parts as well. With M(d) the memories and b(d) = [d in T] w + [d is the destination] O, every plan exceeds them by
/// the larger of
///
///     W + (|T| - 1) w + O + (destination in T ? 0 : o) - sum over d of M(d)
///     sum over d of max(0, b(d) - M(d)) + (destination in T ? 0 : max(0, o - sum over d in T of max(0, M(d) - w)))
///
/// for some T: by the least of it over all T. Of several such operators the largest figure counts.
public enum MemoryBound {
    /// Sets of more devices are too many to look at.
    private static let devicesMost = 12

    public static func excessBytes(_ shared: SharedGraph, _ cluster: SharingCluster) -> Int {
        let memories = cluster.devices.compactMap(\.memoryBytes)
        guard memories.count == cluster.deviceCount, cluster.deviceCount <= devicesMost else { return 0 }
        let all = memories.reduce(0, +)
        let outputs = shared.graph.activationBytes(of: shared.graph.outputs)
        var seen: [String: [Region]] = [:]
        var weights = 0
        for position in shared.graph.operators.indices {
            let needs = try? shared.needs(position, .whole(shared.shape(of: position)))
            for weight in needs?.weights ?? [] {
                for part in weight.region.subtracting(seen[weight.tensor] ?? []) {
                    seen[weight.tensor, default: []].append(part)
                    weights += shared.byteCount(TensorRegion(weight.tensor, part))
                }
            }
        }
        var least = max(0, weights + outputs - all)
        for (position, step) in shared.graph.operators.enumerated() {
            let results = step.outputs.filter(shared.graph.outputs.contains)
            guard step.outputs.count == 1, results.count == 1 else { continue }
            let result = shared.graph.activationBytes(of: results)
            let common = commonWeightBytes(position, shared)
            var excess = Int.max
            for set in 1..<1 << cluster.deviceCount {
                let takesPart = memories.indices.map { set & 1 << $0 != 0 }
                let isAtEnd = takesPart[cluster.destination]
                let together =
                    weights + (takesPart.count { $0 } - 1) * common + outputs + (isAtEnd ? 0 : result) - all
                var apart = 0
                var room = 0
                for (device, memory) in memories.enumerated() {
                    let held =
                        (takesPart[device] ? common : 0) + (device == cluster.destination ? outputs : 0)
                    apart += max(0, held - memory)
                    if takesPart[device] { room += max(0, memory - common) }
                }
                if !isAtEnd { apart += max(0, result - room) }
                excess = min(excess, max(together, apart))
            }
            least = max(least, excess)
        }
        return least
    }

    /// Bytes of weights that the first and the last element need wholly; as in `MeetingBound` all elements do then.
    private static func commonWeightBytes(_ position: Int, _ shared: SharedGraph) -> Int {
        let shape = shared.shape(of: position)
        guard shape.allSatisfy({ $0 > 0 }),
            let first = try? shared.needs(position, Region(shape.map { _ in 0..<1 })).weights,
            let last = try? shared.needs(position, Region(shape.map { $0 - 1..<$0 })).weights
        else { return 0 }
        return first.filter { weight in
            last.contains(weight)
                && weight.region.isWhole(of: shared.graph.tensorType(named: weight.tensor)?.shape ?? [])
        }.reduce(0) { $0 + shared.byteCount($1) }
    }
}
