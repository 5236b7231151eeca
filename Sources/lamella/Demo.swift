import Agent
import Board
import Cluster
import Costs
import MQTT

/// The story of `lamella up`, step by step.
struct Demo: Sendable {
    /// For each step that waits for the cluster.
    static let patience: Duration = .seconds(60)
    static let modelName = "digits"
    static let concurrency = 1
    /// By this the bandwidth of a link falls: so much that another plan is plainly better, also on a busy machine,
    /// whose boards are slower than they say.
    static let slowdown = 10.0

    var program: String
    var scenario: ClusterFile
    var scenarioPath: String
    var folder: String
    var digits: DigitFiles
    var requestCount: Int
    /// Print nothing but errors.
    var quiet: Bool

    /// - Parameter staying: after the story, wait for `stop` before the cluster is taken down.
    func run(staying: Bool, until stop: StopSignal) async throws -> DemoReport {
        let cluster = try await LocalCluster.prepare(program: program, scenario: scenario, folder: folder)
        do {
            var report = try await tell(cluster, staying: staying)
            if staying { await stop.wait() }
            say("\nStopping.")
            report.uncleanStops = await cluster.stop().map { unclean in
                say("board \(unclean.node) ended with \(unclean.exit); its log is \(folder)/\(unclean.node)/agent.log")
                return unclean.node
            }
            if report.uncleanStops.isEmpty { say("All boards stopped cleanly.") }
            return report
        } catch {
            await cluster.stop()
            throw error
        }
    }

    private func tell(_ cluster: LocalCluster, staying: Bool) async throws -> DemoReport {
        let broker = BrokerAddress(host: "127.0.0.1", port: await cluster.brokerPort)
        let watch = ClusterWait(
            broker: broker, cluster: scenario.name, patience: Self.patience, report: { say($0) })
        say("Boards of \(scenarioPath), in \(folder), broker \(broker):")
        say(boardTable)
        try await cluster.startAll()
        let boards = scenario.devices.count
        let ready = try await watch.until("\(boards) boards and a leader") { known in
            known.liveLeader != nil
                && known.boards.count { $0.state == .online && $0.capabilities?.frontDoor != nil } == boards
        }
        guard let leader = ready.liveLeader else { throw ConfigurationError("the leader vanished; try again") }
        say("\nBoard \(leader.node) leads (term \(leader.term)): \(reasonToLead(leader.node))")

        let door = try frontDoor(of: ready)
        let record = try await ModelUploader(endpoint: door).upload(path: digits.model, name: Self.modelName)
        say(
            "\nModel \(record.name), weights \(Readable.bytes(record.weightBytes)), "
                + "added at board \(scenario.application.source)."
        )
        let planned = try await watch.until("a plan for \(Self.modelName)") { $0.plan(Self.modelName) != nil }
        guard let plan = planned.plan(Self.modelName) else { throw ConfigurationError("the plan vanished; try again") }
        say("\n" + StatusReport.text(of: plan))
        if staying { sayHowToWatch(broker) }

        let before = try await send(door, under: plan, watch: watch)
        var report = DemoReport(leader: leader, boards: boards, before: before, uncleanStops: [])
        guard let used = mostUsedLink(of: plan) else {
            say("\nThe plan uses one board, so there is no link to change.")
            return report
        }
        let slower = used.bandwidthBytesPerS / Self.slowdown
        report.change = DemoReport.Change(
            between: used.between.map { NodeID($0.name) }, fromBytesPerS: used.bandwidthBytesPerS, toBytesPerS: slower)
        say(
            "\nThe link \(used.between[0])-\(used.between[1]) now falls from "
                + "\(Readable.bytesPerSecond(used.bandwidthBytesPerS)) to \(Readable.bytesPerSecond(slower)). "
                + "Nobody is told: the boards see it in their transfers.")
        let decision = try await watch.decision(after: plan, model: Self.modelName, word: "link") {
            try await cluster.setBandwidth(
                between: NodeID(used.between[0].name), NodeID(used.between[1].name), bytesPerS: slower)
            // Requests go on while the network changes; their transfers are what shows it.
            while !Task.isCancelled { _ = await client(door).run(Array(digits.images.prefix(8))) }
        }
        report.decision = decision.event
        say("\nThe leader: \(decision.event.event), because\n  \(decision.event.reason)")
        if decision.plan.id != plan.id { say("\n" + StatusReport.text(of: decision.plan)) }
        report.after = try await send(door, under: decision.plan, watch: watch)
        return report
    }

    private func client(_ door: Endpoint) -> InferenceClient {
        InferenceClient(endpoint: door, model: Self.modelName, concurrency: Self.concurrency)
    }

