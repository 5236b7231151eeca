import Cluster
import Costs
import NIOCore

/// The way of a tensor: in, past the fence, through a segment, on to the next stop.
extension RunnerCore {
    /// Times of one segment that are kept between two reports.
    private static let maximumTimes = 1024

    /// A request from our own agent.
    func submit(_ key: RequestKey, model: String, _ tensor: Tensor, from connection: FrameConnection) {
        guard held[key] == nil else { return }
        guard held.count < limits.maximumHeldRequests else {
            connection.send(
                .refusal(
                    key: key, code: .overloaded,
                    sentence: "board \(node) holds \(limits.maximumHeldRequests) requests, the most"))
            return
        }
        held[key] = connection
        guard let plan = plans[key.plan], let program = plan.program, plan.reference.model == model else {
            return refuse(
                key, .unknownPlan, "plan \(key.plan) of model \(model) is not ready on board \(node)", from: nil)
        }
        if plan.phase == .draining {
            return refuse(key, .replacedPlan, "plan \(key.plan) takes no more requests on board \(node)", from: nil)
        }
        guard program.source == node else {
            return refuse(
                key, .wrongTensor, "requests of plan \(key.plan) enter at board \(program.source), not \(node)",
                from: nil)
        }
        if case .failure(let refusal) = fence.admit(key.plan, model: model) {
            return refuse(key, code(of: refusal), "\(refusal)", from: nil)
        }
        if let sharing = plan.sharing { return beginShared(key, plan, sharing, tensor) }
        pass(key, plan, program, stop: 0, tensor, from: nil)
    }

    /// A tensor from another runner.
    func arrived(
        _ key: RequestKey, model: String, stop: Int, _ tensor: Tensor, from connection: FrameConnection
    ) {
        guard let plan = plans[key.plan], let program = plan.program else {
            return refuse(
                key, .unknownPlan, "plan \(key.plan) of model \(model) is not ready on board \(node)",
                from: connection)
        }
        if case .failure(let refusal) = fence.admit(key.plan, model: model) {
            return refuse(key, code(of: refusal), "board \(node): \(refusal)", from: connection)
        }
        if let sharing = plan.sharing {
            return arrivedShared(key, plan, sharing, message: stop, tensor, from: connection)
        }
        guard program.node(ofStop: stop) == node else {
            return refuse(
                key, .wrongTensor, "stop \(stop) of plan \(key.plan) is not on board \(node)", from: connection)
        }
        atStop(key, plan, program, stop: stop, tensor, from: connection)
    }

    /// Hands a tensor to the board of a stop, which may be this one.
    private func pass(
        _ key: RequestKey, _ plan: HeldPlan, _ program: PlanProgram, stop: Int, _ tensor: Tensor,
        from connection: FrameConnection?
    ) {
        guard let next = program.node(ofStop: stop) else { return }
        if next == node { return atStop(key, plan, program, stop: stop, tensor, from: connection) }
        guard let link = links[next] else {
            return refuse(key, .unreachable, "board \(node) knows no address of board \(next)", from: connection)
        }
        link.send(.tensor(number: 0, model: program.model, key: key, stop: stop, tensor: tensor))
    }

    private func atStop(
        _ key: RequestKey, _ plan: HeldPlan, _ program: PlanProgram, stop: Int, _ tensor: Tensor,
        from connection: FrameConnection?
    ) {
        if stop == program.returnStop { return answer(key, plan, tensor) }
        if stop == program.arrivalStop { return pass(key, plan, program, stop: stop + 1, tensor, from: connection) }
        guard let segment = plan.segments[stop] else {
            return refuse(key, .unknownPlan, "segment \(stop) of plan \(key.plan) is not loaded here", from: connection)
        }
        plan.running += 1
        let queued = executor.run(segment, tensor) { outcome in
            plan.running -= 1
            self.ran(key, plan, program, stop: stop, outcome, from: connection)
            self.finishDraining(plan)
        }
        if !queued {
            plan.running -= 1
            refuse(
                key, .overloaded,
                "on board \(node) \(executor.queuedTensors) tensors of \(executor.queuedBytes) bytes wait, the most",
                from: connection)
        }
    }

    private func ran(
        _ key: RequestKey, _ plan: HeldPlan, _ program: PlanProgram, stop: Int, _ outcome: SegmentExecutor.Outcome,
        from connection: FrameConnection?
    ) {
        switch outcome {
        case .failure(let error):
            let code: RefusalCode = error.kind == .input ? .wrongTensor : .runFailed
            refuse(key, code, "segment \(stop) on board \(node): \(error)", from: connection)
        case .success(let (output, compute)):
            remember(compute, of: stop, in: plan)
            // Dropped while it ran: its requests run again under another plan.
            guard plans[key.plan] === plan else {
                return refuse(key, .replacedPlan, "plan \(key.plan) was given up on board \(node)", from: connection)
            }
            pass(key, plan, program, stop: stop + 1, output, from: connection)
        }
    }

    /// Keeps the time of a segment for the next report.
    func remember(_ compute: Duration, of segment: Int, in plan: HeldPlan) {
        guard plan.computeS[segment, default: []].count < Self.maximumTimes else { return }
        plan.computeS[segment, default: []].append(compute.inSeconds)
    }

    /// The result is at the board that holds the request.
    func answer(_ key: RequestKey, _ plan: HeldPlan, _ tensor: Tensor) {
        guard let holder = held.removeValue(forKey: key) else {
            return logger.info("the result of \(key) came, but nobody waits for it")
        }
        let sent = holder.send(
            .tensor(number: 0, model: plan.reference.model, key: key, stop: 0, tensor: tensor))
        if !sent { holder.close("the agent takes results too slowly") }
        finishDraining(plan)
    }

    /// Tells the holder of a request why it has no result: ours, or through the plan's source, or else through
    /// whoever sent us the tensor.
    func refuse(_ key: RequestKey, _ code: RefusalCode, _ sentence: String, from connection: FrameConnection?) {
        if let holder = held.removeValue(forKey: key) {
            holder.send(.refusal(key: key, code: code, sentence: sentence))
            if let plan = plans[key.plan] { finishDraining(plan) }
            return
        }
        if let source = plans[key.plan]?.program?.source, source != node, let link = links[source] {
            return link.send(.refusal(key: key, code: code, sentence: sentence))
        }
        if let connection { return reply(.refusal(key: key, code: code, sentence: sentence), over: connection) }
        logger.info("\(key) was refused, but nobody here waits for it: \(sentence)")
    }

    private func code(of refusal: ExecutorFence.Refusal) -> RefusalCode {
        switch refusal {
        case .olderThanAccepted, .olderThanRun: .replacedPlan
        case .notLoaded: .unknownPlan
        case .tooManyModels, .tooManyPlans: .overloaded
        }
    }
}
