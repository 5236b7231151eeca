import Costs
import Planning
import TestKit
import Testing

@Suite struct VerifierTests {
    /// A change to a right plan or its problem, and the kind of violation that must be found.
    struct Mutation: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let kind: Violation.Kind
        let change: @Sendable (inout Plan, inout Problem) -> Void

        init(
            _ name: String, _ kind: Violation.Kind, _ change: @escaping @Sendable (inout Plan, inout Problem) -> Void
        ) {
            testDescription = name
            self.kind = kind
            self.change = change
        }
    }

    static let mutations: [Mutation] = [
        Mutation("a layer left out", .coverage) { plan, _ in plan.layers.remove(at: 1) },
        Mutation("a layer given twice", .coverage) { plan, _ in plan.layers.insert(plan.layers[1], at: 1) },
        Mutation("a layer too many", .coverage) { plan, _ in
            plan.layers.append(Plan.Layer(index: 99, name: "more", device: "A"))
        },
        Mutation("a layer under another name", .coverage) { plan, _ in plan.layers[1].name = "other" },
        Mutation("layers out of order", .order) { plan, _ in plan.layers.swapAt(1, 2) },
        Mutation("an unknown device", .device) { plan, _ in plan.layers[1].device = "Z" },
        Mutation("the source elsewhere", .pin) { plan, _ in plan.layers[0].device = "B" },
        Mutation("the destination elsewhere", .pin) { plan, _ in plan.layers[3].device = "B" },
        Mutation("a pinned layer elsewhere", .pin) { _, problem in problem.pins = [Pin(layer: 1, device: "A")] },
        Mutation("no link for a step", .link) { _, problem in problem.links = [] },
        Mutation("too little memory", .memory) { _, problem in problem.devices[1].memoryBytes = 100 },
        Mutation("too short a latency", .cost) { plan, _ in plan.latencyS *= 1 - 1e-8 },
        Mutation("a latency that is not a number", .cost) { plan, _ in plan.latencyS = .nan },
        Mutation("another compute time", .cost) { plan, _ in plan.computeS += 1e-6 },
        Mutation("another transfer time", .cost) { plan, _ in plan.transferS = 0 },
        Mutation("another weights time", .cost) { plan, _ in plan.weightsS += 1 },
        Mutation("a layer moved without a new price", .cost) { plan, _ in plan.layers[1].device = "A" },
        Mutation("too small a memory figure", .share) { plan, _ in plan.devices[1].peakMemoryBytes -= 1 },
        Mutation("another FLOP share", .share) { plan, _ in plan.devices[1].flopsShare = 0.5 },
        Mutation("a device left out", .share) { plan, _ in plan.devices.removeLast() },
        Mutation("a device listed twice", .share) { plan, _ in plan.devices.append(plan.devices[0]) },
        Mutation("an unknown device listed", .share) { plan, _ in
            plan.devices.append(Plan.DeviceShare(id: "Z", peakMemoryBytes: 0, flopsShare: 0))
        },
        Mutation("a bound above the objective", .bound) { plan, _ in
            plan.bound = plan.latencyS * 1.01
            plan.gap = 0
        },
        Mutation("a gap that is not the bound's", .bound) { plan, _ in plan.gap = 0.5 },
        Mutation("a bound without a gap", .bound) { plan, _ in plan.gap = nil },
        Mutation("another single device time", .singleDevice) { plan, _ in plan.singleDevice?.latencyS *= 0.9 },
        Mutation("the single device left out", .singleDevice) { plan, _ in plan.singleDevice = nil },
        Mutation("a single device where none can", .singleDevice) { _, problem in
            problem.pins = [Pin(layer: 1, device: "B"), Pin(layer: 2, device: "B")]
            problem.devices[1].memoryBytes = 100
        },
        Mutation("an invalid problem", .problem) { _, problem in problem.devices[0].flops = -1 },
    ]

    /// Both layers on B, at the end of a wide link.
    private static func rightPlan() throws -> (Plan, Problem) {
        var problem = HandMadeProblem.make()
        problem.devices[1].networkBandwidthBytesPerS = nil
        problem.links[0].bandwidthBytesPerS = 1e6
        let plan = try ExactPlanner().plan(problem)
        #expect(plan.layers.map(\.device) == ["A", "B", "B", "A"])
        return (plan, problem)
    }

    @Test func `a right plan has no violation`() throws {
        let (plan, problem) = try Self.rightPlan()
        #expect(Verifier.violations(of: plan, in: problem) == [])
    }

    @Test(arguments: mutations)
    func `each seeded fault is found and named by its kind`(mutation: Mutation) throws {
        var (plan, problem) = try Self.rightPlan()
        mutation.change(&plan, &problem)
        let found = Verifier.violations(of: plan, in: problem)
        #expect(found.contains { $0.kind == mutation.kind }, "\(found)")
    }

    @Test func `a slower assignment with right figures that calls itself optimal is found by the single device`() throws
    {
        let (_, problem) = try Self.rightPlan()
        let table = try CostTable(problem)
        let slow = try Plan(
            path: [0, 1, 0, 0], planner: "exact", boundS: .infinity, solveS: 0, problem: problem, table: table)
        #expect(Verifier.violations(of: slow, in: problem).map(\.kind) == [.singleDevice])
    }
}
