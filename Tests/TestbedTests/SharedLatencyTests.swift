import Agent
import Cluster
import Costs
import Foundation
import ONNXImport
import TestbedKit
import Testing

extension OnThisMachine {
    /// Boards that share operators: what plans predict, what boards measure, and what one board and published ways to
    /// share take instead, by the same executor. Takes many minutes: a measurement, which runs where it is asked for.
    ///
    /// `LAMELLA_SHARED_MODELS` names other fixtures than `mobilenet_v3_large,vgg11`, `LAMELLA_SHARED_BOARDS` other
    /// counts than `2,3,4`.
    @Suite(.enabled(if: Beds.measures, "skipped: a measurement; LAMELLA_MEASURE=1 runs it"))
    struct SharedLatencyTests {
        private static let environment = ProcessInfo.processInfo.environment
        static let models = (environment["LAMELLA_SHARED_MODELS"] ?? "mobilenet_v3_large,vgg11").split(separator: ",")
            .map(String.init)
        static let counts = (environment["LAMELLA_SHARED_BOARDS"] ?? "2,3,4").split(separator: ",").compactMap {
            Int($0)
        }
        private static let nodes: [NodeID] = ["pi", "potato", "nano", "server"]
        /// Of each processor, by all boards on it together; the rest serves the broker and the network.
        private static let partOfProcessor = 0.85
        private static let processors = ProcessInfo.processInfo.processorCount
        private static let coreFlopsPerS = 1e11
        /// Quotas let some milliseconds pass at the machine's speed and hold up others by as much (docs/testbed.md). A
        /// model that takes a few of them is measured without: boards are as fast as a processor, which some share.
        private static let leastWithQuotaFLOP = 0.05 * coreFlopsPerS
        /// 1 Gbit/s, then 100 Mbit/s: a link that got worse is announced at once.
        private static let rates = [125e6, 12.5e6]
        /// An idle link is looked at every 15 s (`ProbeSchedule`), the next one after it.
        private static let linkPatience: Duration = .seconds(180)
        private static let systems = ["local", "unified", "deepthings", "coedge"]
        /// How often each plans: boards learn from every plan, and what `unified` thinks of in the end is compared.
        private static func rounds(_ system: String) -> Int { system == "unified" ? 5 : 3 }
        private static let warmRequests = 12
        /// So many requests are measured, or as many more as fit into a second: one alone may meet anything.
        private static let leastRequests = 20
        private static let mostRequests = 200
        private static let plansInTurnMost = 6

        private struct Sample: CustomStringConvertible {
            var predictedS: Double
            var measuredS: Double
            /// The same as the middle of all rounds.
            var middleS: Double
            var devices: Int
            var error: Double { predictedS / measuredS - 1 }

            var description: String {
                String(
                    format: "predicted %.1f ms, measured %.1f ms (%+.1f %%), %d boards compute", predictedS * 1e3,
                    measuredS * 1e3, error * 100, devices)
            }
        }

        @Test(arguments: models, counts)
        func `shared plans take what is predicted, and no longer than one board`(
            _ model: String, _ count: Int
        ) async throws {
            let boards = Array(Self.nodes.prefix(count))
            let file = Files.path("Tests/Fixtures/models/\(model).onnx")
            let hasQuotas = try ImportedModel.load(path: file).graph.flop >= Self.leastWithQuotaFLOP
            try await RunningBed.with(
                boards, adjust: { Self.equal(&$0, count, hasQuotas: hasQuotas) },
                planner: .init(sharing: .on, dwellS: 0), model: "\(model).onnx",
                before: { bed in
                    try await BoardProfiles.measure(
                        bed, model: try await bed.modelFile(), name: "\(model)-of-\(count)",
                        atOnce: hasQuotas ? count : Self.processors, options: Self.profiling)
                }
            ) { running, _ in
                for rate in Self.rates {
                    for (index, first) in boards.enumerated() {
                        for second in boards[(index + 1)...] {
                            try await running.bed.setLink(first, second, bytesPerS: rate)
                        }
                    }
                    // Nobody can plan with a link of which nothing has shown that it changed.
                    _ = try await running.bed.until("links of \(rate) B/s", within: Self.linkPatience) { known in
                        boards.allSatisfy { board in
                            let links = known.board(board)?.capabilities?.links ?? []
                            return links.count == boards.count - 1
                                && links.allSatisfy { (0.5...2).contains($0.bandwidthBytesPerS / rate) }
                        }
                    }
                    var samples: [String: Sample] = [:]
                    for system in Self.systems {
                        let sample = try await Self.measure(running, system, boards)
                        samples[system] = sample
                        print(
                            String(
                                format: "%@, %d boards, %.0f Mbit/s, %@: ", model, count, rate * 8 / 1e6, system)
                                + "\(sample)")
                    }
                    let unified = try #require(samples["unified"])
                    let others = samples.filter { $0.key != "unified" }.values.map(\.middleS)
                    #expect(abs(unified.error) <= 0.15)
                    // Measured twice, one plan differs from itself by some percent.
                    #expect(unified.middleS <= 1.1 * (try #require(others.min())))
                }
            }
        }

        /// Shared plans run boards at their fastest clock, and ask what each layer takes by itself.
        private static func profiling(_ board: TestbedBoard) -> [String] {
            let fastestHz = board.hardware.compute.points.map(\.frequencyHz).max() ?? 0
            return ["--frequencies", "\(Int(fastestHz))", "--samples", "16", "--max-bundle-size", "1"]
        }

