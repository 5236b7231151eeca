import Costs
import ModelGraph
import TestKit
import Testing

@Suite struct DepthFirstOrderTests {
    @Test func `every walk is a possible order and the chosen one is never worse than that of the file`() throws {
        var generator = SeededGenerator(seed: 21)
        for _ in 0..<300 {
            let problem = try OrderProblem.random(using: &generator)
            let listing = Array(problem.operators.indices).shuffled(using: &generator)
            #expect(OrderVerifier.fault(DepthFirstOrder.walk(problem, listing: listing), of: problem) == nil)
            let exact = try ExactOrder(problem)
            let chosen = DepthFirstOrder(problem, near: exact.order)
            #expect(chosen.order == DepthFirstOrder.walk(problem, listing: chosen.listing))
            #expect(chosen.value == OrderMemory(problem, chosen.order).value)
            #expect(chosen.value >= exact.bound)
            let file = DepthFirstOrder.walk(problem, listing: Array(problem.operators.indices))
            #expect(chosen.value <= OrderMemory(problem, file).value)
        }
    }

    @Test func `the producer that is listed last comes first with all that it needs`() throws {
        // 0 feeds two branches, 1-2 and 3-4, which 5 joins.
        let problem = try OrderProblem(
            tensors: (0...6).map { _ in .init(byteCount: 4) },
            operators: [
                .init(reads: [0], writes: [1]), .init(reads: [1], writes: [2]), .init(reads: [2], writes: [3]),
                .init(reads: [1], writes: [4]), .init(reads: [4], writes: [5]), .init(reads: [3, 5], writes: [6]),
            ])
        #expect(DepthFirstOrder.walk(problem, listing: [0, 1, 2, 3, 4, 5]) == [0, 3, 4, 1, 2, 5])
        #expect(DepthFirstOrder.walk(problem, listing: [5, 4, 3, 2, 1, 0]) == [0, 1, 2, 3, 4, 5])
    }
}
