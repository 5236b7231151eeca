import Agent
import Cluster
import Costs
import MQTT
import NIOPosix

/// Plays a scenario on a bed: model, requests, events; says what happens.
public struct ScenarioRun: Sendable {
    public static let modelName = "model"
    static let figuresEvery: Duration = .seconds(5)

    public let bed: Testbed
    /// Sent instead of the scenario's rate.
    public var requestsPerS: Double?
    public var durationS: Double?

    public init(_ bed: Testbed, requestsPerS: Double? = nil, durationS: Double? = nil) {
        self.bed = bed
        self.requestsPerS = requestsPerS
        self.durationS = durationS
    }

    private static let clock = ContinuousClock()

    /// Plays it to the end, or until the task is cancelled.
    ///
    /// - Parameter say: called for each entry, in order of time.
    /// - Returns: requests that were answered, and that failed.
    /// - Throws: one sentence, where there is no model or no plan comes.
    public func play(say: @escaping @Sendable (TimelineEntry) async -> Void) async throws -> (
        answered: Int, failed: Int
    ) {
        let model = try await bed.modelFile()
        let beginning = Self.clock.now
        @Sendable func entry(
            since start: ContinuousClock.Instant, _ kind: TimelineEntry.Kind, _ text: String,
            _ figures: TimelineEntry.Figures? = nil
        ) async {
            let atS = (Self.clock.now - start).inSeconds
            await say(TimelineEntry(atS: atS, kind: kind, text: text, figures: figures))
        }
        await entry(
            since: beginning, .testbed, "\(bed.boards.count) boards start; their logs: \(bed.folder)/*/agent.log")
        for left in bed.removedLeftovers { await entry(since: beginning, .testbed, "removed a leftover: \(left)") }
        try await bed.untilBoardsAreUp()
        await entry(since: beginning, .testbed, "every board is up")
        let inputPath = bed.scenario.run.input
        let inputs = try await NIOThreadPool.singleton.runIfActive {
            try ModelInputs.load(model: model, input: inputPath)
        }
        let first = try await bed.addModel(path: model, name: Self.modelName)
        await entry(since: beginning, .plan, Self.text(first))
        let load = RequestLoad(endpoint: try bed.source().frontDoor, model: Self.modelName, inputs: inputs)
        let start = Self.clock.now
        await entry(since: start, .testbed, "requests begin, \(requestsPerS ?? bed.scenario.run.requestsPerS)/s")
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            let rate = requestsPerS ?? bed.scenario.run.requestsPerS
            tasks.addTask { await load.run(perSecond: rate) }
            tasks.addTask { try await watch(after: first) { await entry(since: start, $0, $1) } }
            tasks.addTask { await measure(load) { await entry(since: start, $0, $1, $2) } }
            tasks.addTask { try await playEvents(since: start) { await entry(since: start, $0, $1) } }
            // Only the events have an end.
            defer { tasks.cancelAll() }
            try await Self.clock.sleep(until: start + .seconds(durationS ?? bed.scenario.run.durationS))
        }
        let (answered, failed) = (await load.answered, await load.failed)
        await entry(since: start, .testbed, "over: \(answered) requests answered, \(failed) failed")
        return (answered, failed)
    }

    private func playEvents(
        since start: ContinuousClock.Instant, say: @Sendable (TimelineEntry.Kind, String) async -> Void
    ) async throws {
        for event in bed.scenario.events {
            try await Self.clock.sleep(until: start + .seconds(event.atS))
            do {
                try await bed.perform(event.kind)
                await say(.event, event.description)
            } catch {
                await say(.problem, "\(event): \(error)")
            }
        }
    }

    /// Tells what the broker tells.
    private func watch(
        after first: PlanRecord, say: @Sendable (TimelineEntry.Kind, String) async -> Void
    ) async throws {
        let observer = try ClusterObserver(broker: bed.broker, cluster: bed.clusterName, purpose: "testbed")
        let client = observer.client
        try await withTaskCancellationHandler {
            var isCaughtUp = false
            let _: Bool? = try await observer.run { observation, _ in
                switch observation {
                case .caughtUp: isCaughtUp = true
                case .changed(let change) where isCaughtUp:
                    switch change {
                    case .plan(let record): await say(.plan, Self.text(record))
                    case .planEvent(let event) where event.event != .committed:
                        await say(.decision, "\(event.event.rawValue): \(event.reason)")
                    case .leader(let record): await say(.leader, "\(record.node) leads")
                    case .leaderGone: await say(.leader, "nobody leads")
                    case .planGone: await say(.plan, "there is no plan")
                    case .nodeState(let node, let state): await say(.board, "\(node) is \(state.rawValue)")
                    default: break
                    }
                case .problem(let sentence): await say(.problem, sentence)
                case .disconnected(let reason): await say(.problem, "the broker is gone: \(reason)")
                case .changed, .reply: break
                }
                return nil
            }
        } onCancel: {
            Task { await client.stop() }
        }
    }

    /// Tells every few seconds what requests took and boards used.
    private func measure(
        _ load: RequestLoad, say: @Sendable (TimelineEntry.Kind, String, TimelineEntry.Figures?) async -> Void
    ) async {
        var lastS = BoardHost.nowS()
        var energies = bed.boards.map { $0.energyJ() }
        var times = bed.boards.map { (try? $0.cpuSeconds()) ?? 0 }
        var problems = Set<String>()
        while true {
            do { try await Self.clock.sleep(for: Self.figuresEvery) } catch { return }
            let nowS = BoardHost.nowS()
            let passedS = nowS - lastS
            var boards: [TimelineEntry.Figures.Board] = []
            for (index, board) in bed.boards.enumerated() {
                let energyJ = board.energyJ()
                let cpuS = (try? board.cpuSeconds()) ?? times[index]
                boards.append(
                    TimelineEntry.Figures.Board(
                        node: board.node.name, powerW: (energyJ - energies[index]) / passedS,
                        energyJ: energyJ - energies[index], frequencyHz: board.frequencyHz(),
                        temperatureC: board.temperatureC(),
                        load: (cpuS - times[index]) / (passedS * board.speedCores())))
                (energies[index], times[index]) = (energyJ, cpuS)
                if let problem = board.problem, problems.insert(problem.description).inserted {
                    await say(.problem, problem.description, nil)
                }
            }
            lastS = nowS
            let (latencies, failures) = await load.take()
            let sorted = latencies.sorted()
            let figures = TimelineEntry.Figures(
                answered: sorted.count, failed: failures.count,
                latencyMedianS: sorted.isEmpty ? nil : sorted[sorted.count / 2], latencyHighestS: sorted.last,
                energyJ: boards.reduce(0) { $0 + $1.energyJ }, boards: boards)
            for failure in failures { await say(.problem, "a request failed: \(failure)", nil) }
            await say(.measured, Self.text(figures), figures)
        }
    }

    private static func text(_ figures: TimelineEntry.Figures) -> String {
        func milliseconds(_ value: Double?) -> String { value.map { TimelineEntry.fixed($0 * 1000, 1) + " ms" } ?? "-" }
        let boards = figures.boards.map { board in
            "\(board.node) \(TimelineEntry.fixed(board.powerW, 1)) W \(TimelineEntry.fixed(board.frequencyHz / 1e6, 0))"
                + " MHz \(TimelineEntry.fixed(board.load * 100, 0)) % \(TimelineEntry.fixed(board.temperatureC, 0)) °C"
        }
        return "\(figures.answered) answered, median \(milliseconds(figures.latencyMedianS)), highest "
            + "\(milliseconds(figures.latencyHighestS)), \(TimelineEntry.fixed(figures.energyJ, 1)) J | "
            + boards.joined(separator: " | ")
    }

    private static func text(_ record: PlanRecord) -> String {
        var runs: [(device: DeviceID, first: Int, last: Int)] = []
        for layer in record.plan.layers {
            if let last = runs.last, last.device == layer.device {
                runs[runs.count - 1].last = layer.index
            } else {
                runs.append((layer.device, layer.index, layer.index))
            }
        }
        let places = runs.map { "\($0.device) \($0.first)-\($0.last)" }.joined(separator: ", ")
        let latency = TimelineEntry.fixed(record.plan.latencyS * 1000, 1)
        let energy = record.plan.energyJ.map { ", \(TimelineEntry.fixed($0, 3)) J" } ?? ""
        return "\(record.id): \(places); predicted \(latency) ms\(energy); \(record.reason)"
    }
}
