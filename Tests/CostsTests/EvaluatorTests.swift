import Costs
import TestKit
import Testing

@Suite struct EvaluatorTests {
    @Test func `everything on one device costs compute, weights and transfers inside it`() throws {
        let prediction = try Evaluator.price(["A", "A", "A", "A"], of: HandMadeProblem.make())
        #expect(prediction.computeS == 8)
        #expect(abs(prediction.weightsS - 1.2) < 1e-12)
        // 1000, 2000 and 100 bytes at 10,000 bytes a second.
        #expect(abs(prediction.transferS - 0.31) < 1e-12)
        #expect(abs(prediction.latencyS - 9.51) < 1e-12)
        #expect(prediction.devices.map(\.id) == ["A"])
        #expect(prediction.devices.map(\.peakMemoryBytes) == [12_000 + 3000])
        #expect(prediction.devices.map(\.flopsShare) == [1])
        #expect(prediction.energyJ == nil)
    }

    @Test func `a step between devices goes at the slowest of both ends and the link, and adds its latency`() throws {
        let prediction = try Evaluator.price(["A", "A", "B", "A"], of: HandMadeProblem.make())
        #expect(abs(prediction.computeS - (2 + 1.5)) < 1e-12)
        #expect(abs(prediction.weightsS - (0.4 + 0.08)) < 1e-12)
        // 1000 bytes inside A; 2000 and 100 bytes at B's 500 bytes a second, each with 0.25 s.
        #expect(abs(prediction.transferS - (0.1 + 4.25 + 0.45)) < 1e-12)
        #expect(prediction.devices.map(\.id) == ["A", "B"])
        #expect(prediction.devices.map(\.peakMemoryBytes) == [4000 + 3000, 8000 + 2100 + 50])
        #expect(prediction.devices.map(\.flopsShare) == [0.25, 0.75])
    }

    @Test func `without limits of the ends the link alone decides`() throws {
        var problem = HandMadeProblem.make()
        problem.devices[1].networkBandwidthBytesPerS = nil
        let prediction = try Evaluator.price(["A", "A", "B", "A"], of: problem)
        #expect(abs(prediction.transferS - (0.1 + 2.25 + 0.35)) < 1e-12)
    }

    @Test func `resident weights cost nothing for an inference and still take memory`() throws {
        var problem = HandMadeProblem.make()
        problem.weights = .resident
        let prediction = try Evaluator.price(["A", "A", "A", "A"], of: problem)
        #expect(prediction.weightsS == 0)
        #expect(prediction.devices.map(\.peakMemoryBytes) == [15_000])
    }

    @Test func `a step that no link allows is named`() throws {
        var problem = HandMadeProblem.make()
        problem.links = []
        #expect(throws: ProblemError("layers 1 (one) and 2 (two): no link joins A and B")) {
            try Evaluator.price(["A", "A", "B", "A"], of: problem)
        }
    }

    @Test func `an assignment of the wrong length or with an unknown device is refused`() throws {
        #expect(throws: ProblemError("assignment: it names devices for 2 of 4 layers")) {
            try Evaluator.price(["A", "A"], of: HandMadeProblem.make())
        }
        #expect(throws: ProblemError("assignment: there is no device C in the problem")) {
            try Evaluator.price(["A", "C", "A", "A"], of: HandMadeProblem.make())
        }
    }

    @Test func `a model without operations has shares of zero, not of nothing`() throws {
        var problem = HandMadeProblem.make()
        problem.layers[1].flop = 0
        problem.layers[2].flop = 0
        let prediction = try Evaluator.price(["A", "A", "B", "A"], of: problem)
        #expect(prediction.devices.map(\.flopsShare) == [0, 0])
    }
}
