import Costs
import Sharing
import SharingPlans
import Testing

@Suite struct SharingEvaluationTests {
    /// Rows of every operator cut in the middle, on two devices; device 0 is source and destination.
    private func rows(_ shared: SharedGraph) throws -> SharedAssignment {
        SharedAssignment(
            deviceCount: 2, source: 0, destination: 0,
            layouts: try shared.graph.operators.indices.map { try shared.share($0, .height, cuts: [6]) })
    }

    @Test func `published terms are the slowest device's compute and missing bytes`() throws {
        let shared = try MadeUpChains.residual()
        let cluster = try SharingCluster(flops: [1000, 500], bandwidthBytesPerS: 100)
        let terms = PublishedTerms(try Transfers(rows(shared), shared), shared, cluster).termsS
        // Rows of 4 channels x 10 columns x 4 bytes; half of each operator on each device.
        let row = 160.0
        let flop = shared.graph.operators.map(\.flop)
        #expect(terms.count == 5)
        // Device 1 lacks 7 rows of x for the first convolution, each lacks one row of b for the second; device 1 owns
        // rows of x for the sum already; 6 rows of y go back.
        #expect(terms[0] == flop[0] / 2 / 500 + 7 * row / 100)
        #expect(terms[1] == flop[1] / 2 / 500)
        #expect(terms[2] == flop[2] / 2 / 500 + row / 100)
        #expect(terms[3] == flop[3] / 2 / 500)
        #expect(terms[4] == 6 * row / 100)
    }

    @Test func `the schedule waits for data alone, and sends while it computes`() throws {
        let shared = try MadeUpChains.residual()
        let cluster = try SharingCluster(flops: [1000, 500], bandwidthBytesPerS: 100, latencyS: 0.25)
        let transfers = try Transfers(rows(shared), shared)
        let schedule = SharedSchedule(transfers, shared, cluster)
        let flop = shared.graph.operators.map { $0.flop / 2 }
        let row = 1.6
        // Device 0 begins at once; device 1 when its rows of x are there.
        let first = flop[0] / 1000 + flop[1] / 1000
        let second = 7 * row + 0.25 + flop[0] / 500 + flop[1] / 500
        #expect(schedule.runs[0][0]?.startS == 0)
        #expect(close(schedule.runs[1][0]?.endS, first))
        #expect(close(schedule.runs[1][1]?.endS, second))
        // Each waits for a row of the other's.
        let third = max(first, second + row + 0.25) + (flop[2] + flop[3]) / 1000
        let fourth = max(second, max(first, 7 * row) + row + 0.25) + (flop[2] + flop[3]) / 500
        #expect(close(schedule.runs[3][0]?.endS, third))
        #expect(close(schedule.runs[3][1]?.endS, fourth))
        #expect(close(schedule.latencyS, max(third, fourth + 6 * row + 0.25)))
    }

    @Test func `one link moves one region at a time`() throws {
        let shared = try MadeUpChains.graph(
            input: [1, 1, 8, 8], weights: [], output: "c",
            [
                MadeUpChains.node("Relu", ["x"], "a"), MadeUpChains.node("Abs", ["x"], "b"),
                MadeUpChains.node("Add", ["a", "b"], "c"),
            ])
        let cluster = try SharingCluster(flops: [1e12, 1e12], bandwidthBytesPerS: 256)
        // Device 0 computes a and b at once and device 1 the sum: two tensors of a second each, and one back.
        let one = SharedLayout.single(0, of: 2, shape: [1, 1, 8, 8])
        let other = SharedLayout.single(1, of: 2, shape: [1, 1, 8, 8])
        let evaluation = try SharingEvaluation(
            SharedAssignment(deviceCount: 2, source: 0, destination: 0, layouts: [one, one, other]), shared, on: cluster
        )
        #expect(close(evaluation.latencyS, 3))
        #expect(evaluation.transferBytes == 3 * 256)
    }

    @Test func `memory is weights and what is live, of each device's own regions`() throws {
        let shared = try MadeUpChains.residual()
        let cluster = try SharingCluster(flops: [1000, 1000], bandwidthBytesPerS: 1e9)
        let all = try SharingEvaluation(.single(0, of: 2, in: shared), shared, on: cluster)
        let tensor = 4 * 12 * 10 * 4
        let weights = 2 * 4 * 4 * 9 * 4
        #expect(all.weightBytes == [weights, 0])
        // x lives on to the sum: with it a, then c, which the sum overwrites. Convolutions overwrite nothing.
        #expect(all.peakBytes == [weights + 3 * tensor, 0])
        let shares = try SharingEvaluation(rows(shared), shared, on: cluster)
        #expect(shares.weightBytes == [weights, weights])
        #expect(shares.peakBytes[1] < all.peakBytes[0] * 3 / 4)
        #expect(all.fits)
        let tight = try SharingCluster(flops: [1000, 1000], bandwidthBytesPerS: 1e9, memoryBytes: weights + 2 * tensor)
        #expect(try SharingEvaluation(.single(0, of: 2, in: shared), shared, on: tight).excessBytes == tensor)
    }

    @Test func `channel shares need their own filters alone`() throws {
        let shared = try MadeUpChains.residual()
        let cluster = try SharingCluster(flops: [1, 1, 1, 1], bandwidthBytesPerS: 1)
        let plan = try SharingSystem.oneDimC.plan(shared, on: cluster)
        #expect(plan.evaluation.weightBytes == [Int](repeating: 2 * 4 * 9 * 4, count: 4))
    }

    @Test func `without latencies of links a chain's schedule is never longer than its published terms`() throws {
        var generator = SeededGenerator(seed: 7)
        for _ in 0..<100 {
            let shared = try MadeUpChains.random(layers: Int.random(in: 1...8, using: &generator), &generator)
            let cluster = try MadeUpChains.cluster(Int.random(in: 1...5, using: &generator), &generator)
            for system in [SharingSystem.local, .oneDimH, .oneDimC, .grid2D, .moDNN, .flexPie] {
                let evaluation = try system.plan(shared, on: cluster).evaluation
                #expect(evaluation.latencyS <= evaluation.publishedLatencyS * (1 + 1e-9))
                #expect(evaluation.latencyS >= SharingBound.latencyS(shared, cluster) * (1 - 1e-9))
            }
        }
    }

    @Test func `figures that make no sense are refused in a sentence`() throws {
        let slow = #expect(throws: SharingError.self) { try SharingCluster(flops: [1, 0], bandwidthBytesPerS: 1) }
        #expect(slow?.sentence == "device 'device-1' has 0.0 FLOP/s; give a positive number")
        #expect(throws: SharingError.self) { try SharingCluster(flops: [1, 1], bandwidthBytesPerS: -1) }
        #expect(throws: SharingError.self) { try SharingCluster(flops: [], bandwidthBytesPerS: 1) }
        let shared = try MadeUpChains.residual()
        let cluster = try SharingCluster(flops: [1, 1, 1], bandwidthBytesPerS: 1)
        #expect(throws: SharingError.self) { try SharingEvaluation(rows(shared), shared, on: cluster) }
    }

    private func close(_ value: Double?, _ wanted: Double) -> Bool {
        value.map { abs($0 - wanted) <= 1e-9 * max(1, abs(wanted)) } ?? false
    }
}