        private static func equal(_ scenario: inout Scenario, _ count: Int, hasQuotas: Bool) {
            let cores = hasQuotas ? partOfProcessor / Double((count + processors - 1) / processors) : 1
            for index in scenario.boards.indices {
                // Of one kind: another one would get too hot at its fastest clock.
                scenario.boards[index].kind = scenario.boards[0].kind
                // As many as there are cannot be reached by who has one.
                scenario.boards[index].cores = hasQuotas ? cores : Double(max(2, processors))
                // They compute at the same time: the kernel shall not put two where one has its place.
                scenario.boards[index].processorNumber = index % processors
                scenario.boards[index].memoryBytes = 2 << 30
            }
            for index in scenario.cluster.devices.indices {
                scenario.cluster.devices[index].memoryBytes = 1500 << 20
                scenario.cluster.devices[index].flops = coreFlopsPerS * cores
            }
            for index in scenario.cluster.links.indices {
                scenario.cluster.links[index].bandwidthBytesPerS = rates[0]
            }
        }

        /// Has a system plan, some times: the last plan knows what boards and links showed with the others.
        private static func measure(
            _ running: RunningBed, _ system: String, _ boards: [NodeID]
        ) async throws -> Sample {
            for board in running.bed.boards { try tell(board, to: system) }
            let scattered = try await running.planInForce().pins(inTurn: boards.map { DeviceID($0.name) })
            let pins = scattered.flatMap { ["--pin", "\($0.layer)=\($0.device)"] }
            var sample: Sample?
            var medians: [Double] = []
            for round in 0..<rounds(system) {
                // A plan that is no better than the one in force is not made, and the one in force says what was
                // predicted when it was. So what is in force before is a plan that nobody wants.
                try await replan(running, ["--sharing", "off", "--reason", "before \(system) \(round)"] + pins)
                // Whether to share is a question for the best planner; the others are asked how.
                let choice = system == "unified" ? "auto" : "on"
                try await replan(running, ["--sharing", choice, "--reason", "\(system) \(round)"])
                let (record, latencies) = try await latencies(running)
                try #require(
                    record.plan.planner == system || choice == "auto",
                    "\(record.plan.planner) is in force: \(record.reason)")
                medians.append(RunningBed.median(latencies))
                sample = Sample(
                    predictedS: record.plan.latencyS, measuredS: RunningBed.median(latencies),
                    middleS: RunningBed.median(medians.sorted()),
                    devices: record.plan.sharing?.devices.count ?? 1)
                print(
                    system, "round", round, sample?.description ?? "",
                    record.plan.devices.map { "\($0.id) \(($0.busyS ?? 0) * 1e3) ms, pace \($0.pace ?? 1)" },
                    record.plan.sharing?.messages ?? 0, "messages of", record.plan.sharing?.messageS ?? 0,
                    "s, requests", record.plan.requestS ?? 0, "s", try await links(running, boards))
            }
            return try #require(sample)
        }

        /// Mbit/s and latency of each link, as boards say them.
        private static func links(_ running: RunningBed, _ boards: [NodeID]) async throws -> [String] {
            let known = try await running.bed.until("what boards know of their links") { known in
                boards.allSatisfy { known.board($0)?.capabilities != nil }
            }
            var texts: [String] = []
            for board in boards {
                for link in known.board(board)?.capabilities?.links ?? [] {
                    let figures = String(
                        format: "%.0f, %.2f ms", link.bandwidthBytesPerS * 8e-6, link.latencyS * 1e3)
                    texts.append("\(board)-\(link.peer) \(figures)")
                }
            }
            return texts
        }

        /// What requests take under the plan in force: of one plan, also where another came meanwhile.
        private static func latencies(_ running: RunningBed) async throws -> (PlanRecord, [Double]) {
            for _ in 0..<plansInTurnMost {
                let record = try await running.planInForce()
                try await running.ask(warmRequests)
                let count = max(leastRequests, min(mostRequests, Int(1 / record.plan.latencyS)))
                let latencies = try await running.ask(count)
                // What boards learn they learn with their metrics. The first requests may have found the plan before.
                if try await running.untilMeasured(warmRequests / 2 + count, by: record.id) {
                    return (record, latencies)
                }
            }
            throw TestbedError("\(plansInTurnMost) times another plan came into force while requests were measured")
        }

        private static func replan(_ running: RunningBed, _ arguments: [String]) async throws {
            let broker = running.bed.broker
            _ = try await SystemCommand.run(
                [
                    Beds.program, "replan", "--broker", "\(broker.host):\(broker.port)", "--cluster",
                    running.bed.clusterName, "--model", RunningBed.model, "--json",
                ] + arguments)
        }

        /// A person would edit the file and ask the service to read it again.
        private static func tell(_ board: TestbedBoard, to system: String) throws {
            let path = board.configurationPath
            let text = try String(contentsOfFile: path, encoding: .utf8)
            let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
                line.hasPrefix("sharing_planner") ? "sharing_planner = '\(system)'" : String(line)
            }
            try lines.joined(separator: "\n").write(toFile: path, atomically: true, encoding: .utf8)
            board.agentProcess?.send(signal: Int(SIGHUP))
        }
    }
}
