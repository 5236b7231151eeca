import Board
import Cluster
import Costs
import Glibc
import Logging
import MQTT
import NIOCore
import NIOPosix
import Runtime

extension Agent {
    /// Runs until `stop()` is called.
    ///
    /// - Throws: where the front door's port is taken or the client library cannot be used.
    public func run() async throws {
        let settings = try mqttSettings()
        // What was there before the start is no stranger, also while the disk refuses all that is new.
        await desk.modelsChanged(member.view.models)
        let frontDoor = try await openFrontDoor()
        self.frontDoor = frontDoor
        let runner = makeRunner()
        self.runner = runner
        let runnerTask = Task { await runner.run() }
        let deskTask = Task { [desk] in await desk.run() }
        let client = try MQTTClient(settings) { [mailbox] event in mailbox.post(.mqtt(event)) }
        self.client = client
        await keeper.start()
        await takeBoardNews(announce: false)
        await feed(.capabilitiesChanged(capabilities()))
        lookForSpeed()
        await feed(.tick)
        StartCode.release(on: group)
        let watching = watchTurns()
        for await event in mailbox.events {
            turns.begin(event.kind)
            await handle(event)
            turns.end()
            reportRefusedEvents()
            if stopping { break }
        }
        watching.cancel()
        // Nobody reads it any more; who waits for room in it is let go.
        mailbox.finish()
        wake?.cancel()
        // Before the front door closes, so that whoever still waits is told why there is no result.
        await desk.stop()
        await feed(.stop)
        solves.values.forEach { $0.cancel() }
        speedTask?.cancel()
        await client.stop()
        await frontDoor.stop()
        await runner.stop()
        await runnerTask.value
        await deskTask.value
        for sentence in await keeper.stop() { logger.notice("board: \(sentence)") }
    }

    /// Also a turn that never ends is said.
    private func watchTurns() -> RepeatedTask {
        group.next().scheduleRepeatedTask(initialDelay: .zero, delay: .milliseconds(500)) { [turns] _ in turns.look() }
    }

    /// How long requests that were accepted may go on after a stop was asked for; with what follows it must stay below
    /// `TimeoutStopSec` of lamella.service.
    static let drainLimit: Duration = .seconds(10)

    /// Takes no more requests and lets those that are open finish. The loop goes on meanwhile: their plan may change.
    private func beginStop() {
        // Whoever asks twice does not want to wait.
        guard settling == nil else {
            stopping = true
            return
        }
        notify(.stopping)
        settling = Task { [desk, mailbox, logger] in
            let open = await desk.settle(within: Self.drainLimit)
            if open > 0 { logger.warning("\(open) requests were not answered within \(Self.drainLimit) and fail") }
            mailbox.post(.requestsSettled)
        }
    }

    public nonisolated func stop() { mailbox.post(.stop) }
    public nonisolated func reload() { mailbox.post(.reload) }

    private func handle(_ event: AgentEvent) async {
        switch event {
        case .mqtt(let event): await handle(event)
        case .runner(.report(let report)): await handle(report)
        case .runner(.lost(let loss)):
            runnerListens = false
            waitingPreparations = []
            await desk.runnerLost()
            // Before the loss is told, so that the next plan is made with what is true.
            await learnMemory(from: loss)
            await feed(.executorLost(reason: "the runner \(loss)"))
            setClocks()
            await feed(.stateChanged(.degraded))
        case .solved(let token, let outcome):
            solves[token] = nil
            await feed(.solved(token, outcome))
        case .tick:
            lastTick = MonotonicTime.now
            await feed(.tick)
            await retryDisk()
            await noticeRoom()
            await noticeSilentBoard()
            await forgetMemoryLimit()
            await fetchMissingGraphs()
            await readProfilesIfDue()
            await publishMetricsIfDue()
            feedWatchdog()
        case .modelAdded(let record): await feed(.modelAdded(record))
        case .drained(let plan): await feed(.drained(plan))
        case .boardMeasured(let result): await take(result)
        case .boardNews: await takeBoardNews(announce: true)
        case .reload: await reloadConfiguration()
        case .stop: beginStop()
        case .requestsSettled: stopping = true
        }
    }

    private func handle(_ event: MQTTEvent) async {
        switch event {
        case .connected:
            do {
                let filters = try Topic.agentFilters(node: configuration.node, in: configuration.cluster)
                missingSubscriptions = Set(filters)
                for filter in filters { try client?.subscribe(filter) }
            } catch {
                logger.error("cannot subscribe: \(error)")
            }
        case .subscribed(let filter):
            guard missingSubscriptions.remove(filter) != nil, missingSubscriptions.isEmpty else { return }
            logger.notice("connected to the broker at \(configuration.broker.host):\(configuration.broker.port)")
            await feed(.brokerConnected)
        case .subscriptionRefused(let filter):
            logger.error("the broker refuses the subscription to \(filter); allow it in the broker's access list")
        case .disconnected(let reason):
            logger.warning("no broker: \(reason)")
            await feed(.brokerDisconnected)
        case .message(let topic, let payload, _): await handle(topic: topic, payload: payload)
        case .oversized(let topic, let bytes, let limit):
            logger.warning("topic \(topic): a message of \(bytes) bytes was dropped; the limit is \(limit)")
        case .undeliverable(let topic, let reason): logger.warning("topic \(topic): not delivered: \(reason)")
        case .stopped: break
        }
    }

