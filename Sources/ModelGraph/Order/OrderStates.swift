/// The operators of a part as bit sets, and what a step costs in a state. A state is the set of operators that ran.
struct OrderStates {
    /// An input with several readers, which goes with the last of them.
    private struct Shared {
        var byteCount: Int
        /// The result may take its place.
        var mayBeOverwritten: Bool
    }

    /// What a step comes to.
    struct Cost {
        var transient: Int
        var liveAfter: Int
    }

    let count: Int
    /// Words of a set.
    let words: Int
    /// Bytes of what each operator writes.
    let written: [Int]
    /// Bytes that go when it ends, whatever else ran: inputs that only it reads, results that nobody reads.
    let dropped: [Int]
    /// Its result takes the place of an input that only it reads.
    let overwrites: [Bool]
    /// Where its inputs with several readers stand in `shared`: from here to the next operator's.
    private let sharedStart: [Int]
    private let shared: [Shared]
    /// For each shared input its readers without the one in question, set after set.
    private let otherReaders: [UInt64]
    /// Operators that must run right before each one, set after set.
    private let predecessors: [UInt64]
    /// Operators that need one, directly or not.
    let descendants: [[UInt64]]
    let ancestors: [[UInt64]]
    /// Bytes that live before the first step.
    let liveAtStart: Int

    /// - Parameter beside: bytes that live all the time and that no operator of the part reads or writes.
    init(_ problem: OrderProblem, beside: Int) {
        let count = problem.operators.count
        let words = (count + 63) / 64
        func set(_ members: some Sequence<Int>) -> [UInt64] {
            var set = [UInt64](repeating: 0, count: words)
            for member in members { set[member >> 6] |= 1 << UInt64(member & 63) }
            return set
        }
        self.count = count
        self.words = words
        var ancestors = problem.predecessors.map { set($0) }
        predecessors = ancestors.flatMap { $0 }
        for index in problem.operators.indices {
            for earlier in problem.predecessors[index] {
                for word in 0..<words { ancestors[index][word] |= ancestors[earlier][word] }
            }
        }
        var descendants = problem.successors.map { set($0) }
        for index in problem.operators.indices.reversed() {
            for later in problem.successors[index] {
                for word in 0..<words { descendants[index][word] |= descendants[later][word] }
            }
        }
        self.ancestors = ancestors
        self.descendants = descendants
        var written: [Int] = []
        var dropped: [Int] = []
        var overwrites: [Bool] = []
        var sharedStart = [0]
        var shared: [Shared] = []
        var otherReaders: [UInt64] = []
        for (index, one) in problem.operators.enumerated() {
            let own = one.writes.reduce(0) { $0 + problem.tensors[$1].byteCount }
            var goes = one.writes.reduce(0) { sum, tensor in
                let stays = problem.tensors[tensor].leaves || !problem.readers[tensor].isEmpty
                return sum + (stays ? 0 : problem.tensors[tensor].byteCount)
            }
            var takesPlace = false
            for tensor in one.reads where !problem.tensors[tensor].leaves {
                let byteCount = problem.tensors[tensor].byteCount
                let fits = one.worksInPlace && one.writes.count == 1 && byteCount == own
                if problem.readers[tensor].count == 1 {
                    goes += byteCount
                    if fits { takesPlace = true }
                } else {
                    shared.append(Shared(byteCount: byteCount, mayBeOverwritten: fits))
                    otherReaders += set(problem.readers[tensor].filter { $0 != index })
                }
            }
            written.append(own)
            dropped.append(goes)
            overwrites.append(takesPlace)
            sharedStart.append(shared.count)
        }
        self.written = written
        self.dropped = dropped
        self.overwrites = overwrites
        self.sharedStart = sharedStart
        self.shared = shared
        self.otherReaders = otherReaders
        liveAtStart = problem.enteringBytes + beside
    }

    /// The cost of a step in a state; `done` holds states one after the other, `offset` is where this one begins.
    func cost(of index: Int, live: Int, done: [UInt64], at offset: Int) -> Cost {
        var goes = dropped[index]
        var takesPlace = overwrites[index]
        for position in sharedStart[index]..<sharedStart[index + 1] {
            guard isContained(otherReaders, position * words, in: done, offset) else { continue }
            goes += shared[position].byteCount
            if shared[position].mayBeOverwritten { takesPlace = true }
        }
        return Cost(
            transient: live + (takesPlace ? 0 : written[index]), liveAfter: live + written[index] - goes)
    }

    /// Whether an operator may run next.
    func isReady(_ index: Int, done: [UInt64], at offset: Int) -> Bool {
        done[offset + index >> 6] >> UInt64(index & 63) & 1 == 0
            && isContained(predecessors, index * words, in: done, offset)
    }

    /// Whether an operator's result may take the place of an input in some order.
    func mayOverwrite(_ index: Int) -> Bool {
        overwrites[index]
            || (sharedStart[index]..<sharedStart[index + 1]).contains { position in
                shared[position].mayBeOverwritten
                    && !(0..<words).contains {
                        otherReaders[position * words + $0] & descendants[index][$0] != 0
                    }
            }
    }

    private func isContained(_ sets: [UInt64], _ start: Int, in done: [UInt64], _ offset: Int) -> Bool {
        for word in 0..<words where sets[start + word] & ~done[offset + word] != 0 { return false }
        return true
    }
}
