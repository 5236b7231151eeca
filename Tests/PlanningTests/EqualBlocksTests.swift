import Planning
import Testing

/// A transformer of 24 equal blocks on six boards whose memories are tight: of figures like those of Qwen2 0.5B.
///
/// Few layers are large (the embedding and the head), and prices on memory would let a board take a part of one.
@Suite struct EqualBlocksTests {
    private let capacityBytes = [861_711_122, 743_589_349, 725_623_483, 820_665_241, 736_420_006, 793_878_389]
    /// Seconds of each kind of layer on each board.
    private let embeddingS = [0.0706, 0.0612, 0.0844, 0.0800, 0.3143, 0.0966]
    private let attentionS = [0.0195, 0.0147, 0.0267, 0.0590, 0.1301, 0.1603]
    private let denseS = [0.1233, 0.0932, 0.1692, 0.3726, 0.8222, 1.011]
    private let headS = [1.282, 0.9692, 1.760, 3.874, 8.549, 10.51]

    private func program() -> ChainProgram {
        let blocks = 24
        let weightBytes = [0, 544_538_624] + (0..<blocks).flatMap { _ in [7_479_296, 52_301_312] } + [544_538_624, 0]
        let peakBytes =
            [1_024, 459_776] + (0..<blocks).flatMap { _ in [2_752_512, 5_898_240] } + [78_249_984, 77_791_232]
        let seconds = [embeddingS] + (0..<blocks).flatMap { _ in [attentionS, denseS] } + [headS]
        let layers = weightBytes.count
        let boards = capacityBytes.count
        var program = ChainProgram(
            layerCount: layers, deviceCount: boards, modes: (0..<boards).map { ChainProgram.Mode(device: $0) },
            quantities: [ChainProgram.Quantity("latency in seconds", deviceCount: boards)], weightBytes: weightBytes,
            workingPeakBytes: peakBytes, capacityBytes: capacityBytes)
        program.setStep(first: 0, length: 1, mode: 0, [0])
        program.setStep(first: layers - 1, length: 1, mode: 0, [0])
        for (layer, seconds) in seconds.enumerated() {
            for board in 0..<boards { program.setStep(first: layer + 1, length: 1, mode: board, [seconds[board]]) }
        }
        for boundary in 1..<layers {
            for from in 0..<boards {
                for to in 0..<boards {
                    let transferS = from == to ? 7e-5 : 0.005 + 0.001 * Double((from * to + from + to) % 7)
                    program.setMove(boundary: boundary, from: from, to: to, [transferS])
                }
            }
        }
        return program
    }

    /// Prices alone leave a gap of a percent after ten times as much work.
    @Test func `equal blocks beside two large layers are proved with a tenth of the usual work`() throws {
        let program = program()
        guard
            case .found(let schedule, let bound) = ChainSolver().solve(
                program, budget: ChainSolver.Budget(maximumWork: 60_000_000))
        else {
            Issue.record("no schedule was found")
            return
        }
        let totals = try #require(program.totals(schedule))
        #expect(program.isFeasible(schedule))
        #expect(bound == totals.objective)
    }
}
