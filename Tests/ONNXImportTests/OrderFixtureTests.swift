import Costs
import ModelGraph
import ONNXImport
import TestKit
import Testing

/// Orders of least memory for the committed models.
@Suite struct OrderFixtureTests {
    @Test(arguments: ModelFixtureTests.known.map(\.name))
    func `no other system has a better order, and an arena holds it without loss`(_ name: String) throws {
        let graph = try ImportedModel.load(path: Fixtures.path("models/\(name).onnx")).graph
        let problem = try OrderProblem(graph)
        let exact = try ExactOrder(problem)
        #expect(OrderVerifier.fault(exact.order, of: problem) == nil)
        // One model has twelve heads beside its trunk, more than can be searched through.
        #expect(exact.isProved == (name != "ssdlite320"))
        #expect(exact.peakGap == 0)
        #expect(exact.statesSearched < 20_000)
        #expect(exact.value.peakBytes <= graph.activationPeakBytes(of: graph.operators.indices))

        var generator = SeededGenerator(seed: 1)
        let random = RandomOrders(problem, count: 200, using: &generator)
        let others = [random.best, GreedyOrder.order(problem), PEFTOrder.order(problem)]
        for value in others.map({ OrderMemory(problem, $0).value }) + [BacktrackingOrder(problem).value] {
            #expect(exact.value.peakBytes <= value.peakBytes)
            #expect(exact.value.areaBytes <= value.areaBytes)
        }
        if name == "googlenet" { #expect(Double(exact.value.areaBytes) <= 0.89 * random.meanAreaBytes) }

        let arena = ArenaLayout(problem, exact.order)
        let offsets = arena.offsets(tensorCount: problem.tensors.count)
        #expect(
            ArenaVerifier.fault(offsets, arenaBytes: arena.byteCount, order: exact.order, of: problem) == nil)
        #expect(arena.byteCount == arena.leastBytes)
        #expect(Double(arena.byteCount) <= 1.001 * Double(exact.value.peakBytes))
    }
}
