/// The order of least memory among those that ONNX Runtime's own walk takes, and how to list operators for it.
///
/// ONNX Runtime does not run operators as a file lists them. It walks from the last operators against the flow: what
/// an operator reads comes before it, the producer that is listed last comes first with all that it needs
/// (onnxruntime/core/graph/graph_viewer.cc, `Graph::ReverseDFSFrom` with nodes compared by index). The order of
/// `ExactOrder` is such a walk where it completes one branch before the next; elsewhere this comes near.
public struct DepthFirstOrder: Sendable, Equatable {
    /// Positions in `OrderProblem.operators`, in the order in which a file lists them.
    public let listing: [Int]
    /// The order in which they run then.
    public let order: [Int]
    public let value: OrderValue

    /// Operators that all walks which are tried pass together.
    public static let maximumVisits = 50_000

    /// - Parameter wanted: a possible order to come near to, such as that of `ExactOrder`.
    public init(_ problem: OrderProblem, near wanted: [Int]) {
        var best = Self.try(problem, Array(wanted.reversed()))
        for listing in [Array(problem.operators.indices), problem.operators.indices.reversed()] {
            let other = Self.try(problem, listing)
            if other.value < best.value { best = other }
        }
        let merges = problem.operators.indices.filter { problem.predecessors[$0].count > 1 }
        var walks = 0
        let maximumWalks = Self.maximumVisits / max(problem.operators.count, 1)
        var isBetter = best.order != wanted
        while isBetter, walks < maximumWalks {
            isBetter = false
            for merge in merges {
                for branch in problem.predecessors[merge] where walks < maximumWalks {
                    walks += 1
                    let other = Self.try(problem, Self.moved(branch, among: problem.predecessors[merge], best.listing))
                    if other.value < best.value { (best, isBetter) = (other, true) }
                }
            }
        }
        (listing, order, value) = best
    }

    private static func `try`(
        _ problem: OrderProblem, _ listing: [Int]
    ) -> (listing: [Int], order: [Int], value: OrderValue) {
        let order = walk(problem, listing: listing)
        return (listing, order, OrderMemory(problem, order).value)
    }

    /// The operator takes the last of the places that these operators have in the listing; the others move up.
    private static func moved(_ branch: Int, among branches: [Int], _ listing: [Int]) -> [Int] {
        let members = Set(branches)
        let places = listing.indices.filter { members.contains(listing[$0]) }
        let sequence = places.map { listing[$0] }.filter { $0 != branch } + [branch]
        var moved = listing
        for (place, index) in zip(places, sequence) { moved[place] = index }
        return moved
    }

    /// The order in which ONNX Runtime runs operators that are listed in this way.
    public static func walk(_ problem: OrderProblem, listing: [Int]) -> [Int] {
        var rank = [Int](repeating: 0, count: problem.operators.count)
        for (position, index) in listing.enumerated() { rank[index] = position }
        var isVisited = [Bool](repeating: false, count: problem.operators.count)
        var order: [Int] = []
        order.reserveCapacity(listing.count)
        // An operator is met twice: first what it reads is put above it, then it runs.
        var pending = listing.filter { problem.successors[$0].isEmpty }.map { (index: $0, isLeft: false) }
        while let (index, isLeft) = pending.popLast() {
            if isLeft {
                order.append(index)
                continue
            }
            if isVisited[index] { continue }
            isVisited[index] = true
            pending.append((index, true))
            for earlier in problem.predecessors[index].sorted(by: { rank[$0] < rank[$1] }) where !isVisited[earlier] {
                pending.append((earlier, false))
            }
        }
        return order
    }
}
