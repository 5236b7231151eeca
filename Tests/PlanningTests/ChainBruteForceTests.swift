import Costs
import Planning
import TestKit
import Testing

/// An input on device 0 and two layers; device 1 is quicker, each way there or back costs 4.
private func twoLayers(
    limit: Double = .infinity, points: Int = 1, capacityBytes: [Int] = [110, 110],
    shared: ChainProgram.Shared = .none, sharedPrice: [Double] = [0, 0]
) -> ChainProgram {
    var modes = [ChainProgram.Mode(device: 0), ChainProgram.Mode(device: 1)]
    if points == 2 { modes.append(ChainProgram.Mode(device: 1, point: 1)) }
    var program = ChainProgram(
        layerCount: 3, deviceCount: 2, modes: modes, maximumStepLength: 2,
        quantities: [
            ChainProgram.Quantity("seconds", sharedPrice: sharedPrice, deviceCount: 2),
            ChainProgram.Quantity("joules", limit: limit, deviceCount: 2),
        ],
        shared: shared, weightBytes: [0, 40, 60], workingPeakBytes: [10, 10, 10], capacityBytes: capacityBytes)
    program.setStep(first: 0, length: 1, mode: 0, [0, 0])
    for first in 1...2 {
        program.setStep(first: first, length: 1, mode: 0, [10, 1], load: 10)
        program.setStep(first: first, length: 1, mode: 1, [3, 3], load: 3)
        if points == 2 { program.setStep(first: first, length: 1, mode: 2, [first == 1 ? 2 : 9, 9], load: 2) }
    }
    for boundary in 1...2 {
        for mode in modes.indices { program.setMove(boundary: boundary, from: mode, to: mode, [0, 0]) }
        for fast in 1..<modes.count {
            program.setMove(boundary: boundary, from: 0, to: fast, [4, 0], load: 4)
            program.setMove(boundary: boundary, from: fast, to: 0, [4, 0], load: 4)
        }
    }
    return program
}

private func modes(_ outcome: ChainOutcome) -> [Int]? {
    guard case .found(let schedule, _) = outcome else { return nil }
    return schedule.steps.flatMap { [Int](repeating: $0.mode, count: $0.length) }
}

private func bound(_ outcome: ChainOutcome) -> Double? {
    guard case .found(_, let bound) = outcome else { return nil }
    return bound
}

@Suite struct ChainBruteForceTests {
    let bruteForce = ChainBruteForce()

    @Test func `the cheapest way is found with its objective as bound`() {
        let outcome = bruteForce.solve(twoLayers())
        #expect(modes(outcome) == [0, 1, 1])
        #expect(bound(outcome) == 10)
    }

    @Test func `a limit is kept, to the last bit of it`() {
        #expect(modes(bruteForce.solve(twoLayers(limit: 6))) == [0, 1, 1])
        #expect(bound(bruteForce.solve(twoLayers(limit: 5))) == 17)
        #expect(modes(bruteForce.solve(twoLayers(limit: 2))) == [0, 0, 0])
        #expect(bruteForce.solve(twoLayers(limit: 1)) == .infeasible)
    }

    @Test func `memory counts weights and the largest peak`() {
        #expect(modes(bruteForce.solve(twoLayers(capacityBytes: [100, 110]))) == [0, 1, 1])
        #expect(modes(bruteForce.solve(twoLayers(capacityBytes: [70, 109]))) == [0, 0, 1])
        #expect(bruteForce.solve(twoLayers(capacityBytes: [49, 70])) == .infeasible)
    }

    @Test func `a device keeps one mode`() {
        // Layer 1 costs 2 in mode 2, layer 2 costs 3 in mode 1: not both.
        #expect(modes(bruteForce.solve(twoLayers(points: 2))) == [0, 1, 1])
    }

    @Test func `a bundle is taken where it is cheaper`() {
        var program = twoLayers()
        program.setStep(first: 1, length: 2, mode: 0, [9, 1])
        let outcome = bruteForce.solve(program)
        #expect(modes(outcome) == [0, 0, 0])
        #expect(bound(outcome) == 9)
    }

    @Test func `waiting for the whole plan is paid by each device that is used`() {
        let latency = ChainProgram.Shared.total(quantity: 0)
        let outcome = bruteForce.solve(twoLayers(shared: latency, sharedPrice: [0.5, 1]))
        #expect(modes(outcome) == [0, 1, 1])
        #expect(bound(outcome) == 25)
        let dear = bruteForce.solve(twoLayers(shared: latency, sharedPrice: [0.5, 2.5]))
        #expect(modes(dear) == [0, 0, 0])
        #expect(bound(dear) == 30)
    }

    @Test func `the slowest stage has a limit`() {
        #expect(modes(bruteForce.solve(twoLayers(shared: .bottleneck(limit: 6)))) == [0, 1, 1])
        #expect(bruteForce.solve(twoLayers(shared: .bottleneck(limit: 5))) == .infeasible)
    }

    @Test func `a load is hidden behind what runs before`() {
        var program = twoLayers()
        var loadS = [Double](repeating: 0, count: 3 * 2 * 2)
        // Waits 7 - 4 before the first layer on device 1, and the whole 2 before the next.
        loadS[program.stepIndex(first: 1, length: 1, mode: 1)] = 7
        loadS[program.stepIndex(first: 2, length: 1, mode: 1)] = 2
        program.hiddenLoads = ChainProgram.HiddenLoads(quantity: 0, loadS: loadS)
        #expect(bound(bruteForce.solve(program)) == 15)
    }

    @Test func `a program that is too large is left alone`() {
        let program = RandomChainProgram(layers: 40, devices: 3).make(seed: 1)
        #expect(bruteForce.solve(program) == .unknown)
    }

    @Test(arguments: 0..<200)
    func `nothing better is lost by giving up early`(seed: Int) {
        let program = RandomChainProgram.small(seed: seed).make(seed: UInt64(seed))
        var least = Double.infinity
        Self.forEachWay(program, layer: 0, []) { schedule in
            guard program.isFeasible(schedule), let totals = program.totals(schedule) else { return }
            least = min(least, totals.objective)
        }
        let outcome = bruteForce.solve(program)
        #expect(bound(outcome) ?? .infinity == least)
        if case .found(let schedule, _) = outcome { #expect(program.totals(schedule)?.objective == least) }
    }

    @Test func `random programs are partly infeasible, and limits and memories bind in many`() {
        var infeasible = 0
        var bound = 0
        for seed in 0..<300 {
            let program = RandomChainProgram.small(seed: seed).make(seed: UInt64(seed))
            guard case .found(let best, _) = bruteForce.solve(program) else {
                infeasible += 1
                continue
            }
            guard case .found(let free, _) = bruteForce.solve(program.withoutLimits()) else { continue }
            if program.totals(best) != program.totals(free) { bound += 1 }
        }
        #expect((15...110).contains(infeasible), "\(infeasible)")
        #expect(bound >= 50, "\(bound)")
    }

    private static func forEachWay(
        _ program: ChainProgram, layer: Int, _ steps: [ChainSchedule.Step], _ body: (ChainSchedule) -> Void
    ) {
        guard layer < program.layerCount else { return body(ChainSchedule(steps)) }
        for length in 1...min(program.maximumStepLength, program.layerCount - layer) {
            for mode in program.modes.indices {
                let step = ChainSchedule.Step(first: layer, length: length, mode: mode)
                forEachWay(program, layer: layer + length, steps + [step], body)
            }
        }
    }
}
