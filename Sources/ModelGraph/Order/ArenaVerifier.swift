/// Says what is wrong with places of tensors, with no code of those who give them.
public enum ArenaVerifier {
    /// Nil where no two tensors that live in the same step share a byte, but for a result that takes its input's place.
    ///
    /// - Parameters:
    ///   - offsets: where each tensor begins, in bytes; nil for one that has no place.
    ///   - order: a possible order.
    public static func fault(
        _ offsets: [Int?], arenaBytes: Int, order: [Int], of problem: OrderProblem
    ) -> String? {
        guard offsets.count == problem.tensors.count else {
            return "there are \(offsets.count) places for \(problem.tensors.count) tensors"
        }
        var unread = problem.readers.map(\.count)
        var live = Set<Int>()
        func enter(_ tensor: Int, _ step: String, inPlaceOf allowed: Set<Int>) -> String? {
            let size = problem.tensors[tensor].byteCount
            guard size > 0 else { return nil }
            guard let offset = offsets[tensor] else { return "tensor \(tensor) has no place in \(step)" }
            guard offset >= 0, offset + size <= arenaBytes else {
                return "tensor \(tensor) lies at \(offset) with \(size) bytes, outside of the arena's \(arenaBytes)"
            }
            for other in live {
                guard let place = offsets[other] else { continue }
                let end = place + problem.tensors[other].byteCount
                guard place < offset + size, offset < end else { continue }
                if place == offset, allowed.contains(other) { continue }
                return "tensors \(tensor) and \(other) overlap in \(step)"
            }
            live.insert(tensor)
            return nil
        }
        for tensor in problem.tensors.indices where problem.producers[tensor] == nil {
            guard problem.tensors[tensor].leaves || unread[tensor] > 0 else { continue }
            if let fault = enter(tensor, "the beginning", inPlaceOf: []) { return fault }
        }
        for (step, index) in order.enumerated() {
            let one = problem.operators[index]
            for tensor in one.reads { unread[tensor] -= 1 }
            let dying = one.reads.filter { unread[$0] == 0 && !problem.tensors[$0].leaves }
            var allowed = Set<Int>()
            if one.worksInPlace, one.writes.count == 1 {
                let size = problem.tensors[one.writes[0]].byteCount
                allowed = Set(dying.filter { problem.tensors[$0].byteCount == size })
            }
            for tensor in one.writes {
                if let fault = enter(tensor, "step \(step)", inPlaceOf: allowed) { return fault }
            }
            live.subtract(dying)
            live.subtract(one.writes.filter { problem.readers[$0].isEmpty && !problem.tensors[$0].leaves })
        }
        return nil
    }
}
