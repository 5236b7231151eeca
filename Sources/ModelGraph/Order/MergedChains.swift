/// Pairs of operators of which the second may always follow the first at once without more area.
///
/// The area is a sum of weighted completion times: an operator is a job of one step whose weight is what it frees less
/// what it writes. Two jobs that every other one must precede or follow alike, one after the other, may be one where
/// the second frees as much for each step as the first (Sidney, "Decomposition Algorithms for Single-Machine Sequencing
/// with Precedence Relations and Deferral Costs", Operations Research 23(2), 1975). This holds where no limit on the
/// peak can bind, and where the order of others changes nothing that the two free or overwrite.
struct MergedChains {
    /// For each operator the one that follows it at once.
    let next: [Int?]
    private let pairs: [(first: Int, second: Int)]

    init(_ problem: OrderProblem, _ states: OrderStates) {
        func has(_ set: [UInt64], _ member: Int) -> Bool { set[member >> 6] >> UInt64(member & 63) & 1 == 1 }
        /// What it frees less what it writes; nil where the order of others decides.
        func freed(_ index: Int) -> Int? {
            guard states.mayOverwrite(index) == states.overwrites[index] else { return nil }
            var sum = states.dropped[index] - states.written[index]
            for tensor in problem.operators[index].reads where !problem.tensors[tensor].leaves {
                let others = problem.readers[tensor].filter { $0 != index }
                guard !others.isEmpty else { continue }
                if others.allSatisfy({ has(states.ancestors[index], $0) }) {
                    sum += problem.tensors[tensor].byteCount
                } else if !others.contains(where: { has(states.descendants[index], $0) }) {
                    return nil
                }
            }
            return sum
        }
        var next = [Int?](repeating: nil, count: problem.operators.count)
        var isInChain = [Bool](repeating: false, count: problem.operators.count)
        for start in problem.operators.indices where !isInChain[start] {
            // Runs of the chain so far, each to be run in one go.
            var runs: [(first: Int, last: Int, freed: Int, steps: Int)] = []
            var index = start
            while let own = freed(index) {
                isInChain[index] = true
                runs.append((index, index, own, 1))
                while runs.count > 1 {
                    let last = runs[runs.count - 1]
                    let before = runs[runs.count - 2]
                    guard last.freed * before.steps >= before.freed * last.steps else { break }
                    next[before.last] = last.first
                    runs.removeLast(2)
                    runs.append((before.first, last.last, before.freed + last.freed, before.steps + last.steps))
                }
                guard problem.successors[index].count == 1, let later = problem.successors[index].first,
                    problem.predecessors[later].count == 1
                else { break }
                index = later
            }
        }
        self.next = next
        pairs = next.enumerated().compactMap { first, second in second.map { (first, $0) } }
    }

    /// The operator that must run next in a state, because the one before it ran.
    func follower(in sets: [UInt64], at offset: Int) -> Int? {
        func isDone(_ index: Int) -> Bool { sets[offset + index >> 6] >> UInt64(index & 63) & 1 == 1 }
        return pairs.first { isDone($0.first) && !isDone($0.second) }?.second
    }

    /// No order of the operators holds more than this in any step.
    static func highestPeak(_ problem: OrderProblem, _ states: OrderStates, beside: Int) -> Int {
        var most = [Int](repeating: beside, count: states.count)
        for (tensor, one) in problem.tensors.enumerated() {
            let readers = problem.readers[tensor]
            var before = [UInt64](repeating: 0, count: states.words)
            if let producer = problem.producers[tensor] { before = states.ancestors[producer] }
            var after = [UInt64](repeating: one.leaves || readers.isEmpty ? 0 : .max, count: states.words)
            if !one.leaves {
                for reader in readers {
                    for word in 0..<states.words { after[word] &= states.descendants[reader][word] }
                }
            }
            for index in 0..<states.count where (before[index >> 6] | after[index >> 6]) >> UInt64(index & 63) & 1 == 0
            {
                most[index] += one.byteCount
            }
        }
        return most.max() ?? 0
    }
}
