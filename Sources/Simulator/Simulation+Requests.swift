import Cluster
import Costs

/// Clients, the ledger of the source's board, and tensors on their way through the boards of a plan.
extension Simulation {
    mutating func ask(_ id: RequestID) {
        guard boards[sourceBoard].isUp else {
            trace.add(now, "\(id) finds nobody")
            return
        }
        // A client that has its answer does not ask a source that has forgotten it; one that waits may ask twice.
        if let epoch = askedIn[id], epoch != boards[sourceBoard].epoch, !checker.isOpen(id) { return }
        askedIn[id] = boards[sourceBoard].epoch
        let deadline = now + .milliseconds(Int.random(in: 2000...8000, using: &random))
        trace.add(now, "\(id) is asked")
        feedLedger(sourceBoard, .accepted(id, deadline: deadline), asked: id)
    }

    /// The connections to the front door break: each open request fails by name, at the client.
    mutating func clientsLoseConnection() {
        for id in checker.open {
            checker.fails(id)
            counts.requestsFailed += 1
            trace.add(now, "\(id) fails: the connection to the source's board broke")
        }
    }

    mutating func feedLedger(_ board: Int, _ input: RequestLedger.Input, asked: RequestID? = nil) {
        let effects = boards[board].ledger.handle(input, now: now)
        if let asked {
            let refused = effects.contains { effect in
                if case .refuse(asked, _) = effect { return true }
                return false
            }
            if refused {
                counts.requestsRefused += 1
            } else {
                counts.requestsAccepted += 1
                checker.accepts(asked)
            }
        }
        for effect in effects {
            switch effect {
            case .refuse(let id, let why): trace.add(now, "\(id): \(why)")
            case .dispatch(let id, let plan, let attempt):
                trace.add(now, "\(id) starts under \(plan), attempt \(attempt)")
                let tensor = Tensor(request: id, plan: plan, attempt: attempt, layer: 0)
                forward(tensor, from: board)
            case .answer(let id, let plan, _):
                if settings.brokenRule != .ledgerIsNotAsked { answer(id, plan) }
            case .fail(let id, let failure):
                if settings.brokenRule == .requestsAreForgotten { continue }
                counts.requestsFailed += 1
                checker.fails(id)
                trace.add(now, "\(id) fails: \(failure)")
            case .drained(let plan): feed(board, .drained(plan))
            }
        }
        guard boards[board].isUp, let next = boards[board].ledger.nextTick else { return }
        if let scheduled = boards[board].scheduledLedgerTick, scheduled <= next { return }
        boards[board].scheduledLedgerTick = max(next, now)
        events.add(.ledgerTick(board: board), at: max(next, now))
    }

    private mutating func answer(_ id: RequestID, _ plan: PlanID) {
        counts.requestsAnswered += 1
        checker.answers(id, plan: plan)
        trace.add(now, "\(id) is answered under \(plan)")
    }

    mutating func resultArrived(_ tensor: Tensor, at board: Int) {
        guard boards[board].isUp else { return }
        if settings.brokenRule == .ledgerIsNotAsked { answer(tensor.request, tensor.plan) }
        feedLedger(board, .result(tensor.request, plan: tensor.plan, attempt: tensor.attempt))
    }

    /// Sends the tensor to the board of its next layer, or the result to the source.
    private mutating func forward(_ tensor: Tensor, from board: Int) {
        guard let record = boards[board].runner.record(tensor.plan) else { return }
        let layers = record.plan.layers
        guard tensor.layer < layers.count else {
            travel(.result(board: sourceBoard, tensor), from: board, to: sourceBoard)
            return
        }
        guard let next = index(of: NodeID(layers[tensor.layer].device.name)) else { return }
        travel(.tensor(board: next, tensor), from: board, to: next)
    }

    /// Connections between runners break; what is on its way is then lost.
    private mutating func travel(_ event: SimulationEvent, from: Int, to: Int) {
        guard from == to || (reaches(from, to) && !(isRough && random.chance(0.02))) else { return }
        // Connections are slow now and then: a tensor may arrive when its plan is long gone.
        let late =
            isRough && random.chance(lateTensors)
            ? Duration.milliseconds(Int.random(in: 50...1500, using: &random)) : .zero
        events.add(event, at: now + (from == to ? .microseconds(10) : delay() + late))
        if isRough, from != to, random.chance(0.02) { events.add(event, at: now + delay() * 4) }
    }

    mutating func arrived(_ tensor: Tensor, at board: Int) {
        guard boards[board].isUp else { return }
        let node = boards[board].node
        let fenced = settings.brokenRule != .fenceIgnoresPlanIDs
        if let refusal = boards[board].runner.admit(tensor.plan, model: Self.model, fenced: fenced) {
            counts.tensorsRefused += 1
            trace.add(now, "\(node) refuses a tensor of \(tensor.request): \(refusal)")
            travel(.attemptFailed(board: sourceBoard, tensor, reason: refusal), from: board, to: sourceBoard)
            return
        }
        checker.runs(tensor.plan, model: Self.model, on: node)
        let time = Duration.microseconds(Int.random(in: 500...20_000, using: &random))
        events.add(
            .computed(
                board: board, epoch: boards[board].epoch, runner: boards[board].runner.epoch, tensor), at: now + time)
    }

    mutating func computed(_ tensor: Tensor, on board: Int, _ epoch: Int, _ runner: Int) {
        guard boards[board].isUp, boards[board].epoch == epoch, boards[board].runner.epoch == runner,
            let record = boards[board].runner.record(tensor.plan)
        else { return }
        var tensor = tensor
        let device = record.plan.layers[tensor.layer].device
        while tensor.layer < record.plan.layers.count, record.plan.layers[tensor.layer].device == device {
            tensor.layer += 1
        }
        forward(tensor, from: board)
    }
}
