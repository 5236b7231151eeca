import ModelGraph
import Testing

@Suite struct RunnerMemoryTests {
    @Test func `the largest convolution of a range is held twice while it is loaded, and no other weight`() throws {
        let graph = try ModelGraph(
            GraphDescription(
                name: "wide",
                nodes: [
                    Samples.node("Conv", ["x", "w1"], ["a"]), Samples.node("Conv", ["a", "w2"], ["b"]),
                    Samples.node("Flatten", ["b"], ["f"]), Samples.node("Gemm", ["f", "w3"], ["y"]),
                ],
                inputs: [try Samples.value("x", [1, 64, 1, 1])], outputs: ["y"],
                initializers: [
                    try Samples.value("w1", [32, 64, 1, 1]), try Samples.value("w2", [8, 32, 1, 1]),
                    try Samples.value("w3", [8, 10_000]),
                ]))
        #expect(graph.runnerPeakBytes(of: 0..<2, entering: ["x"], leaving: ["b"]) == 2 * 4 * 32 * 64)
        #expect(graph.layers(.layer).map(\.runnerPeakBytes) == [2 * 4 * 32 * 64, 2 * 4 * 8 * 32, 2 * (32 + 40_000)])
    }

    @Test func `what enters and leaves stands once more while it runs`() throws {
        let graph = try ModelGraph(Samples.residual())
        let peakBytes = graph.activationPeakBytes(of: 0..<6)
        #expect(graph.runnerPeakBytes(of: 0..<6, entering: ["x"], leaving: ["y"]) == peakBytes + 2 * 1024)
    }
}
