import Costs
import JSON
import ModelGraph
import Planning
import SharedPlanning
import Sharing
import SharingPlans
import Testing

@Suite struct SharedSolutionTests {
    @Test func `a shared plan says what it costs, who has which part, and what the best alone takes`() throws {
        let graph = try MadeUpProblems.graph("squeezenet1_1")
        let problem = try MadeUpProblems.problem(graph)
        let solution = try SharedSolution(problem, graph, layers: graph.layers(.layer), by: .oneDimH)
        let plan = solution.plan
        #expect(plan.planner == "one-dim-h")
        #expect(plan.latencyS == solution.evaluation.latencyS)
        #expect(abs(plan.computeS + plan.transferS - plan.latencyS) < 1e-12)
        #expect(plan.layers.map(\.name) == problem.layers.map(\.name))
        #expect(plan.devices.map(\.id) == ["a", "b", "c"])
        #expect(abs(plan.devices.reduce(0) { $0 + $1.flopsShare } - 1) < 1e-9)
        #expect(plan.partakers.sorted() == ["a", "b", "c"])
        #expect(plan.singleDevice?.device == "b")
        let bound = try #require(plan.bound)
        #expect(bound <= plan.latencyS)
        let sharing = try #require(plan.sharing)
        let read = try JSON.decode(Plan.self, from: Array(try JSON.encode(plan).utf8))
        #expect(read == plan)
        let shared = SharedGraph(graph)
        try sharing.assignment().verify(shared)
        try SharedProgram(sharing.assignment(), shared).verify(shared)
        // The same plan is worth the same when it is priced again.
        let again = try #require(solution.problem.worth(of: plan, shared, layers: graph.layers(.layer)))
        #expect(abs(again.latencyS - plan.latencyS) < 1e-12 && again.value == again.latencyS)
    }

