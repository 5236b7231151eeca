import Cluster
import Costs
import NIOCore
import Sharing

/// Requests of plans that share operators. A region travels as a tensor whose stop is the number of its message;
/// the result goes back to the source under the number after the last.
extension RunnerCore {
    /// Requests of one plan that are under way here at once; the oldest is given up for a newer one.
    private static let maximumSharedRuns = 256
    /// A run that nothing came of for so long has been given up somewhere else, and most likely begun anew: nobody
    /// says so to the boards that still wait.
    private static let sharedRunPatience: Duration = .seconds(5)
    /// What such a run holds is given back after this time: a part of it may compute for long.
    private static let silentRunPatience: Duration = .seconds(15)

    /// Boards compute parts of requests now, and answer late.
    var isSharing: Bool {
        let now = MonotonicClock.now
        return plans.values.contains { plan in plan.sharedSeen.values.contains { now - $0 < Self.sharedRunPatience } }
    }

    /// Forgets runs that nothing came of.
    func forgetSilent(_ plan: HeldPlan) {
        let now = MonotonicClock.now
        for (key, seen) in plan.sharedSeen where now - seen >= Self.silentRunPatience { forget(key, plan) }
    }

    /// A request from our own agent, at the source.
    func beginShared(_ key: RequestKey, _ plan: HeldPlan, _ sharing: LoadedSharing, _ tensor: Tensor) {
        advance(key, plan, sharing, from: nil) { run throws(InferenceError) in try run.start([tensor]) }
    }

    /// A region, or at the source the result, from another runner.
    func arrivedShared(
        _ key: RequestKey, _ plan: HeldPlan, _ sharing: LoadedSharing, message: Int, _ tensor: Tensor,
        from connection: FrameConnection
    ) {
        if message == sharing.program.messageCount { return answer(key, plan, tensor) }
        advance(key, plan, sharing, from: connection) { run throws(InferenceError) in
            try run.arrived(message, tensor)
        }
    }

    private func advance(
        _ key: RequestKey, _ plan: HeldPlan, _ sharing: LoadedSharing, from connection: FrameConnection?,
        _ input: (inout SharedRun) throws(InferenceError) -> [SharedRun.Effect]
    ) {
        if plan.sharedRuns[key] == nil {
            if plan.sharedOrder.count >= Self.maximumSharedRuns, let oldest = plan.sharedOrder.first {
                giveUp(oldest, plan, .overloaded, "too many requests are under way on board \(node)", from: nil)
            }
            forgetSilent(plan)
            plan.sharedRuns[key] = SharedRun(sharing.program)
            plan.sharedOrder.append(key)
        }
        plan.sharedSeen[key] = MonotonicClock.now
        guard var run = plan.sharedRuns[key] else { return }
        do throws(InferenceError) {
            let effects = try input(&run)
            plan.sharedRuns[key] = run
            for effect in effects { carryOut(effect, key, plan, sharing, from: connection) }
        } catch {
            giveUp(
                key, plan, error.kind == .input ? .wrongTensor : .runFailed, "board \(node): \(error)", from: connection
            )
        }
    }

    private func carryOut(
        _ effect: SharedRun.Effect, _ key: RequestKey, _ plan: HeldPlan, _ sharing: LoadedSharing,
        from connection: FrameConnection?
    ) {
        switch effect {
        case .send(let message, let device, let tensor):
            send(key, plan, message: message, to: sharing.nodes[device], tensor, from: connection)
        case .run(let segment, let inputs):
            plan.running += 1
            let loaded = sharing.segments[segment]
            let isQueued = executor.run(loaded.session, flop: loaded.flop, inputs) { outcome in
                plan.running -= 1
                self.sharedRan(key, plan, sharing, segment: segment, outcome, from: connection)
                self.finishDraining(plan)
            }
            guard !isQueued else { return }
            plan.running -= 1
            giveUp(key, plan, .overloaded, "on board \(node) too many tensors wait", from: connection)
        case .finish(let results):
            forget(key, plan)
            guard let result = results.first else { return }
            if sharing.source == node { return answer(key, plan, result) }
            send(
                key, plan, message: sharing.program.messageCount, to: sharing.source, result, from: connection)
        }
    }

    private func sharedRan(
        _ key: RequestKey, _ plan: HeldPlan, _ sharing: LoadedSharing, segment: Int,
        _ outcome: SegmentExecutor.AllOutcome, from connection: FrameConnection?
    ) {
        // Given up while it ran.
        guard plan.sharedRuns[key] != nil, plans[key.plan] === plan else { return }
        switch outcome {
        case .failure(let error):
            giveUp(key, plan, .runFailed, "part \(segment) on board \(node): \(error)", from: connection)
        case .success(let (outputs, compute)):
            remember(compute, of: segment, in: plan)
            advance(key, plan, sharing, from: connection) { run throws(InferenceError) in try run.ran(outputs) }
        }
    }

    private func send(
        _ key: RequestKey, _ plan: HeldPlan, message: Int, to next: NodeID, _ tensor: Tensor,
        from connection: FrameConnection?
    ) {
        guard let link = links[next] else {
            return giveUp(
                key, plan, .unreachable, "board \(node) knows no address of board \(next)", from: connection)
        }
        link.send(.tensor(number: 0, model: plan.reference.model, key: key, stop: message, tensor: tensor))
    }

    private func giveUp(
        _ key: RequestKey, _ plan: HeldPlan, _ code: RefusalCode, _ sentence: String,
        from connection: FrameConnection?
    ) {
        forget(key, plan)
        refuse(key, code, sentence, from: connection)
    }

    private func forget(_ key: RequestKey, _ plan: HeldPlan) {
        plan.sharedRuns[key] = nil
        plan.sharedSeen[key] = nil
        plan.sharedOrder.removeAll { $0 == key }
    }
}
