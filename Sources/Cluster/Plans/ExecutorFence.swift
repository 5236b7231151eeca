import Costs

/// Keeps a board from going back to an older plan; with it no majority is needed to lead.
///
/// The agent asks it before a plan is prepared (`accept`, on disk before anything follows from it); the runner asks it
/// before a tensor is run (`admit`). Plans are fenced for each model on its own.
public struct ExecutorFence: Sendable, Hashable {
    /// Why a plan or a tensor was refused.
    public enum Refusal: Error, Hashable, Sendable, CustomStringConvertible {
        case olderThanAccepted(plan: PlanID, model: String, accepted: PlanID)
        case notLoaded(plan: PlanID, model: String)
        case olderThanRun(plan: PlanID, model: String, run: PlanID)
        case tooManyModels(limit: Int)
        case tooManyPlans(limit: Int)

        public var description: String {
            switch self {
            case .olderThanAccepted(let plan, let model, let accepted):
                "plan \(plan) of model \(model) was refused: this board has accepted \(accepted), which is newer"
            case .notLoaded(let plan, let model):
                "plan \(plan) of model \(model) was refused: it is not loaded on this board"
            case .olderThanRun(let plan, let model, let run):
                "plan \(plan) of model \(model) was refused: this board has already run \(run), which is newer"
            case .tooManyModels(let limit):
                "a plan was refused: this board has accepted plans of \(limit) models, the limit"
            case .tooManyPlans(let limit):
                "a plan was refused: this board holds \(limit) plans, the limit"
            }
        }
    }

    private struct Loaded: Hashable, Sendable {
        var plan: PlanID
        var model: String
    }

    /// The highest plan accepted for each model; sorted by model.
    public private(set) var accepted: [StoredState.AcceptedPlan]
    /// The highest plan under which a tensor was run since the start, for each model; sorted by model.
    private var run: [StoredState.AcceptedPlan] = []
    private var loaded: [Loaded] = []

    public init(accepted: [StoredState.AcceptedPlan] = []) {
        self.accepted = accepted.sorted { $0.model < $1.model }
    }

    /// Takes a plan into preparation. Returns true when `accepted` changed and must be on disk first.
    public mutating func accept(_ plan: PlanID, model: String) -> Result<Bool, Refusal> {
        guard let index = accepted.firstIndex(where: { $0.model == model }) else {
            guard accepted.count < ClusterLimits.models else {
                return .failure(.tooManyModels(limit: ClusterLimits.models))
            }
            let place = accepted.firstIndex { $0.model > model } ?? accepted.count
            accepted.insert(.init(model: model, plan: plan), at: place)
            return .success(true)
        }
        let highest = accepted[index].plan
        if plan < highest {
            return .failure(.olderThanAccepted(plan: plan, model: model, accepted: highest))
        }
        accepted[index].plan = plan
        return .success(plan > highest)
    }

    /// The plan's sessions are there: its tensors may come.
    public mutating func loaded(_ plan: PlanID, model: String) -> Result<Void, Refusal> {
        guard !isLoaded(plan) else { return .success(()) }
        guard loaded.count < ClusterLimits.heldPlans else {
            return .failure(.tooManyPlans(limit: ClusterLimits.heldPlans))
        }
        loaded.append(Loaded(plan: plan, model: model))
        return .success(())
    }

    public func isLoaded(_ plan: PlanID) -> Bool { loaded.contains { $0.plan == plan } }

    /// The plan is unloaded: its tensors are refused from now on.
    public mutating func dropped(_ plan: PlanID) {
        loaded.removeAll { $0.plan == plan }
    }

    /// May a tensor of this plan be run? Once a newer plan has run, the older one is refused, drained or not: its
    /// requests run again under the newer one.
    public mutating func admit(_ plan: PlanID, model: String) -> Result<Void, Refusal> {
        guard loaded.contains(Loaded(plan: plan, model: model)) else {
            return .failure(.notLoaded(plan: plan, model: model))
        }
        guard let index = run.firstIndex(where: { $0.model == model }) else {
            run.append(.init(model: model, plan: plan))
            return .success(())
        }
        guard plan >= run[index].plan else {
            return .failure(.olderThanRun(plan: plan, model: model, run: run[index].plan))
        }
        run[index].plan = plan
        return .success(())
    }
}
