/// What the operators of a part cost at least, in whatever order.
struct OrderBounds {
    /// For each operator the least that can be live while it runs: its own tensors, and those that must wait beside.
    let transients: [Int]
    /// For each operator what it adds to the live bytes at least, each shared input counted in parts.
    ///
    /// A tensor lives until the last of its readers has run, hence at least as long as any mean of its readers'; so it
    /// may go in parts, one with each reader.
    let changes: [Int]
    /// For each operator what its step holds beyond what lived before, at least.
    let extras: [Int]
    /// For each operator those that may run before or after it.
    let unordered: [[UInt64]]
    let descendantCounts: [Int]

    init(_ problem: OrderProblem, _ states: OrderStates, beside: Int) {
        let words = states.words
        func has(_ set: [UInt64], _ member: Int) -> Bool { set[member >> 6] >> UInt64(member & 63) & 1 == 1 }
        var transients: [Int] = []
        var changes: [Int] = []
        var extras: [Int] = []
        // Tensors that are written before and read after an operator, whatever the order: found from their ends.
        var waiting = [Int](repeating: beside, count: problem.operators.count)
        for (tensor, one) in problem.tensors.enumerated() {
            let readers = problem.readers[tensor]
            guard one.leaves || !readers.isEmpty else { continue }
            var after = [UInt64](repeating: one.leaves ? .max : 0, count: words)
            for reader in readers { for word in 0..<words { after[word] |= states.ancestors[reader][word] } }
            if let producer = problem.producers[tensor] {
                for word in 0..<words { after[word] &= states.descendants[producer][word] }
            }
            for reader in readers { after[reader >> 6] &= ~(1 << UInt64(reader & 63)) }
            for word in 0..<words {
                var rest = after[word]
                while rest != 0 {
                    let index = word * 64 + rest.trailingZeroBitCount
                    rest &= rest - 1
                    if index < waiting.count { waiting[index] += one.byteCount }
                }
            }
        }
        for (index, one) in problem.operators.enumerated() {
            let extra = states.mayOverwrite(index) ? 0 : states.written[index]
            extras.append(extra)
            transients.append(waiting[index] + extra + one.reads.reduce(0) { $0 + problem.tensors[$1].byteCount })
            var change = states.written[index] - states.dropped[index]
            for tensor in one.reads where !problem.tensors[tensor].leaves && problem.readers[tensor].count > 1 {
                // Readers after which another one comes never are the last.
                let last = problem.readers[tensor].filter { reader in
                    !problem.readers[tensor].contains { has(states.descendants[reader], $0) }
                }
                guard let place = last.firstIndex(of: index) else { continue }
                let size = problem.tensors[tensor].byteCount
                change -= size / last.count + (place == 0 ? size % last.count : 0)
            }
            changes.append(change)
        }
        self.transients = transients
        self.changes = changes
        self.extras = extras
        unordered = problem.operators.indices.map { index in
            (0..<words).map { word in
                let all =
                    word == words - 1 && states.count & 63 != 0 ? (1 << UInt64(states.count & 63)) - 1 : UInt64.max
                let own: UInt64 = index >> 6 == word ? 1 << UInt64(index & 63) : 0
                return all & ~states.ancestors[index][word] & ~states.descendants[index][word] & ~own
            }
        }
        descendantCounts = states.descendants.map { set in set.reduce(0) { $0 + $1.nonzeroBitCount } }
    }
}
