import Costs
import ModelGraph
import TestKit
import Testing

@Suite struct ExactOrderTests {
    private static func problems(_ seed: UInt64, _ count: Int) throws -> [OrderProblem] {
        var generator = SeededGenerator(seed: seed)
        return try (0..<count).map { _ in try OrderProblem.random(using: &generator) }
    }

    @Test(arguments: 0..<10) func `the exact order is as good as the best of all orders`(block: UInt64) throws {
        for (index, problem) in try Self.problems(100 + block, 100).enumerated() {
            let exact = try ExactOrder(problem)
            #expect(OrderVerifier.fault(exact.order, of: problem) == nil, "problem \(index)")
            #expect(OrderMemory(problem, exact.order).value == exact.value)
            #expect(exact.value == problem.bruteForceValue(), "problem \(index)")
            #expect(exact.isProved)
        }
    }

    @Test func `a search that is cut says no more than it knows`() throws {
        for problem in try Self.problems(7, 400) {
            let cut = try ExactOrder(problem, limits: ExactOrder.Limits(levelWidth: 2, partStates: 3))
            let best = problem.bruteForceValue()
            #expect(OrderVerifier.fault(cut.order, of: problem) == nil)
            #expect(cut.value >= best)
            #expect(cut.bound.peakBytes <= best.peakBytes)
            if cut.value.peakBytes == best.peakBytes { #expect(cut.bound.areaBytes <= best.areaBytes) }
            if cut.isProved { #expect(cut.value == best) }
            #expect(cut.isProved || cut.peakGap + cut.areaGap > 0)
        }
    }

    @Test func `backtracking without a limit finds the best, and with one an order`() throws {
        for problem in try Self.problems(11, 300) {
            let whole = BacktrackingOrder(problem, maximumSteps: .max)
            #expect(whole.isComplete)
            #expect(whole.value == problem.bruteForceValue())
            #expect(OrderMemory(problem, whole.order).value == whole.value)
            let cut = BacktrackingOrder(problem, maximumSteps: 1)
            #expect(OrderVerifier.fault(cut.order, of: problem) == nil)
            #expect(cut.value >= whole.value)
        }
    }

    @Test func `no simple order is better, and each is possible`() throws {
        for problem in try Self.problems(13, 200) {
            let best = problem.bruteForceValue()
            var generator = SeededGenerator(seed: 5)
            let random = RandomOrders(problem, count: 20, using: &generator)
            for order in [GreedyOrder.order(problem), PEFTOrder.order(problem), random.best] {
                #expect(OrderVerifier.fault(order, of: problem) == nil)
                #expect(OrderMemory(problem, order).value >= best)
            }
            #expect(random.meanPeakBytes >= Double(best.peakBytes))
            var again = SeededGenerator(seed: 5)
            #expect(RandomOrders(problem, count: 20, using: &again) == random)
        }
    }

    @Test func `greedy takes the largest input and PEFT the longest way to the end`() throws {
        let problem = try OrderProblem(
            tensors: [1, 9, 4, 4, 4].map { OrderProblem.Tensor(byteCount: $0, leaves: $0 == 4) },
            operators: [
                .init(reads: [0], writes: [2], flop: 1), .init(reads: [1], writes: [3], flop: 1),
                .init(reads: [2], writes: [4], flop: 50),
            ])
        #expect(GreedyOrder.order(problem) == [1, 0, 2])
        #expect(PEFTOrder.order(problem) == [0, 1, 2])
    }

    @Test(arguments: [300, 3000])
    func `many operators without a place to split are ordered, if not with a proof`(length: Int) throws {
        // A long chain from which every tenth tensor is read once more at the end.
        var tensors = (0...length).map { OrderProblem.Tensor(byteCount: 100 + 7 * ($0 % 13)) }
        var operators = (0..<length).map { OrderProblem.Operator(reads: [$0], writes: [$0 + 1]) }
        var ends: [Int] = []
        for tap in stride(from: 10, to: length, by: 10) {
            ends.append(tensors.count)
            tensors.append(.init(byteCount: 10))
            operators.append(.init(reads: [tap], writes: [tensors.count - 1]))
        }
        tensors.append(.init(byteCount: 1, leaves: true))
        operators.append(.init(reads: ends + [length], writes: [tensors.count - 1]))
        let problem = try OrderProblem(tensors: tensors, operators: operators)
        let exact = try ExactOrder(problem, limits: ExactOrder.Limits(levelWidth: 50, partStates: 500))
        #expect(OrderVerifier.fault(exact.order, of: problem) == nil)
        #expect(exact.value <= OrderMemory(problem, GreedyOrder.order(problem)).value)
        #expect(exact.bound <= exact.value)
    }
}
