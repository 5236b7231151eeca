import Costs
import ModelGraph
import TestKit
import Testing

@Suite struct OrderMemoryTests {
    private typealias Tensor = OrderProblem.Tensor
    private typealias Operator = OrderProblem.Operator

    @Test func `a step holds what lived before and what it writes, and an overwriting one no more`() throws {
        let problem = try OrderProblem(
            tensors: [Tensor(byteCount: 10), Tensor(byteCount: 20), Tensor(byteCount: 20, leaves: true)],
            operators: [
                Operator(reads: [0], writes: [1]), Operator(reads: [1], writes: [2], worksInPlace: true),
            ])
        let memory = OrderMemory(problem, [0, 1])
        #expect(memory.transientBytes == [30, 20])
        #expect(memory.overwritten == [nil, 1])
        #expect(memory.value == OrderValue(peakBytes: 30, areaBytes: 50))
    }

    @Test func `the first input of equal size whose last use it is gives its place`() throws {
        // Tensor 0 is of equal size and first, but is still read.
        let problem = try OrderProblem(
            tensors: [
                Tensor(byteCount: 8), Tensor(byteCount: 8), Tensor(byteCount: 8), Tensor(byteCount: 4, leaves: true),
            ],
            operators: [
                Operator(reads: [0, 1], writes: [2], worksInPlace: true), Operator(reads: [0, 2], writes: [3]),
            ])
        let memory = OrderMemory(problem, [0, 1])
        #expect(memory.overwritten == [1, nil])
        #expect(memory.transientBytes == [16, 20])
    }

    @Test func `several results overwrite nothing, and results that nobody reads go at once`() throws {
        let problem = try OrderProblem(
            tensors: [
                Tensor(byteCount: 8), Tensor(byteCount: 8), Tensor(byteCount: 8), Tensor(byteCount: 1, leaves: true),
            ],
            operators: [
                Operator(reads: [0], writes: [1, 2], worksInPlace: true), Operator(reads: [1], writes: [3]),
            ])
        #expect(OrderMemory(problem, [0, 1]).transientBytes == [24, 9])
    }

    @Test func `what enters lives from the start and what leaves lives to the end`() throws {
        let problem = try OrderProblem(
            tensors: [
                Tensor(byteCount: 5), Tensor(byteCount: 100), Tensor(byteCount: 7, leaves: true),
                Tensor(byteCount: 1, leaves: true),
            ],
            operators: [Operator(reads: [0], writes: [2]), Operator(reads: [1], writes: [3])])
        #expect(problem.enteringBytes == 105)
        #expect(OrderMemory(problem, [0, 1]).transientBytes == [112, 108])
        #expect(OrderMemory(problem, [1, 0]).transientBytes == [106, 13])
    }

    @Test func `the verifier names what is wrong with an order`() throws {
        let problem = try OrderProblem(
            tensors: [Tensor(byteCount: 1), Tensor(byteCount: 1), Tensor(byteCount: 1, leaves: true)],
            operators: [Operator(reads: [0], writes: [1]), Operator(reads: [1], writes: [2])])
        #expect(OrderVerifier.fault([0, 1], of: problem) == nil)
        #expect(OrderVerifier.fault([1, 0], of: problem)?.contains("before it is written") == true)
        #expect(OrderVerifier.fault([0], of: problem)?.contains("1 steps for 2") == true)
        #expect(OrderVerifier.fault([0, 0], of: problem)?.contains("a second time") == true)
        #expect(OrderVerifier.fault([0, 7], of: problem)?.contains("which there is not") == true)
    }

    @Test func `problems that cannot be are refused`() {
        #expect(throws: GraphError.self) {
            try OrderProblem(
                tensors: [Tensor(byteCount: 1), Tensor(byteCount: 1)],
                operators: [Operator(reads: [1], writes: [0]), Operator(reads: [0], writes: [1])])
        }
        #expect(throws: GraphError.self) {
            try OrderProblem(
                tensors: [Tensor(byteCount: 1), Tensor(byteCount: 1)],
                operators: [Operator(reads: [0], writes: [1]), Operator(reads: [0], writes: [1])])
        }
        #expect(throws: GraphError.self) {
            try OrderProblem(
                tensors: [Tensor(byteCount: .max), Tensor(byteCount: .max)],
                operators: [Operator(reads: [0], writes: [1])])
        }
        #expect(throws: GraphError.self) {
            try OrderProblem(tensors: [Tensor(byteCount: 1)], operators: [Operator(reads: [0], writes: [9])])
        }
    }

    @Test func `a graph's own order is priced as the planner prices it`() throws {
        let graph = try ModelGraph(Samples.residual())
        for range in [0..<6, 1..<5, 1..<2, 4..<6] {
            let problem = try OrderProblem(graph, range)
            let peak = OrderMemory(problem, Array(problem.operators.indices)).peakBytes
            #expect(peak == graph.activationPeakBytes(of: range))
        }
    }
}
