/// The published BTSearch: tries every ready operator at each step, and goes back.
///
/// A state is the set of operators that ran; a table holds the best value with which each was reached. A way is left
/// where the best order known is no worse, or where its state was reached as well before. The source leaves the
/// table and the choice of the next operator open: here sets are known by 64 bits of hash, and the operator whose step
/// holds least is tried first. Without a limit it ends with an order of least peak and then area.
public struct BacktrackingOrder: Sendable, Equatable {
    public static let usualSteps = 20_000

    /// The best order that was completed.
    public let order: [Int]
    public let value: OrderValue
    /// Operators that were tried.
    public let steps: Int
    /// States in the table.
    public let states: Int
    /// Ways that were left because of the best order, and because of the table.
    public let prunedByBest: Int
    public let prunedByTable: Int
    /// Nothing is left to try: the order is the best there is.
    public let isComplete: Bool

    private struct Frame {
        var choices: [Int]
        var next = 0
        var live: Int
        var value: OrderValue
        var hash: UInt64
    }

    /// - Parameter maximumSteps: after which it ends, but not before it has one order.
    public init(_ problem: OrderProblem, maximumSteps: Int = usualSteps) {
        var search = Search(problem)
        while search.best == nil || search.steps < maximumSteps, search.advance() {}
        order = search.best?.order ?? []
        value = search.best?.value ?? OrderValue(peakBytes: 0, areaBytes: 0)
        steps = search.steps
        states = search.table.count
        prunedByBest = search.prunedByBest
        prunedByTable = search.prunedByTable
        isComplete = search.frames.isEmpty
    }

    private struct Search {
        let problem: OrderProblem
        var missing: [Int]
        var unread: [Int]
        var order: [Int] = []
        var frames: [Frame] = []
        var table: [UInt64: OrderValue] = [:]
        var best: (order: [Int], value: OrderValue)?
        var steps = 0
        var prunedByBest = 0
        var prunedByTable = 0

        init(_ problem: OrderProblem) {
            self.problem = problem
            missing = problem.predecessors.map(\.count)
            unread = problem.readers.map(\.count)
            let live = problem.enteringBytes
            let choices = problem.operators.indices.filter { problem.predecessors[$0].isEmpty }
            frames = [
                Frame(
                    choices: ranked(choices, live: live), live: live, value: OrderValue(peakBytes: 0, areaBytes: 0),
                    hash: 0)
            ]
        }

        /// One operator forward, or one back. False where nothing is left.
        mutating func advance() -> Bool {
            guard let frame = frames.last else { return false }
            guard frame.next < frame.choices.count else {
                frames.removeLast()
                if let index = order.popLast() { undo(index) }
                return !frames.isEmpty
            }
            let index = frame.choices[frame.next]
            frames[frames.count - 1].next += 1
            steps += 1
            let (transient, liveAfter) = run(index, live: frame.live)
            let value = OrderValue(
                peakBytes: max(frame.value.peakBytes, transient), areaBytes: frame.value.areaBytes + transient)
            let hash = frame.hash ^ Self.mark(index)
            if let best, !(value < best.value) {
                prunedByBest += 1
                undo(index)
                return true
            }
            if let known = table[hash], known.peakBytes <= value.peakBytes, known.areaBytes <= value.areaBytes {
                prunedByTable += 1
                undo(index)
                return true
            }
            if table[hash].map({ value < $0 }) ?? true { table[hash] = value }
            order.append(index)
            if order.count == problem.operators.count { best = (order, value) }
            let others = frame.choices.filter { $0 != index }
            let freed = problem.successors[index].filter { missing[$0] == 0 }
            frames.append(
                Frame(choices: ranked(others + freed, live: liveAfter), live: liveAfter, value: value, hash: hash))
            return true
        }

        /// Ready operators, those first whose step holds least.
        private mutating func ranked(_ choices: [Int], live: Int) -> [Int] {
            guard choices.count > 1 else { return choices }
            var ranks: [(transient: Int, index: Int)] = []
            for index in choices {
                ranks.append((run(index, live: live).transient, index))
                undo(index)
            }
            return ranks.sorted { $0 < $1 }.map(\.index)
        }

        /// Runs an operator in the state that the orders so far have led to.
        private mutating func run(_ index: Int, live: Int) -> (transient: Int, liveAfter: Int) {
            let one = problem.operators[index]
            for later in problem.successors[index] { missing[later] -= 1 }
            var written = 0
            var goes = 0
            for tensor in one.writes {
                written += problem.tensors[tensor].byteCount
                let isDropped = problem.readers[tensor].isEmpty && !problem.tensors[tensor].leaves
                if isDropped { goes += problem.tensors[tensor].byteCount }
            }
            var overwrites = false
            for tensor in one.reads {
                unread[tensor] -= 1
                guard unread[tensor] == 0, !problem.tensors[tensor].leaves else { continue }
                goes += problem.tensors[tensor].byteCount
                if one.worksInPlace, one.writes.count == 1, problem.tensors[tensor].byteCount == written {
                    overwrites = true
                }
            }
            return (live + (overwrites ? 0 : written), live + written - goes)
        }

        private mutating func undo(_ index: Int) {
            for later in problem.successors[index] { missing[later] += 1 }
            for tensor in problem.operators[index].reads { unread[tensor] += 1 }
        }

        /// The bits of an operator in the hash of a set (the mixing function of SplitMix64).
        private static func mark(_ index: Int) -> UInt64 {
            var mixed = UInt64(index + 1) &* 0x9E37_79B9_7F4A_7C15
            mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            return mixed ^ (mixed >> 31)
        }
    }
}