    private func send(_ door: Endpoint, under plan: PlanRecord, watch: ClusterWait) async throws -> DemoReport.Run {
        let indices = (0..<requestCount).map { $0 % digits.images.count }
        let outcomes = await client(door).run(indices.map { digits.images[$0] })
        var latencies: [Double] = []
        var correct = 0
        for outcome in outcomes {
            switch outcome.result {
            case .success(let answer):
                latencies.append(answer.latencyS)
                if answer.output.indexOfLargest == digits.labels[indices[outcome.index]] { correct += 1 }
            case .failure(let error): say("request \(outcome.index): \(error)")
            }
        }
        latencies.sort()
        guard !latencies.isEmpty else { throw ConfigurationError("none of \(requestCount) requests was answered") }
        let run = DemoReport.Run(
            plan: plan, requests: requestCount, answered: latencies.count,
            accuracy: Double(correct) / Double(latencies.count), predictedLatencyS: plan.plan.latencyS,
            measuredLatencyMedianS: latencies[latencies.count / 2],
            measuredLatency95S: latencies[min(latencies.count - 1, latencies.count * 95 / 100)])
        let error = run.measuredLatencyMedianS / run.predictedLatencyS - 1
        say(
            """

            \(run.answered) of \(run.requests) images answered, accuracy \(Readable.percent(run.accuracy)).
            Latency: predicted \(Readable.seconds(run.predictedLatencyS)), measured \
            \(Readable.seconds(run.measuredLatencyMedianS)) in the median (\(error < 0 ? "" : "+")\
            \(Readable.percent(error))), 95 % below \(Readable.seconds(run.measuredLatency95S)).
            """)
        return run
    }

    /// The link over which the plan moves most bytes in the chain of layers; nil where it moves none.
    private func mostUsedLink(of plan: PlanRecord) -> Link? {
        let crossings = zip(plan.plan.layers, plan.plan.layers.dropFirst()).filter { $0.device != $1.device }
        // The pseudo layers at both ends carry the small input and output; what is between decides.
        let inner = crossings.filter { $0.0.index > 0 && $0.1.index < plan.plan.layers.count - 1 }
        guard let (from, to) = (inner.isEmpty ? crossings : inner).first else { return nil }
        return scenario.links.first { $0.between.contains(from.device) && $0.between.contains(to.device) }
    }

    private func frontDoor(of known: ObservedCluster) throws -> Endpoint {
        let source = scenario.application.source
        let board = scenario.devices.first { $0.id == source }?.node ?? NodeID(source.name)
        guard let door = known.board(board)?.capabilities?.frontDoor else {
            throw ConfigurationError("board \(board) has no front door; see \(folder)/\(board)/agent.log")
        }
        return door
    }

    private var boardTable: String {
        var table = TextTable([
            ("board", .left), ("class", .left), ("speed", .right), ("memory", .right), ("links", .left),
        ])
        for device in scenario.devices {
            let links = scenario.links.filter { $0.between.contains(device.id) }.map { link in
                let peer = link.between.first { $0 != device.id } ?? device.id
                return "\(peer) \(Readable.bytesPerSecond(link.bandwidthBytesPerS))"
            }
            table.add([
                device.id.name, device.deviceClass.rawValue, Readable.flops(device.flops),
                Readable.bytes(device.memoryBytes), links.joined(separator: ", "),
            ])
        }
        return table.text
    }

    private func reasonToLead(_ node: NodeID) -> String {
        guard let device = scenario.devices.first(where: { $0.node == node }) else { return "the highest rank" }
        return "on mains power, class \(device.deviceClass.rawValue), memory \(Readable.bytes(device.memoryBytes))."
    }

    private func sayHowToWatch(_ broker: BrokerAddress) {
        say(
            """

            From another shell:
              lamella watch  --broker \(broker) --cluster \(scenario.name)
              lamella status --broker \(broker) --cluster \(scenario.name)
              lamella replan --broker \(broker) --cluster \(scenario.name) --reason "to see it"
              mosquitto_sub -p \(broker.port) -v -t 'lamella/v1/\(scenario.name)/#'
            """)
    }

    private func say(_ text: String) {
        if !quiet { StandardOutput.line(text) }
    }
}

extension NPYArray {
    /// Position of the largest float32 element; nil for other types and for no elements.
    var indexOfLargest: Int? {
        guard elementType == .float32 else { return nil }
        return bytes.withUnsafeBytes { bytes in
            (0..<bytes.count / 4).max { left, right in
                bytes.loadUnaligned(fromByteOffset: 4 * left, as: Float.self)
                    < bytes.loadUnaligned(fromByteOffset: 4 * right, as: Float.self)
            }
        }
    }
}
