import Costs
import Planning
import TestKit
import Testing

@Suite struct ExplanationTests {
    private static func explanation(_ problem: Problem) throws -> Explanation {
        let plan = try ChainProblemPlanner(name: "exact", solver: ExactSolver.shared).plan(problem) { .zero }
        return try Explanation(plan, of: problem, solver: ExactSolver.shared)
    }

    /// The values of all assignments that hold, the least first, each assignment at its best clocks.
    private static func values(_ problem: Problem) throws -> [Double] {
        let table = try CostTable(problem)
        var values: [Double] = []
        func clocks(_ path: [Int], _ points: [Int]) -> Double {
            if points.count < table.deviceCount {
                return table.points[points.count].indices.map { clocks(path, points + [$0]) }.min() ?? .infinity
            }
            guard
                let prediction = try? Evaluator.price(
                    Schedule(path: path, points: points), of: problem, table: table),
                Limits.broken(by: prediction, path: path, problem: problem) == nil
            else { return .infinity }
            return prediction.value(problem.objective) ?? .infinity
        }
        func visit(_ path: [Int]) {
            guard path.count == table.layerCount else {
                for device in 0..<table.deviceCount where table.isAllowed(layer: path.count, device: device) {
                    visit(path + [device])
                }
                return
            }
            guard MemoryUse.fits(path, table: table) else { return }
            let value = clocks(path, [])
            if value.isFinite { values.append(value) }
        }
        visit([])
        return values.sorted()
    }

    @Test(arguments: 1...8)
    func `the next best plan is the second of all`(seed: UInt64) throws {
        var random = RandomServiceProblem(layers: 5, devices: 3)
        random.points = 2
        random.objective = seed.isMultiple(of: 2) ? .energy : .latency
        random.weights = .everyInference
        random.limit = seed.isMultiple(of: 2) ? .latency : .none
        let problem = try random.make(seed: seed)
        let values = try Self.values(problem)
        guard values.count > 1 else { return }
        let explanation = try Self.explanation(problem)
        let next = try #require(explanation.alternatives.first)
        #expect(next.name == "next best")
        #expect(abs((next.value ?? 0) - values[1]) <= 1e-9 * values[1])
        #expect(abs(explanation.value - values[0]) <= 1e-9 * values[0])
        #expect(explanation.better == nil)
    }

    @Test func `at the value where it is said to flip another plan is as good`() throws {
        var problem = HandMadeProblem.make()
        problem.devices[1].networkBandwidthBytesPerS = nil
        problem.links[0].bandwidthBytesPerS = 1e6
        let explanation = try Self.explanation(problem)
        let link = try #require(explanation.flips.first { $0.figure == "link B-A" })
        // A alone: 8 s of computing, 1.2 s of weights and 0.31 s of moving; over the link 2.62 s and 1100 bytes.
        #expect(link.above == nil)
        let below = try #require(link.below ?? 0)
        if below > 0 {
            for (factor, isSame) in [(1.02, true), (1, false), (0.98, false)] {
                var changed = problem
                changed.links[0].bandwidthBytesPerS = below * factor
                let plan = try ExactPlanner().plan(changed)
                #expect((plan.layers[1].device == "B" && plan.layers[2].device == "B") == isSame)
            }
        }
        let speed = try #require(explanation.flips.first { $0.figure == "speed of A" })
        let above = try #require(speed.above)
        for (factor, isSame) in [(0.98, true), (1, false), (1.01, false)] {
            var changed = problem
            changed.devices[0].flops = above * factor
            let plan = try ExactPlanner().plan(changed)
            #expect((plan.layers[1].device == "B" && plan.layers[2].device == "B") == isSame)
        }
        let memory = try #require(explanation.flips.first { $0.figure == "memory of B" })
        // 12,000 bytes of weights, 3,000 of tensors and 50 of the runtime.
        let least = try #require(memory.below)
        #expect(least == 15_000)
        #expect(ExplanationReport(explanation).text.contains("memory of B falls below 15.0 kB (now 1.00 MB)"))
    }

    @Test(arguments: 1...8)
    func `entering a figure that is said to flip the plan flips it`(seed: UInt64) throws {
        var random = RandomServiceProblem(layers: 5, devices: 3)
        random.points = 1
        random.weights = .everyInference
        let problem = try random.make(seed: seed)
        let plan = try ExactPlanner().plan(problem)
        let mine = try #require(plan.value)
        for flip in try Self.explanation(problem).flips {
            for (value, rule) in [(flip.below, FloatingPointRoundingRule.down), (flip.above, .up)] {
                guard let value else { continue }
                #expect(FigureText.rounded(value, digits: 3, rule) == value, "\(flip.figure) \(value)")
                guard let index = problem.devices.firstIndex(where: { flip.figure == "speed of \($0.id)" }) else {
                    continue
                }
                var changed = problem
                changed.devices[index].flops = value
                let other = try ExactPlanner().plan(changed)
                #expect(other.layers.map(\.device) != plan.layers.map(\.device), "\(flip.figure) \(value) \(mine)")
            }
        }
    }

    @Test func `a limit that costs something binds, with what it costs`() throws {
        var problem = HandMadeProblem.make()
        problem.devices[1].networkBandwidthBytesPerS = nil
        problem.links[0].bandwidthBytesPerS = 1e6
        let free = try ExactPlanner().plan(problem)
        problem.constraints.privateLayers = [0, 1]
        problem.constraints.maximumEntries = 5
        let explanation = try Self.explanation(problem)
        let kept = try #require(explanation.limits.first { $0.name.hasPrefix("private") })
        #expect(kept.isBinding)
        #expect(abs(kept.valueWithout - free.latencyS) < 1e-9)
        #expect(explanation.limits.filter(\.isBinding).count == 1)
        let text = ExplanationReport(explanation).text
        #expect(text.contains("Limits that bind:\n  private layers (2)"))
        #expect(text.contains("at most 5 entries to a device"))
    }

    @Test func `a plan that is not the best is told so, and one that does not hold is refused`() throws {
        let problem = HandMadeProblem.make()
        let local = try SystemPlanner(Local(), solver: ExactSolver.shared).plan(problem)
        var quick = problem
        quick.devices[1].networkBandwidthBytesPerS = nil
        quick.links[0].bandwidthBytesPerS = 1e6
        let explanation = try Explanation(local, of: quick, solver: ExactSolver.shared)
        #expect(explanation.better != nil)
        #expect(explanation.flips.isEmpty)
        #expect(ExplanationReport(explanation).text.contains("This is not the best plan."))
        quick.devices[0].memoryBytes = 10
        quick.devices[0].runtimeBytes = nil
        #expect(throws: PlanningError.self) {
            try Explanation(local, of: quick, solver: ExactSolver.shared)
        }
    }
}
