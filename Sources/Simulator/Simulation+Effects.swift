import Cluster
import Costs

/// Feeds boards and carries out what they want done, in order, as the agent does.
extension Simulation {
    mutating func feed(_ board: Int, _ input: ClusterInput) {
        let led = boards[board].member.leads
        let effects = boards[board].member.handle(input, now: now)
        let epoch = boards[board].epoch
        for effect in effects {
            if let left = boards[board].effectsToCrash {
                guard left > 0 else {
                    boards[board].effectsToCrash = nil
                    crash(board, down: .milliseconds(Int.random(in: 50...2000, using: &random)))
                    return
                }
                boards[board].effectsToCrash = left - 1
            }
            carryOut(effect, of: board)
            guard boards[board].isUp, boards[board].epoch == epoch else { return }
        }
        if led != boards[board].member.leads {
            trace.add(now, "\(boards[board].node) \(led ? "does not lead any more" : "leads")")
        }
        scheduleTick(board)
    }

    private mutating func scheduleTick(_ board: Int) {
        let next = boards[board].member.nextTick
        if let scheduled = boards[board].scheduledTick, scheduled <= next { return }
        boards[board].scheduledTick = next
        events.add(.tick(board: board), at: next)
    }

    private mutating func carryOut(_ effect: ClusterEffect, of board: Int) {
        let node = boards[board].node
        switch effect {
        case .send(let message, let to):
            if let leader = message.leader, leader.node == node, leader.generation == message.life.generation {
                checker.leads(leader, disk: boards[board].synced)
            }
            if case .assignment(let assignment) = message.body {
                for record in assignment.plans.compactMap(\.record) { checker.proposed(record) }
            }
            deliver(message, from: board, to: to)
        case .persist(let state): persist(state, on: board)
        case .publishLeader(let record):
            trace.add(now, "\(node) says that it leads \(record.leadership)")
            checker.leads(record, disk: boards[board].synced)
            publish(.leader(record), from: board)
        case .publishPlan(let record): publish(.plan(record), from: board)
        case .retractPlan(let model): publish(.planRetracted(model), from: board)
        case .publishEvent(let event):
            trace.add(now, "\(node): \(event.event.rawValue) \(event.plan.map(\.description) ?? "-"): \(event.reason)")
            if event.event == .committed { counts.plansCommitted += 1 }
            if event.event == .drained, event.reason.contains("makes room") { counts.swaps += 1 }
        case .publishState(let state): publish(.state(node, state), from: board)
        case .publishCapabilities(let capabilities): publish(.capabilities(capabilities), from: board)
        // Simulated boards have no grid.
        case .publishCarbon, .retractCarbon: break
        case .publishModel(let model): publish(.model(model), from: board)
        case .solve(let request):
            boards[board].solving = request.token
            trace.add(now, "\(node) solves: \(request.reasons.map(\.description).joined(separator: "; "))")
            let time = Duration.milliseconds(Int.random(in: 2...60, using: &random))
            events.add(.solved(board: board, epoch: boards[board].epoch, request), at: now + time)
        case .cancelSolve(let token): if boards[board].solving == token { boards[board].solving = nil }
        case .prepare(let record): prepare(record, on: board)
        case .commit(let plan, _):
            trace.add(now, "\(node) commits \(plan)")
            if board == sourceBoard { feedLedger(board, .planCommitted(plan)) }
        case .drain(let plan, _):
            trace.add(now, "\(node) drains \(plan)")
            feedLedger(board, .planDraining(plan))
        case .abandon(let plan, _):
            trace.add(now, "\(node) abandons \(plan)")
            boards[board].runner.drop(plan)
            if board == sourceBoard { feedLedger(board, .planLost(plan)) }
        case .reply(let reply): trace.add(now, "\(node) replies \(reply.outcome.rawValue): \(reply.reason)")
        case .viewChanged: break
        case .warning(let text): trace.add(now, "\(node) warns: \(text)")
        }
    }

    private mutating func persist(_ state: StoredState, on board: Int) {
        boards[board].synced = state
        var written = state
        // Disks that lie: the board is told that all is on disk. What follows from it must be caught.
        if settings.brokenRule == .termNotPersisted { written.termNumber = 0 }
        if settings.brokenRule == .nothingPersisted { written = StoredState() }
        checker.persisted(written, of: boards[board].node)
        boards[board].disk = written
    }

    private mutating func prepare(_ record: PlanRecord, on board: Int) {
        checker.proposed(record)
        checker.prepares(record, on: boards[board].node, disk: boards[board].synced)
        var refusal = boards[board].runner.load(record, devices: boards[board].capabilities.devices)
        if refusal == nil, isRough, random.chance(0.04) { refusal = "a weight did not match its hash" }
        let time = Duration.milliseconds(Int.random(in: 10...150, using: &random) * boards[board].slowness)
        events.add(
            .prepared(
                board: board, epoch: boards[board].epoch, runner: boards[board].runner.epoch, record,
                refusal: refusal), at: now + time)
    }

    mutating func prepared(_ board: Int, _ epoch: Int, _ runner: Int, _ record: PlanRecord, _ refusal: String?) {
        guard boards[board].isUp, boards[board].epoch == epoch, boards[board].runner.epoch == runner else { return }
        if let refusal {
            boards[board].runner.drop(record.id)
            feed(board, .refused(record.id, reason: refusal))
        } else if boards[board].runner.loaded(record.id) {
            let memory = record.plan.devices.map { DeviceMemory(device: $0.id, memoryBytes: $0.peakMemoryBytes) }
            feed(board, .prepared(record.id, memory: memory))
        }
    }

    // MARK: Life of a board

    mutating func restart(_ board: Int) {
        guard !boards[board].isUp else { return }
        counts.restarts += 1
        boards[board].epoch += 1
        boards[board].isUp = true
        boards[board].stalledUntil = .zero
        boards[board].runner.die()
        boards[board].ledger = RequestLedger(settings: ledgerSettings)
        boards[board].member = ClusterMember(
            capabilities: boards[board].capabilities, settings: settings.cluster, stored: boards[board].disk,
            seed: random.next(), now: now)
        trace.add(now, "\(boards[board].node) starts")
        feed(board, .tick)
        guard boards[board].isUp else { return }
        if board == sourceBoard, boards[board].disk.models.isEmpty { addModel(version: 1) }
        events.add(
            .connect(board: board, epoch: boards[board].epoch),
            at: now + .milliseconds(Int.random(in: 5...200, using: &random)))
    }

    mutating func addModel(version: UInt64) {
        let source = boards[sourceBoard]
        guard source.isUp, let device = source.capabilities.devices.first else { return }
        let hash = "\(version)-\(random.next() % 1000)"
        feed(
            sourceBoard,
            .modelAdded(
                ModelRecord(
                    name: Self.model, version: version, graphSHA256: hash, graphBytes: 1000,
                    weightBytes: VirtualPlanner.layerCount * VirtualPlanner.layerBytes, holders: [source.node],
                    source: device.id, destination: device.id)))
    }

    mutating func crash(_ board: Int, down: Duration) {
        guard boards[board].isUp else { return }
        counts.crashes += 1
        trace.add(now, "\(boards[board].node) crashes")
        let wasConnected = boards[board].connected
        boards[board].isUp = false
        boards[board].connected = false
        boards[board].scheduledTick = nil
        boards[board].scheduledLedgerTick = nil
        boards[board].solving = nil
        boards[board].effectsToCrash = nil
        boards[board].runner.die()
        if wasConnected { lastWill(of: board) }
        if board == sourceBoard { clientsLoseConnection() }
        events.add(.restart(board: board), at: now + down)
    }
}
