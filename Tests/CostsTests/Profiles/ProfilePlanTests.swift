import Costs
import Testing

/// What is measured, and in which order.
@Suite struct ProfilePlanTests {
    private typealias Step = ProfilePlan.Step

    @Test func `a full profile holds every bundle up to the maximum size at every clock, once`() throws {
        for (layers, size, clocks) in [(1, 1, 1), (5, 2, 3), (7, 7, 2), (4, 9, 1)] {
            let frequenciesHz = (1...clocks).map { Optional(1e8 * Double($0)) }
            let plan = try ProfilePlan(
                layerCount: layers, frequenciesHz: frequenciesHz, maximumBundleSize: size)
            #expect(
                plan.steps.count == profileCount(layers: layers, devices: clocks, maximumBundleSize: size))
            #expect(Set(plan.steps).count == plan.steps.count)
            #expect(plan.steps.allSatisfy { $0.first >= 0 && $0.last < layers && (1...size).contains($0.layerCount) })
        }
    }

    @Test func `single layers come first, and the clocks of a bundle follow each other, up and down in turn`() throws {
        let plan = try ProfilePlan(layerCount: 6, frequenciesHz: [3e8, 1e8, 2e8], maximumBundleSize: 3)
        #expect(plan.steps.map(\.layerCount) == plan.steps.map(\.layerCount).sorted())
        for (index, start) in stride(from: 0, to: plan.steps.count, by: 3).enumerated() {
            let own = plan.steps[start..<(start + 3)]
            #expect(Set(own.map { [$0.first, $0.last] }).count == 1)
            let rising: [Double?] = [1e8, 2e8, 3e8]
            #expect(own.map(\.frequencyHz) == (index.isMultiple(of: 2) ? rising : rising.reversed()))
        }
        // Drift over the measurement is no drift over the depth of the model.
        let singles = plan.steps.prefix(18).map(\.first)
        #expect(singles != singles.sorted())
    }

    @Test func `a quick profile has single layers, pairs and long bundles side by side at three clocks`() throws {
        let frequenciesHz: [Double?] = [2e8, 4e8, 6e8, 8e8, 1e9]
        let plan = try ProfilePlan(
            layerCount: 10, frequenciesHz: frequenciesHz, maximumBundleSize: 4, selection: .quick)
        // The periods are 5, 2.5, 1.67, 1.25 and 1 ns: 2.5 is the nearest to the middle, 3.
        #expect(Set(plan.steps.map(\.frequencyHz)) == [2e8, 4e8, 1e9])
        let bundles = Set(plan.steps.map { [$0.first, $0.last] })
        #expect(bundles == Set((0..<10).map { [$0, $0] } + (0..<9).map { [$0, $0 + 1] } + [[0, 3], [4, 7]]))
        #expect(plan.steps.count == 63)
    }

    @Test func `what was measured is not measured again, and the rest keeps its order`() throws {
        let all = try ProfilePlan(layerCount: 5, frequenciesHz: [nil], maximumBundleSize: 2).steps
        for count in 0...all.count {
            let rest = try ProfilePlan(
                layerCount: 5, frequenciesHz: [nil], maximumBundleSize: 2,
                done: Set(all.prefix(count) + [Step(first: 0, last: 4), Step(first: 0, last: 0, frequencyHz: 1e9)]))
            #expect(rest.steps == Array(all.dropFirst(count)) && rest.doneCount == count)
        }
    }

    @Test func `a plan that cannot be is refused with what to do`() {
        #expect(throws: DataFault.self) { try ProfilePlan(layerCount: 0, frequenciesHz: [nil], maximumBundleSize: 1) }
        #expect(throws: DataFault.self) { try ProfilePlan(layerCount: 3, frequenciesHz: [], maximumBundleSize: 1) }
        #expect(throws: DataFault.self) { try ProfilePlan(layerCount: 3, frequenciesHz: [nil], maximumBundleSize: 0) }
        #expect(
            throws: DataFault(
                "that would be 1803000 measurements, more than 1000000",
                "give a smaller maximum bundle size or fewer frequencies, or measure quickly")
        ) {
            try ProfilePlan(layerCount: 600, frequenciesHz: (1...10).map { Double($0) }, maximumBundleSize: 600)
        }
    }

    @Test func `the time left is unknown at first and exact where time follows work and clock`() throws {
        let plan = try ProfilePlan(layerCount: 4, frequenciesHz: [1e8, 2e8], maximumBundleSize: 2)
        let flop = [1.0, 1, 1, 1]
        var progress = ProfileProgress(plan, flop: flop)
        #expect(progress.leftS == nil && progress.leftCount == plan.steps.count)
        func seconds(_ step: Step) -> Double { Double(step.layerCount) * 2e8 / (step.frequencyHz ?? 2e8) }
        var leftS = plan.steps.reduce(0) { $0 + seconds($1) }
        for step in plan.steps {
            progress.finish(step, tookS: seconds(step))
            leftS -= seconds(step)
            let told = try #require(progress.leftS)
            #expect(abs(told - leftS) < 1e-9 * 100)
        }
        #expect(progress.leftS == 0)
    }
}
