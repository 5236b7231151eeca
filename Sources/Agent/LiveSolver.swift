import Cluster
import Costs
import ModelGraph

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
                assumedBandwidthBytesPerS: assumedBandwidthBytesPerS)
            let incumbent = request.incumbent.flatMap { Self.assignment(of: $0.plan, in: problem) }
            let plan = try await planner.plan(problem)
            let incumbentLatencyS = incumbent.flatMap { Self.latency(of: $0, in: problem) }
            let moveS = Self.assignment(of: plan, in: problem).flatMap {
                MoveEstimate.seconds(to: $0, from: incumbent, of: problem, holders: request.model.holders)
            }
            return .planned(plan, incumbentLatencyS: incumbentLatencyS, moveS: moveS)
        } catch let error as LiveProblemError {
            return .infeasible(reason: error.description)
        } catch let error as PlannerProcessError where error.isInfeasible {
            return .infeasible(reason: error.description)
        } catch {
            return .failed(reason: "\(error)")
        }
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

    /// Nil where the assignment is not feasible any more.
    private static func latency(of assignment: [DeviceID], in problem: Problem) -> Double? {
        guard let prediction = try? Evaluator.price(assignment, of: problem) else { return nil }
        let offered = Dictionary(problem.devices.map { ($0.id, $0.memoryBytes) }) { first, _ in first }
        let fits = prediction.devices.allSatisfy { $0.peakMemoryBytes <= offered[$0.id] ?? 0 }
        return fits ? prediction.latencyS : nil
    }
}
