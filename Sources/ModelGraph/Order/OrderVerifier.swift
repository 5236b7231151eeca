/// Says what is wrong with an order, with no code of those who make orders.
public enum OrderVerifier {
    /// Nil where every operator runs once, after all that it reads was written.
    public static func fault(_ order: [Int], of problem: OrderProblem) -> String? {
        guard order.count == problem.operators.count else {
            return "the order has \(order.count) steps for \(problem.operators.count) operators"
        }
        var isThere = problem.tensors.map { _ in true }
        for one in problem.operators { for tensor in one.writes { isThere[tensor] = false } }
        var hasRun = Set<Int>()
        for (step, index) in order.enumerated() {
            guard problem.operators.indices.contains(index) else {
                return "step \(step) runs operator \(index), which there is not"
            }
            guard hasRun.insert(index).inserted else { return "step \(step) runs operator \(index) a second time" }
            if let missing = problem.operators[index].reads.first(where: { !isThere[$0] }) {
                return "step \(step), operator \(index), reads tensor \(missing) before it is written"
            }
            for tensor in problem.operators[index].writes { isThere[tensor] = true }
        }
        return nil
    }
}
