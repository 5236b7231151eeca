/// The baseline Greedy: always the ready operator with the largest input tensor.
public enum GreedyOrder {
    public static func order(_ problem: OrderProblem) -> [Int] {
        let largest = problem.operators.map { one in
            one.reads.map { problem.tensors[$0].byteCount }.max() ?? 0
        }
        return problem.order { largest[$0] }
    }
}
