import Cluster
import Costs
import NIOPosix
import Planning
import SharedPlanning
import Sharing

/// Plans that share operators, beside those that do not.
extension LiveSolver {
    /// Says what the plan in force comes to now, where it or the new one shares operators: both are priced alike then.
    ///
    /// What the move takes is left unknown: boards fetch the files of the weights of which they lack a part, and what
    /// they have of them is not known here.
    func compareShared(_ solved: inout SolvedPlan, _ request: SolveRequest, _ problem: Problem) async throws {
        guard let record = request.incumbent else { return }
        // What is asked of the two kinds differs: it is asked for one of them, not for the better.
        switch request.goal.sharing ?? .off {
        case .off where record.plan.sharing != nil:
            solved.incumbentFault = "it shares operators, which is not wanted any more"
            return
        case .on where record.plan.sharing == nil:
            solved.incumbentFault = "it shares no operators, which is wanted now"
            return
        default: break
        }
        if let fault = Self.clockFault(record.plan, in: problem) {
            solved.incumbentFault = fault.description
            return
        }
        let (graph, layers) = try await models.graph(of: request.model)
        let new = solved.plan
        let priced: (incumbent: SharedProblem.Worth?, new: SharedProblem.Worth?)
        do {
            // A large model takes a while: not on the pool that the agent's loop shares.
            priced = try await NIOThreadPool.singleton.runIfActive {
                let asked = try SharedProblem(problem)
                let shared = asked.sharedGraph(graph, layers: layers)
                return (
                    asked.worth(of: record.plan, shared, layers: layers), asked.worth(of: new, shared, layers: layers)
                )
            }
        } catch let error as PlanningError {
            solved.incumbentFault = "\(error)"
            return
        }
        guard let worth = priced.incumbent else {
            solved.incumbentFault = "a device of it is gone or offers too little memory now, or it breaks a limit"
            return
        }
        // A chain plan has its own prices, of measured bundles and of moves in memory: what it is compared with shall
        // stand to it as both do where they are priced alike.
        func scaled(_ value: Double, _ own: Double?, _ alike: Double?) -> Double {
            guard let own, let alike, own > 0, alike > 0 else { return value }
            return value * own / alike
        }
        solved.incumbent = SolvedPlan.Incumbent(
            latencyS: scaled(worth.latencyS, new.latencyS, priced.new?.latencyS),
            value: scaled(worth.value, new.value, priced.new?.value))
    }
}