    private func handle(topic: String, payload: [UInt8]) async {
        let message: InboundMessage
        do {
            message = try InboundMessage(topic: topic, payload: payload, in: configuration.cluster)
        } catch {
            logger.warning("\(error)")
            return
        }
        switch message {
        case .nodeState(let node, let state): await feed(.nodeState(node, state))
        case .capabilities(let capabilities):
            guard capabilities.node != configuration.node else { return }
            await feed(.capabilitiesHeard(capabilities))
        case .leader(let record): await feed(.leaderHeard(record))
        case .plan(let record): await feed(.planHeard(record))
        case .model(let record): await feed(.modelHeard(record))
        case .inbox(let node, let message):
            guard node == configuration.node else { return }
            await feed(.message(message))
        case .replan(let request): await feed(.replanRequested(request))
        case .zoneCarbon(let record): await feed(.carbonHeard(record, wallS: WallClock.secondsSince1970))
        case .cleared(.zoneCarbon(let zone)): await feed(.carbonWithdrawn(zone: zone))
        case .cleared(.plan(let model)): await feed(.planRetracted(model: model))
        // An agent acts on nothing else.
        case .cleared, .planEvent, .replanReply, .nodeCarbon, .metrics, .unused: break
        }
    }

    private func handle(_ report: RunnerReport) async {
        switch report {
        case .started(let started):
            runnerEndpoint = Endpoint(host: await advertisedHost(configuration.transport), port: started.port)
            logger.info("the runner listens on port \(started.port)")
            runner?.send(.configure(runnerConfiguration()))
            runnerListens = true
            for request in waitingPreparations { runner?.send(.prepare(request)) }
            waitingPreparations = []
            await desk.runnerStarted(port: started.port)
            await feed(.capabilitiesChanged(capabilities()))
            await feed(.stateChanged(.online))
            await fetchMissingGraphs()
            notify(.ready)
        case .fetched(let fetched):
            for sha256 in fetched.sha256 {
                graphRequests[sha256] = nil
                await models.arrived(sha256)
            }
            await readProfilesIfDue()
        case .ready(let ready):
            boardPlans.loaded(ready)
            let devices = Set(ready.program.steps.map(\.segment.device)).sorted()
            await feed(
                .prepared(ready.plan, memory: devices.map { DeviceMemory(device: $0, memoryBytes: ready.memoryBytes) }))
        case .refused(let refused):
            if refused.diskIsFull == true { await weightsFoundNoRoom(refused.reason) }
            if let plan = refused.plan {
                boardPlans.abandoned(plan)
                await feed(.refused(plan, reason: refused.reason))
            } else {
                logger.warning("\(refused.reason)")
            }
        case .committed, .drained, .alive: break
        case .measured(let measured): await learnPace(from: measured)
        case .link(let estimate):
            let changed = links.observe(
                estimate.peer, bandwidthBytesPerS: estimate.bandwidthBytesPerS, latencyS: estimate.latencyS,
                transferCount: estimate.transferCount,
                at: UTCTime.string(secondsSince1970: WallClock.secondsSince1970), now: MonotonicTime.now)
            if changed { await feed(.capabilitiesChanged(capabilities())) }
        case .fault(let sentence): logger.warning("runner: \(sentence)")
        }
    }

    func notify(_ message: ServiceNotifier.Message) {
        do { try notifier.send(message) } catch { logger.warning("\(error)") }
    }

    /// Fed only here, in the loop that does the work: a loop that hangs is not alive.
    private func feedWatchdog() {
        guard let interval = notifier.watchdogInterval, MonotonicTime.now - lastWatchdog > interval / 3 else { return }
        lastWatchdog = MonotonicTime.now
        notify(.watchdog)
    }

    private func reportRefusedEvents() {
        let count = mailbox.takeRefusedCount()
        if count > 0 { logger.warning("\(count) messages of the broker were dropped: too many waited") }
    }

    /// Takes over what may change while the agent runs, and names the rest.
    private func reloadConfiguration() async {
        do { try notifier.sendReloading() } catch { logger.warning("\(error)") }
        defer { notify(.ready) }
        let path = configurationPath
        do {
            let new = try await NIOThreadPool.singleton.runIfActive { try AgentConfiguration.load(path) }
            let reloaded = configuration.reloaded(as: new)
            configuration = reloaded.configuration
            logLevel.set(configuration.logLevel)
            links.replaceConfigured(configuration.link)
            await desk.configure(
                devices: configuration.device.map(\.id), deadline: .seconds(configuration.requests.deadlineS))
            runner?.send(.configure(runnerConfiguration()))
            keeper.configure(devices: configuration.placedDevices)
            await takeBoardNews(announce: false)
            await feed(.planningChanged(configuration.planner.settings))
            await feed(.capabilitiesChanged(capabilities()))
            logger.notice("\(path) was read again")
            if !reloaded.needRestart.isEmpty {
                logger.warning(
                    "\(path): restart the agent for what changed in \(reloaded.needRestart.joined(separator: ", "))")
            }
        } catch {
            logger.error("\(error); the configuration in force stays")
        }
    }
}
