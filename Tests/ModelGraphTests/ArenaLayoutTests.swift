import Costs
import ModelGraph
import TestKit
import Testing

@Suite struct ArenaLayoutTests {
    @Test(arguments: [1, 8, 64]) func `no two live tensors share a byte but in place`(alignment: Int) throws {
        var generator = SeededGenerator(seed: 3)
        var tight = 0
        for _ in 0..<300 {
            let problem = try OrderProblem.random(using: &generator)
            let order = RandomOrders(problem, count: 1, using: &generator).best
            let layout = ArenaLayout(problem, order, alignment: alignment)
            let offsets = layout.offsets(tensorCount: problem.tensors.count)
            #expect(
                ArenaVerifier.fault(offsets, arenaBytes: layout.byteCount, order: order, of: problem) == nil)
            #expect(offsets.allSatisfy { ($0 ?? 0) % alignment == 0 })
            #expect(layout.byteCount >= layout.leastBytes)
            if alignment == 1 { #expect(layout.leastBytes == OrderMemory(problem, order).peakBytes) }
            if layout.byteCount == layout.leastBytes { tight += 1 }
        }
        #expect(tight >= 290)
    }

    @Test func `pieces that are in use together lie apart, in the order in which they were given`() {
        var generator = SeededGenerator(seed: 4)
        for _ in 0..<100 {
            let lives = (0..<Int.random(in: 0...40, using: &generator)).map { _ in
                let start = Int.random(in: 0..<50, using: &generator)
                return (
                    byteCount: Int.random(in: 1...1000, using: &generator),
                    steps: start...Int.random(in: start..<60, using: &generator)
                )
            }
            let layout = ArenaLayout(lives: lives, alignment: 16)
            #expect(layout.buffers.map(\.steps) == lives.map(\.steps))
            for (index, one) in layout.buffers.enumerated() {
                #expect(one.byteCount >= lives[index].byteCount && one.byteCount % 16 == 0 && one.offset % 16 == 0)
                #expect(one.offset + one.byteCount <= layout.byteCount)
                for other in layout.buffers[..<index] where other.steps.overlaps(one.steps) {
                    let isApart =
                        other.offset + other.byteCount <= one.offset || one.offset + one.byteCount <= other.offset
                    #expect(isApart)
                }
            }
        }
    }

    @Test func `the verifier finds what overlaps, lies outside or has no place`() throws {
        let problem = try OrderProblem(
            tensors: [.init(byteCount: 8), .init(byteCount: 8, leaves: true)],
            operators: [.init(reads: [0], writes: [1])])
        func fault(_ offsets: [Int?], _ bytes: Int) -> String? {
            ArenaVerifier.fault(offsets, arenaBytes: bytes, order: [0], of: problem)
        }
        #expect(fault([0, 8], 16) == nil)
        #expect(fault([0, 4], 16)?.contains("overlap") == true)
        #expect(fault([0, 0], 16)?.contains("overlap") == true)
        #expect(fault([0, 9], 16)?.contains("outside") == true)
        #expect(fault([0, nil], 16)?.contains("no place") == true)
        #expect(fault([0], 16)?.contains("1 places for 2") == true)
    }

    @Test func `thousands of buffers are placed by what is in use`() throws {
        var generator = SeededGenerator(seed: 9)
        let length = 6000
        let problem = try OrderProblem(
            tensors: (0...length).map { _ in .init(byteCount: Int.random(in: 1...4000, using: &generator)) },
            operators: (0..<length).map { index in
                .init(reads: Array(Set([index, max(0, index - 5)])).sorted(), writes: [index + 1])
            })
        let order = Array(problem.operators.indices)
        let layout = ArenaLayout(problem, order)
        let offsets = layout.offsets(tensorCount: problem.tensors.count)
        #expect(ArenaVerifier.fault(offsets, arenaBytes: layout.byteCount, order: order, of: problem) == nil)
    }
}
