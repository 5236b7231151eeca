/// The baseline PEFT on one processor: by predicted earliest finish.
///
/// With one processor nothing is transferred, and the optimistic cost of a task is the longest way from its end to the
/// end of all: `OCT(t) = max over successors s of OCT(s) + cost(s)`. The ready task of the highest one runs.
/// Source: Arabnejad and Barbosa, "List Scheduling Algorithm for Heterogeneous Systems by an Optimistic Cost Table",
/// IEEE TPDS 25(3), 2014, equation 4. Costs are FLOP.
public enum PEFTOrder {
    public static func order(_ problem: OrderProblem) -> [Int] {
        var optimistic = [Double](repeating: 0, count: problem.operators.count)
        for index in problem.operators.indices.reversed() {
            for later in problem.successors[index] {
                optimistic[index] = max(optimistic[index], optimistic[later] + problem.operators[later].flop)
            }
        }
        return problem.order { optimistic[$0] }
    }
}
