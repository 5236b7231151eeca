import Cluster
import Costs
import Testing

@Suite struct ExecutorFenceTests {
    private func refusal<T>(_ result: Result<T, ExecutorFence.Refusal>) -> ExecutorFence.Refusal? {
        if case .failure(let refusal) = result { return refusal }
        return nil
    }

    private func isSuccess<T>(_ result: Result<T, ExecutorFence.Refusal>) -> Bool {
        if case .success = result { return true }
        return false
    }

    @Test func anOlderPlanThanTheAcceptedOneIsRefusedByName() {
        var fence = ExecutorFence(accepted: [.init(model: "m", plan: planID(5, 2))])
        let refusal = ExecutorFence.Refusal.olderThanAccepted(plan: planID(5, 1), model: "m", accepted: planID(5, 2))
        #expect(fence.accept(planID(5, 1), model: "m") == .failure(refusal))
        #expect(refusal.description.contains("5.1@a") && refusal.description.contains("5.2@a"))
    }

    @Test func anAcceptedPlanMustBePersistedOnlyWhenItIsNews() {
        var fence = ExecutorFence()
        #expect(fence.accept(planID(1, 1), model: "m") == .success(true))
        #expect(fence.accept(planID(1, 1), model: "m") == .success(false))
        #expect(fence.accept(planID(1, 2), model: "m") == .success(true))
        #expect(fence.accepted == [.init(model: "m", plan: planID(1, 2))])
    }

    @Test func modelsAreFencedEachOnItsOwn() {
        var fence = ExecutorFence()
        #expect(fence.accept(planID(1, 2), model: "x") == .success(true))
        #expect(fence.accept(planID(1, 1), model: "m") == .success(true))
        #expect(fence.accepted.map(\.model) == ["m", "x"])
    }

    @Test func aTensorOfAPlanThatIsNotLoadedIsRefusedByName() {
        var fence = ExecutorFence()
        #expect(refusal(fence.admit(planID(1, 1), model: "m")) == .notLoaded(plan: planID(1, 1), model: "m"))
    }

    @Test func theDrainingPlanStillRunsUntilTheNewOneHasRun() {
        var fence = ExecutorFence()
        #expect(isSuccess(fence.loaded(planID(1, 1), model: "m")))
        #expect(isSuccess(fence.loaded(planID(1, 2), model: "m")))
        #expect(isSuccess(fence.admit(planID(1, 1), model: "m")))
        #expect(isSuccess(fence.admit(planID(1, 2), model: "m")))
        let older = ExecutorFence.Refusal.olderThanRun(plan: planID(1, 1), model: "m", run: planID(1, 2))
        #expect(refusal(fence.admit(planID(1, 1), model: "m")) == older)
    }

    @Test func aDroppedPlanIsNotRunAnyMore() {
        var fence = ExecutorFence()
        #expect(isSuccess(fence.loaded(planID(1, 1), model: "m")))
        fence.dropped(planID(1, 1))
        #expect(!isSuccess(fence.admit(planID(1, 1), model: "m")))
    }

    @Test func acceptedModelsAndHeldPlansAreBounded() {
        var fence = ExecutorFence()
        for index in 0..<ClusterLimits.models { #expect(isSuccess(fence.accept(planID(1, 1), model: "m\(index)"))) }
        #expect(fence.accept(planID(1, 1), model: "more") == .failure(.tooManyModels(limit: ClusterLimits.models)))
        for index in 0..<ClusterLimits.heldPlans {
            #expect(isSuccess(fence.loaded(planID(1, UInt64(index)), model: "m")))
        }
        #expect(!isSuccess(fence.loaded(planID(2, 1), model: "m")))
    }
}
