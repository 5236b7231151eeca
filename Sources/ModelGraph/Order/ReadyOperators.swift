/// Operators whose inputs are all written, while an order grows.
struct ReadyOperators {
    private let problem: OrderProblem
    private var missing: [Int]
    /// In no particular order.
    private(set) var ready: [Int]

    init(_ problem: OrderProblem) {
        self.problem = problem
        missing = problem.predecessors.map(\.count)
        ready = problem.operators.indices.filter { problem.predecessors[$0].isEmpty }
    }

    /// Takes the ready operator at a position of `ready`, and adds those that only waited for it.
    mutating func take(at position: Int) -> Int {
        ready.swapAt(position, ready.count - 1)
        let taken = ready.removeLast()
        for later in problem.successors[taken] {
            missing[later] -= 1
            if missing[later] == 0 { ready.append(later) }
        }
        return taken
    }

    /// Takes the operator of the highest rank, of equal ones the one that comes first in the problem.
    mutating func takeBest<Rank: Comparable>(_ rank: (Int) -> Rank) -> Int? {
        guard var best = ready.indices.first else { return nil }
        var highest = rank(ready[best])
        for position in ready.indices.dropFirst() {
            let one = rank(ready[position])
            if one > highest || (one == highest && ready[position] < ready[best]) {
                best = position
                highest = one
            }
        }
        return take(at: best)
    }
}

extension OrderProblem {
    /// The order in which always the ready operator of the highest rank runs.
    func order<Rank: Comparable>(byHighest rank: (Int) -> Rank) -> [Int] {
        var ready = ReadyOperators(self)
        var order: [Int] = []
        while let next = ready.takeBest(rank) { order.append(next) }
        return order
    }
}