    @Test func `a shared plan says how many messages it waits for, and counts what each takes`() throws {
        let graph = try MadeUpProblems.graph("squeezenet1_1")
        var problem = try MadeUpProblems.problem(graph)
        func planned(_ messageS: Double?) throws -> SharedSolution {
            problem.messageS = messageS
            return try SharedSolution(problem, graph, layers: graph.layers(.layer), by: .oneDimH)
        }
        let free = try planned(nil).plan
        let count = try #require(free.sharing?.messages)
        #expect(count >= 1 && free.sharing?.messageS == nil)
        // So little that the same messages are waited for.
        let cheap = try planned(1e-7).plan
        #expect(cheap.sharing?.messageS == 1e-7)
        #expect(abs(cheap.latencyS - free.latencyS - count * 1e-7) < 0.05 * 1e-7)
        #expect(free.latencyS(computingTakes: nil, insteadOf: 1) == free.latencyS)
        #expect(free.latencyS(computingTakes: 1, insteadOf: 0) == free.latencyS)
        let slower = free.latencyS(computingTakes: 0.3, insteadOf: 0.2)
        #expect(abs(slower - (1.5 * free.computeS + free.transferS)) < 1e-12)
        // Others may be waited for where each takes long: never less.
        let dear = try planned(0.01).plan
        #expect(dear.latencyS >= free.latencyS + count * 0.01 - 1e-9)
        // A plan that is already there costs the same.
        let asked = try planned(0.01)
        let again = try #require(
            asked.problem.worth(of: free, SharedGraph(graph), layers: graph.layers(.layer)))
        #expect(abs(again.latencyS - dear.latencyS) < 1e-9)
        problem.messageS = -1
        #expect(throws: PlanningError.self) { try SharedProblem(problem) }
    }

    @Test func `a shared plan says what it takes of each device, and of the grid where that is known`() throws {
        let graph = try MadeUpProblems.graph("digits")
        var problem = try MadeUpProblems.problem(graph, flops: [1e8, 1e8], bandwidthBytesPerS: 1e6, latencyS: 0)
        for index in problem.devices.indices {
            problem.devices[index].computePowerW = 5
            problem.devices[index].idlePowerW = 2
            // 8 Mbit/s: 1.5 W while sending, 0.5 W while receiving.
            problem.devices[index].transferPower = TransferPower(
                uploadWPerMbitPerS: 0.125, downloadWPerMbitPerS: 0, baseW: 0.5)
        }
        problem.devices[0].intensityGPerKwh = 360
        func made() throws -> Plan {
            try SharedSolution(problem, graph, layers: graph.layers(.layer), by: .oneDimH).plan
        }
        let plan = try made()
        let movedS =
            Double(
                try SharedSolution(problem, graph, layers: graph.layers(.layer), by: .oneDimH).evaluation.transferBytes)
            / 1e6
        let energies = try plan.devices.map { try #require($0.energy) }
        for (share, energy) in zip(plan.devices, energies) {
            let busyS = try #require(share.busyS)
            #expect(abs(energy.computeJ - 5 * busyS) < 1e-12)
            #expect(abs(energy.holdJ - 2 * (plan.latencyS - busyS)) < 1e-12)
        }
        #expect(abs(energies.reduce(0) { $0 + $1.uploadJ } - 1.5 * movedS) < 1e-9)
        #expect(abs(energies.reduce(0) { $0 + $1.downloadJ } - 0.5 * movedS) < 1e-9)
        #expect(abs(try #require(plan.energyJ) - energies.reduce(0) { $0 + $1.totalJ }) < 1e-12)
        // 360 g/kWh is 0.1 mg/J; the other grid is unknown, and so is the whole.
        #expect(abs(try #require(plan.devices[0].carbonG) - 1e-4 * energies[0].totalJ) < 1e-15)
        #expect(plan.devices[1].carbonG == nil && plan.carbonG == nil)
        problem.devices[1].idlePowerW = nil
        let unknown = try made()
        #expect(unknown.energyJ == nil && unknown.devices[1].energy == nil && unknown.devices[0].energy != nil)
    }

    @Test func `a device that has no part is not in the plan`() throws {
        let graph = try MadeUpProblems.graph("digits")
        let problem = try MadeUpProblems.problem(graph)
        let solution = try SharedSolution(problem, graph, layers: graph.layers(.layer), by: .local)
        #expect(solution.plan.sharing?.devices == ["a"])
        #expect(solution.plan.devices.map(\.id) == ["a"])
        #expect(solution.activeDevices == [0])
        let shared = SharedGraph(graph)
        try solution.plan.sharing?.assignment().verify(shared)
        #expect(solution.problem.worth(of: solution.plan, shared, layers: graph.layers(.layer)) != nil)
    }

    @Test func `too little memory and too long a latency are infeasible, with figures`() throws {
        let graph = try MadeUpProblems.graph("digits")
        let layers = graph.layers(.layer)
        let tight = try MadeUpProblems.problem(graph, memoryBytes: 1000)
        let memory = #expect(throws: PlanningError.self) {
            try SharedSolution(tight, graph, layers: layers, by: .unified)
        }
        #expect(memory?.description.contains("which offers 1.0 kB") == true, "\(String(describing: memory))")
        var fast = try MadeUpProblems.problem(graph)
        fast.constraints.maximumLatencyS = 1e-9
        #expect(throws: PlanningError.self) { try SharedSolution(fast, graph, layers: layers, by: .unified) }
    }

    @Test func `layers of another graph are refused`() throws {
        let graph = try MadeUpProblems.graph("digits")
        let problem = try MadeUpProblems.problem(graph)
        let other = try MadeUpProblems.graph("squeezenet1_1")
        let error = #expect(throws: PlanningError.self) {
            try SharedSolution(problem, other, layers: other.layers(.layer), by: .local)
        }
        #expect(error?.description.contains("are not the") == true)
    }

    /// The chain planner's plan and the choice between it and a shared one.
    private func choice(flops: [Double], bandwidthBytesPerS: Double) throws -> (SharingDecision, Plan) {
        let graph = try MadeUpProblems.graph("squeezenet1_1")
        let problem = try MadeUpProblems.problem(graph, flops: flops, bandwidthBytesPerS: bandwidthBytesPerS)
        let chain = try ExactPlanner().plan(problem)
        let decision = try SharingDecision.auto(problem, graph, layers: graph.layers(.layer), by: .flexPie) {
            () throws(PlanningError) in chain
        }
        return (decision, chain)
    }

    @Test func `auto shares where that is faster, and says what both take`() throws {
        let (decision, chain) = try choice(flops: [1e9, 1e9, 1e9], bandwidthBytesPerS: 100e6)
        guard case .shared(let solution) = decision else {
            Issue.record("nothing was shared")
            return
        }
        #expect(solution.plan.latencyS < chain.latencyS)
        #expect(solution.plan.inputs.last?.source.hasSuffix(" without") == true)
    }

    @Test func `auto shares nothing where the network is too slow, and says so`() throws {
        let (decision, chain) = try choice(flops: [1e9, 1e9, 1e9], bandwidthBytesPerS: 1e4)
        guard case .chain(let plan) = decision else {
            Issue.record("operators were shared")
            return
        }
        #expect(plan.layers == chain.layers)
        #expect(plan.sharing == nil)
        #expect(plan.inputs.last?.source.hasPrefix("nothing is shared: ") == true)
    }

    @Test func `auto keeps to what only a chain can be held to`() throws {
        let graph = try MadeUpProblems.graph("digits")
        var problem = try MadeUpProblems.problem(graph)
        problem.pins.append(Pin(layer: 2, device: "b"))
        let chain = try ExactPlanner().plan(problem)
        let decision = try SharingDecision.auto(problem, graph, layers: graph.layers(.layer), by: .unified) {
            () throws(PlanningError) in chain
        }
        #expect(decision.plan.inputs.last?.source.contains("is pinned to b") == true)
    }

    @Test func `layouts that no message holds are refused with both numbers`() throws {
        let graph = try MadeUpProblems.graph("squeezenet1_1")
        let solution = try SharedSolution(
            try MadeUpProblems.problem(graph), graph, layers: graph.layers(.layer), by: .oneDimH)
        try solution.check(mostNumbers: SharedSolution.mostNumbersSent)
        try solution.check(mostNumbers: nil)
        let error = #expect(throws: PlanningError.self) { try solution.check(mostNumbers: 10) }
        #expect(error?.description.hasSuffix("a message holds 10") == true)
    }

    @Test func `the report names boards, dimensions, shares, the bound and the best alone`() throws {
        let graph = try MadeUpProblems.graph("squeezenet1_1")
        let solution = try SharedSolution(
            try MadeUpProblems.problem(graph), graph, layers: graph.layers(.layer), by: .unified)
        let text = SharedPlanReport(solution).text
        for word in ["shared along", "height", "predicted", "published", "bound", "alone", "idle", "offered"] {
            #expect(text.contains(word), "\(word) is missing in:\n\(text)")
        }
    }

    @Test func `the drawing has a lane for each board, and each pair that sends`() throws {
        let graph = try MadeUpProblems.graph("squeezenet1_1")
        let solution = try SharedSolution(
            try MadeUpProblems.problem(graph), graph, layers: graph.layers(.layer), by: .oneDimH)
        let svg = try SharedPlanDrawing(solution).svg
        #expect(svg.hasPrefix("<svg "))
        for word in ["class=\"compute\"", "class=\"send\"", "class=\"idle\"", ">to a<", ">to b<", ">to c<", ">idle "] {
            #expect(svg.contains(word), "\(word)")
        }
    }

    @Test func `numbers that make no ranges are refused`() {
        let odd = Plan.Sharing(devices: ["a"], source: 0, destination: 0, layouts: [[[0, 1, 2]]])
        #expect(throws: SharingError.self) { try odd.assignment() }
        let reversed = Plan.Sharing(devices: ["a"], source: 0, destination: 0, layouts: [[[3, 1]]])
        #expect(throws: SharingError.self) { try reversed.assignment() }
        // Others of these are found by the verifier of assignments.
        #expect(throws: SharingError.self) {
            let graph = try MadeUpProblems.graph("digits")
            try Plan.Sharing(devices: [], source: 5, destination: -1, layouts: []).assignment()
                .verify(SharedGraph(graph))
        }
    }
}
