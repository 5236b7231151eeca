import Planning
import TestKit
import Testing

@Suite struct ChainInfeasibilityTests {
    /// Two layers, two devices; A is fast and dear in joules, B slow and cheap.
    private func program(
        maximumJoules: Double, maximumSeconds: Double, capacityBytes: [Int], links: Bool = true
    ) -> ChainProgram {
        var program = ChainProgram(
            layerCount: 2, deviceCount: 2, modes: [.init(device: 0), .init(device: 1)],
            quantities: [
                .init("cost", deviceCount: 2), .init("joules", limit: maximumJoules, deviceCount: 2),
                .init("seconds", limit: maximumSeconds, deviceCount: 2),
            ],
            weightBytes: [10, 10], workingPeakBytes: [1, 1], capacityBytes: capacityBytes)
        for layer in 0..<2 {
            program.setStep(first: layer, length: 1, mode: 0, [1, 10, 1])
            program.setStep(first: layer, length: 1, mode: 1, [1, 1, 10])
        }
        guard links else { return program }
        for from in 0..<2 { for to in 0..<2 { program.setMove(boundary: 1, from: from, to: to, [0, 0, 0]) } }
        return program
    }

    @Test func `a program with a schedule has no reason`() {
        #expect(
            ChainInfeasibility(program(maximumJoules: 2, maximumSeconds: 20, capacityBytes: [50, 50])) == nil)
    }

    @Test func `each limit that stands in the way alone is named`() throws {
        let reason = try #require(
            ChainInfeasibility(program(maximumJoules: 2, maximumSeconds: 2, capacityBytes: [50, 50])))
        #expect(reason.alone == [.quantity(1), .quantity(2)])
        #expect(reason.conflict == [])
        #expect(reason.isProved)
    }

    @Test func `a memory that stands in the way is named`() throws {
        let reason = try #require(
            ChainInfeasibility(program(maximumJoules: 2, maximumSeconds: 90, capacityBytes: [50, 11])))
        #expect(reason.alone == [.quantity(1), .memory(device: 1)])
    }

    @Test func `limits that conflict in more than one way are a set of which none can be left out`() throws {
        // No memory holds both layers, no limit admits both of one kind: two of them must go.
        let tight = program(maximumJoules: 0.5, maximumSeconds: 0.5, capacityBytes: [50, 50])
        let reason = try #require(ChainInfeasibility(tight))
        #expect(reason.alone == [])
        #expect(reason.conflict.count == 1)
        #expect(reason.isProved)
    }

    @Test func `without a way nothing is named`() throws {
        let reason = try #require(
            ChainInfeasibility(
                program(maximumJoules: 2, maximumSeconds: 2, capacityBytes: [50, 50], links: false)))
        #expect(reason.alone == [] && reason.conflict == [])
    }

    @Test(arguments: 0..<600)
    func `what is named for a random program is what brute force finds`(seed: Int) {
        let program = RandomChainProgram.small(seed: seed).make(seed: UInt64(seed))
        let reason = ChainInfeasibility(program)
        guard ChainBruteForce().solve(program) == .infeasible else {
            #expect(reason == nil)
            return
        }
        guard let reason else {
            Issue.record("no reason")
            return
        }
        #expect(reason.isProved)
        for limit in reason.alone {
            #expect(ChainBruteForce().solve(program.lifting([limit])) != .infeasible)
        }
        guard !reason.conflict.isEmpty else { return }
        // The set alone conflicts, and no longer without any one of its limits.
        let others = ChainInfeasibilityTests.limits(of: program).filter { !reason.conflict.contains($0) }
        #expect(ChainBruteForce().solve(program.lifting(others)) == .infeasible)
        for limit in reason.conflict {
            #expect(ChainBruteForce().solve(program.lifting(others + [limit])) != .infeasible)
        }
    }

    private static func limits(of program: ChainProgram) -> [ChainInfeasibility.Limit] {
        program.quantities.indices.dropFirst().map { .quantity($0) }
            + (0..<program.deviceCount).map { .memory(device: $0) } + [.bottleneck]
    }
}

extension ChainProgram {
    /// The same without some of its limits.
    fileprivate func lifting(_ limits: [ChainInfeasibility.Limit]) -> ChainProgram {
        var free = quantities
        var bytes = capacityBytes
        var figure = shared
        for limit in limits {
            switch limit {
            case .quantity(let index): free[index].limit = .infinity
            case .memory(let device): bytes[device] = 1 << 50
            case .bottleneck: if case .bottleneck = shared { figure = .bottleneck(limit: .infinity) }
            }
        }
        return ChainProgram(
            layerCount: layerCount, deviceCount: deviceCount, modes: modes, maximumStepLength: maximumStepLength,
            quantities: free, shared: figure, weightBytes: weightBytes, workingPeakBytes: workingPeakBytes,
            capacityBytes: bytes
        ).filled(like: self)
    }
}
