import Cluster
import Costs
import ModelGraph
import Planning

/// Answers a leader's wish for a plan: builds the problem, has it solved in a process of its own, and prices the plan
/// in force with the same figures.
struct LiveSolver: Sendable {
    var models: ModelLibrary
    var planner: PlannerProcess
    var assumedBandwidthBytesPerS: Double

    func solve(_ request: SolveRequest) async -> SolveOutcome {
        do {
            await models.waitForGraph(of: request.model)
            let model = try await models.model(request.model)
            let problem = try LiveProblem.make(
                model: request.model, layers: model.layers, inputBytes: model.inputBytes,
                members: Self.offering(request),
                assumedBandwidthBytesPerS: assumedBandwidthBytesPerS, goal: request.goal, carbon: request.carbon,
                nowS: WallClock.secondsSince1970)
            let plan = Self.withBasis(try await made(for: problem, request), problem, request)
            var solved = SolvedPlan(plan)
            if plan.sharing != nil || request.incumbent?.plan.sharing != nil {
                try await compareShared(&solved, request, problem)
                return .planned(solved)
            }
            let incumbent = request.incumbent.flatMap { Self.assignment(of: $0.plan, in: problem) }
            if let record = request.incumbent, incumbent != nil {
                switch Self.price(record.plan, in: problem) {
                case .success(let incumbent): solved.incumbent = incumbent
                case .failure(let why): solved.incumbentFault = why.description
                }
            }
            solved.move = Self.assignment(of: plan, in: problem).flatMap {
                MoveEstimate.cost(to: $0, from: incumbent, of: problem, holders: request.model.holders)
            }
            return .planned(solved)
        } catch let error as LiveProblemError {
            return .infeasible(reason: error.description)
        } catch let error as PlannerProcessError where error.isInfeasible {
            return .infeasible(reason: error.description)
        } catch {
            return .failed(reason: "\(error)")
        }
    }

    private func made(for problem: Problem, _ request: SolveRequest) async throws -> Plan {
        guard let choice = request.goal.sharing, choice != .off else { return try await planner.plan(problem) }
        do {
            return try await planner.plan(problem, sharing: (choice, models.graphFile(of: request.model)))
        } catch let error as PlannerProcessError where choice == .auto && !error.isInfeasible {
            // Too large a question about sharing must not cost the plan without it.
            try Task.checkCancellation()
            var plan = try await planner.plan(problem)
            plan.inputs.append(InputSource(figure: "sharing operators", source: "nothing is shared: \(error)"))
            return plan
        }
    }

    /// A board that measures what it takes must know what it was taken for.
    private static func withBasis(_ plan: Plan, _ problem: Problem, _ request: SolveRequest) -> Plan {
        let paces = request.members.flatMap { $0.paces ?? [] }
        let profiles = LiveProblem.profiles(of: request.model, request.members)
        var plan = plan
        plan.requestS = problem.requestS
        for index in plan.devices.indices {
            let share = plan.devices[index]
            let whole = paces.pace(of: request.model.name, on: share.id, frequencyHz: share.frequencyHz)?.ratio
            let parts = problem.sharedPaces?.first { $0.device == share.id }?.ratio
            plan.devices[index].pace =
                plan.sharesOperators && parts != nil ? (whole ?? 1) * (parts ?? 1) : whole
            plan.devices[index].profile = profiles.first { $0.device == share.id }.map { $0.measuredAt ?? "" }
        }
        return plan
    }

    /// What the boards offer once the plans of other models have taken theirs.
    private static func offering(_ request: SolveRequest) -> [NodeCapabilities] {
        request.members.map { member in
            var member = member
            for index in member.devices.indices {
                let taken = request.reserved.filter { $0.device == member.devices[index].id }
                    .reduce(0) { $0 + $1.memoryBytes }
                member.devices[index].memoryBytes = max(0, member.devices[index].memoryBytes - taken)
            }
            return member
        }
    }

    /// The incumbent's device for each layer of today's problem; nil where the layers are others.
    private static func assignment(of plan: Plan, in problem: Problem) -> [DeviceID]? {
        guard plan.layers.map(\.name) == problem.layers.map(\.name) else { return nil }
        return plan.layers.map(\.device)
    }

    /// Each run of layers on a device as the longest bundles that were measured, as a plan made today would price it.
    private static func schedule(
        _ path: [Int], _ points: [Int], _ problem: Problem, _ table: CostTable
    ) -> Schedule {
        guard table.hasMeasuredBundles else { return Schedule(path: path, points: points) }
        let size = problem.constraints.maximumBundleSize ?? .max
        var steps: [Schedule.Step] = []
        var first = 0
        while first < path.count {
            let device = path[first]
            var last = first
            while last + 1 < path.count, path[last + 1] == device, last + 1 - first < size { last += 1 }
            while last > first,
                table.measured(first: first, last: last, device: device, point: points[device]) == nil
            {
                last -= 1
            }
            steps.append(Schedule.Step(first: first, last: last, device: device, point: points[device]))
            first = last + 1
        }
        return Schedule(steps)
    }

    /// Which of the plan's clocks is not the one that is asked for now (nil: none).
    static func clockFault(_ plan: Plan, in problem: Problem) -> LiveProblemError? {
        for share in plan.devices {
            guard let asked = share.frequencyHz,
                let device = problem.devices.first(where: { $0.id == share.id }), device.points.count == 1,
                let only = device.points[0].frequencyHz, only != asked
            else { continue }
            return LiveProblemError("device \(device.id) is to run at \(LiveProblem.megahertz(only))")
        }
        return nil
    }

    /// A plan in force with today's figures, at the frequencies that it asks for.
    ///
    /// Fails where it is not feasible any more or breaks what is asked now.
    static func price(_ plan: Plan, in problem: Problem) -> Result<SolvedPlan.Incumbent, LiveProblemError> {
        let indices = Dictionary(problem.devices.enumerated().map { ($1.id, $0) }) { first, _ in first }
        let path = plan.layers.compactMap { indices[$0.device] }
        guard path.count == plan.layers.count else { return .failure(LiveProblemError("a device is gone")) }
        if let pin = problem.pins.first(where: { plan.layers[$0.layer].device != $0.device }) {
            return .failure(
                LiveProblemError("layer \(problem.layers[pin.layer].name) is to be on device \(pin.device)"))
        }
        if let fault = clockFault(plan, in: problem) { return .failure(fault) }
        let points = problem.devices.map { device -> Int in
            let asked = plan.devices.first { $0.id == device.id }?.frequencyHz
            return device.points.firstIndex { $0.frequencyHz == asked } ?? device.fastestPoint
        }
        do {
            let table = try CostTable(problem)
            let prediction = try Evaluator.price(
                schedule(path, points, problem, table), of: problem, table: table)
            for share in prediction.devices {
                guard let index = indices[share.id], share.peakMemoryBytes > problem.devices[index].memoryBytes else {
                    continue
                }
                return .failure(LiveProblemError("device \(share.id) offers too little memory for it now"))
            }
            if let limit = Limits.broken(by: prediction, path: path, problem: problem) {
                return .failure(LiveProblemError("it breaks the limit \(limit)"))
            }
            guard let value = prediction.value(problem.objective) else {
                return .failure(LiveProblemError("its \(problem.objective.rawValue) is unknown"))
            }
            return .success(SolvedPlan.Incumbent(latencyS: prediction.latencyS, value: value))
        } catch {
            return .failure(LiveProblemError("\(error)"))
        }
    }
}
