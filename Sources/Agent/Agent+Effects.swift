import Board
import Cluster
import Costs
import JSON
import MQTT
import NIOCore
import Runtime

extension Agent {
    /// Feeds one input to the state machine and carries out what it wants, in order.
    func feed(_ input: ClusterInput) async {
        // What waits for the disk comes first: of two words on the same thing the later must be the last.
        guard promises.isEmpty || !UnkeptPromises.mustKeep(input) else { return await putOff(input) }
        _ = await take(input)
    }

    /// - Returns: false where nothing came of it because the disk takes nothing.
    private func take(_ input: ClusterInput) async -> Bool {
        let before = member
        let effects = member.handle(input, now: MonotonicTime.now)
        // A promise that is not on disk must not be spoken, and nothing done that rests on it.
        if let state = effects.reversed().lazy.compactMap(\.persisted).first {
            do {
                try await stateFile.save(state)
            } catch {
                // As if the input had never come: others say it again, and what came from here is put off.
                member = before
                if UnkeptPromises.mustKeep(input) { await putOff(input) }
                await diskRefuses(error)
                scheduleWake()
                return false
            }
        }
        for effect in effects { await carryOut(effect) }
        scheduleWake()
        return true
    }

    private func carryOut(_ effect: ClusterEffect) async {
        switch effect {
        case .send(let message, let to): publish(message, to: .nodeInbox(to))
        case .persist: break
        case .publishLeader(var record):
            record.since = UTCTime.string(secondsSince1970: WallClock.secondsSince1970)
            publish(record, to: .leader)
            logger.notice("\(record.node) leads, term \(record.term)")
        case .publishPlan(var record):
            record.issuedAt = UTCTime.string(secondsSince1970: WallClock.secondsSince1970)
            publish(record, to: .plan(record.model.name))
        case .retractPlan(let model): publish(text: "", to: .plan(model))
        case .publishEvent(var event):
            event.at = UTCTime.string(secondsSince1970: WallClock.secondsSince1970)
            logger.notice(
                "model \(event.model): plan \(event.plan.map { "\($0)" } ?? "-") \(event.event): \(event.reason)")
            publish(event, to: .planEvent(event.model))
        case .publishState(let state): publish(text: state.rawValue, to: .nodeState(configuration.node))
        case .publishCapabilities(let capabilities): publish(capabilities, to: .nodeCapabilities(configuration.node))
        case .publishCarbon(let record): publish(record, to: .nodeCarbon(configuration.node))
        case .retractCarbon: publish(text: "", to: .nodeCarbon(configuration.node))
        case .publishModel(let model): publish(model, to: .model(model.name))
        case .solve(let request): solve(request)
        case .cancelSolve(let token): solves.removeValue(forKey: token)?.cancel()
        case .prepare(let record): await prepare(record)
        case .commit(let plan, let model):
            boardPlans.committed(plan)
            runner?.send(.commit(PlanReference(plan: plan, model: model)))
            await desk.committed(plan, model: model, atOnce: boardPlans.held[plan]?.record.plan.inferencesAtOnce)
            setClocks()
        case .drain(let plan, let model): await desk.draining(plan, model: model)
        case .abandon(let plan, let model):
            waitingPreparations.removeAll { $0.record.id == plan }
            boardPlans.abandoned(plan)
            setClocks()
            await desk.lost(plan, model: model)
            runner?.send(.abandon(PlanReference(plan: plan, model: model)))
        case .reply(let reply):
            publish(reply, to: .commandReply(verb: Topic.replan, client: reply.client))
        case .viewChanged: await viewChanged()
        case .warning(let sentence): logger.warning("\(sentence)")
        }
    }

    private func prepare(_ record: PlanRecord) async {
        boardPlans.preparing(record)
        let devices = member.view.members.compactMap(\.capabilities).flatMap(\.devices)
        let named = Set(record.plan.partakers).union([record.model.source, record.model.destination])
        let placements = devices.filter { named.contains($0.id) }.sorted { $0.id < $1.id }
            .map { DevicePlacement(device: $0.id, node: $0.node) }
        let request = PrepareRequest(record: record, placements: placements)
        if runnerListens {
            runner?.send(.prepare(request))
        } else {
            waitingPreparations.append(request)
        }
    }

    /// Solves aside; the answer comes back through the mailbox.
    private func solve(_ request: SolveRequest) {
        let settings = configuration.planner
        let solver = LiveSolver(
            models: models,
            planner: PlannerProcess(
                program: program, planner: settings.name, sharingPlanner: settings.sharingPlanner,
                timeS: settings.timeS, memoryBytes: settings.memoryBytes,
                group: group),
            assumedBandwidthBytesPerS: settings.assumedBandwidthBytesPerS)
        solves[request.token] = Task { [mailbox] in
            let outcome = await solver.solve(request)
            mailbox.post(.solved(request.token, outcome))
        }
    }

    private func viewChanged() async {
        let view = member.view
        let peers = view.members.compactMap { member -> PeerAddress? in
            guard member.node != view.node, let endpoint = member.capabilities?.transport else { return nil }
            return PeerAddress(node: member.node, endpoint: endpoint)
        }
        if peers != knownPeers {
            knownPeers = peers
            runner?.send(.configure(runnerConfiguration()))
        }
        await desk.modelsChanged(view.models)
        await fetchMissingGraphs()
        await readProfilesIfDue()
    }

    /// Asks for the graphs of models that were added elsewhere, again after a while where nobody could give one.
    func fetchMissingGraphs() async {
        let now = MonotonicTime.now
        for model in member.view.models {
            if let asked = graphRequests[model.graphSHA256], now - asked < Self.graphRetryPeriod { continue }
            guard runnerListens, await !models.holdsGraph(of: model) else { continue }
            graphRequests[model.graphSHA256] = now
            runner?.send(.fetch(FetchRequest(sha256: [model.graphSHA256], from: model.holders)))
        }
    }

    static let graphRetryPeriod: Duration = .seconds(2)

    func scheduleWake() {
        wake?.cancel()
        guard !stopping else { return }
        let next = promises.nextTick(after: lastTick) ?? member.nextTick
        let delay = max(next - MonotonicTime.now, .milliseconds(1))
        wake = group.next().scheduleTask(in: TimeAmount(delay)) { [mailbox] in
            mailbox.post(.tick)
        }
    }

    func publish(_ value: some Encodable, to topic: Topic) {
        do {
            publish(text: try JSON.encode(value), to: topic)
        } catch {
            logger.error("cannot write a message for \(topic): \(error)")
        }
    }

    /// What cannot be sent now is lost; the state machine says it again, or publishes it anew after a reconnection.
    func publish(text: String, to topic: Topic) {
        do {
            try client?.publish(
                MQTTPublication(
                    topic: try topic.text(in: configuration.cluster), text: text,
                    qualityOfService: topic.qualityOfService, retained: topic.isRetained))
        } catch {
            logger.debug("\(error)")
        }
    }
}
