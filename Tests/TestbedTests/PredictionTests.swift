import Agent
import Board
import Cluster
import Costs
import Foundation
import MQTT
import ONNXImport
import TestbedKit
import Testing

extension OnThisMachine {
    /// What plans predict, held against what boards do: random assignments at random clocks, asked for as a person
    /// would ask. Takes minutes: a measurement, which runs where it is asked for.
    ///
    /// `LAMELLA_PROFILES` names a folder with a profile for each board, which is filled where it is empty;
    /// `LAMELLA_PLANS` gives another number of plans.
    @Suite(.enabled(if: Beds.measures, "skipped: a measurement; LAMELLA_MEASURE=1 runs it")) struct PredictionTests {
        private static let environment = ProcessInfo.processInfo.environment
        /// With none the boards are only profiled.
        private static let planCount = environment["LAMELLA_PLANS"].flatMap { Int($0) } ?? 20
        private static let requestCount = 8
        /// `IdlePower.leastPeriods` of the metrics' period, and some more.
        private static let restingTime: Duration = .seconds(30)
        private static let modelName = "resnet50"

        /// One plan, predicted and measured.
        private struct Sample {
            var text: String
            var latencyPredictedS: Double
            var latencyMeasuredS: Double
            var energyPredictedJ: Double
            var energyMeasuredJ: Double

            var latencyError: Double { latencyPredictedS / latencyMeasuredS - 1 }
            var energyError: Double { energyPredictedJ / energyMeasuredJ - 1 }
        }

        private static func scenario() throws -> Scenario {
            var scenario = try Scenario.load(Files.path("Tests/Testbed/Scenarios/link.toml"))
            scenario.events = []
            scenario.run.model = Files.path("Tests/Fixtures/models/\(modelName).onnx")
            scenario.run.weightsSeed = 1
            scenario.run.input = nil
            let cores: [NodeID: Double] = ["pi": 0.35, "potato": 0.3, "nano": 0.45, "server": 0.5]
            for index in scenario.boards.indices {
                scenario.boards[index].cores = cores[scenario.boards[index].node]
                scenario.boards[index].memoryBytes = 900 << 20
            }
            for index in scenario.cluster.devices.indices {
                scenario.cluster.devices[index].memoryBytes = 600 << 20
                scenario.cluster.devices[index].flops = 1e10
            }
            return scenario
        }

        /// Runs of layers, cut at random, each on another device than the one before, at random clocks.
        private static func wish(
            layers: [String], devices: [Device], _ generator: inout SeededGenerator
        ) -> (pins: [LayerPin], clocks: [ClockPin]) {
            let runs = Int.random(in: 1...4, using: &generator)
            var cuts = Set<Int>()
            while cuts.count < runs - 1 { cuts.insert(Int.random(in: 1..<layers.count, using: &generator)) }
            var pins: [LayerPin] = []
            var device = devices[Int.random(in: devices.indices, using: &generator)].id
            for (index, layer) in layers.enumerated() {
                if cuts.contains(index) {
                    let others = devices.map(\.id).filter { $0 != device }
                    device = others[Int.random(in: others.indices, using: &generator)]
                }
                pins.append(LayerPin(layer: layer, device: device))
            }
            let clocks = devices.map { device in
                let points = device.points.compactMap(\.frequencyHz)
                return ClockPin(
                    device: device.id, frequencyHz: points[Int.random(in: points.indices, using: &generator)])
            }
            return (pins, clocks)
        }

        private static func measure(
            _ running: RunningBed, number: Int, pins: [LayerPin], clocks: [ClockPin]
        ) async throws -> Sample {
            let bed = running.bed
            let record = try await running.plan(
                "random plan \(number).", as: ReplanRequest(model: RunningBed.model, pins: pins, clocks: clocks))
            let boards = try record.plan.devices.map { share in (share, try bed.board(NodeID(share.id.name))) }
            try await eventually("the clocks are set") {
                boards.allSatisfy { share, board in board.frequencyHz() == share.frequencyHz }
            }
            // The plan before is drained, and the sessions are warm.
            try await running.ask(1)
            let idlePowerW = try await idlePower(of: boards.map(\.1), in: bed)
            let start = ContinuousClock.now
            let before = boards.map { $1.energyJ() }
            let latencies = try await running.ask(requestCount)
            let wallS = (ContinuousClock.now - start).inSeconds
            let meterJ = zip(boards, before).reduce(0.0) { $0 + $1.0.1.energyJ() - $1.1 }
            // As agents count it (`EnergyLedger`): between requests, while a client sends the next, nothing is owed.
            let latencyS = latencies.reduce(0, +)
            print("requests: \(latencyS) of \(wallS) s")
            let energyJ = (meterJ - idlePowerW * (wallS - latencyS)) / Double(requestCount)
            var text = ""
            var last: DeviceID?
            for (index, pin) in pins.enumerated() where pin.device != last {
                last = pin.device
                let frequencyHz = clocks.first { $0.device == pin.device }?.frequencyHz ?? 0
                text += "\(index):\(pin.device)@\(Int(frequencyHz / 1e6)) "
            }
            return Sample(
                text: text, latencyPredictedS: record.plan.latencyS,
                latencyMeasuredS: latencyS / Double(latencies.count),
                energyPredictedJ: record.plan.energyJ ?? .nan, energyMeasuredJ: energyJ)
        }

        /// What the boards draw together while nothing is asked of them, by their meters.
        private static func idlePower(of boards: [TestbedBoard], in bed: Testbed) async throws -> Double {
            let known = try await bed.until("the boards") { known in
                boards.allSatisfy { known.board($0.node)?.capabilities != nil }
            }
            let plannedW = boards.reduce(0.0) { sum, board in
                sum + (known.board(board.node)?.capabilities?.devices.first?.idlePowerW ?? 0)
            }
            let start = ContinuousClock.now
            let before = boards.map { $0.energyJ() }
            try await Task.sleep(for: .seconds(3))
            let takenJ = zip(boards, before).reduce(0.0) { $0 + $1.0.energyJ() - $1.1 }
            let powerW = takenJ / (ContinuousClock.now - start).inSeconds
            let restingW = boards.reduce(0.0) { $0 + $1.hardware.staticPowerW }
            print("idle: \(powerW) W, planned with \(plannedW) W, at rest \(restingW) W")
            return powerW
        }

        /// What boards' runners take for a plan alone, planned and real: those that had other plans before are killed,
        /// and the ones that come after them load it and run requests.
        private static func memory(
            _ running: RunningBed, number: Int, pins: [LayerPin], clocks: [ClockPin]
        ) async throws -> [(planned: Int, real: Int)] {
            let bed = running.bed
            let record = try await running.plan(
                "random plan \(number) again.", as: ReplanRequest(model: RunningBed.model, pins: pins, clocks: clocks))
            let devices = Set(record.modelLayers.map(\.device))
            let boards = try devices.map { device in (device, try bed.board(NodeID(device.name))) }
            let killed = Set(boards.flatMap { $1.processes(running: "runner") })
            for (_, board) in boards { try await board.act(.killRunner) }
            try await eventually("every killed runner has a successor") {
                boards.allSatisfy { _, board in
                    let runners = board.processes(running: "runner")
                    return !runners.isEmpty && killed.isDisjoint(with: runners)
                }
            }
            // Requests fail until the boards are known again and have loaded the plan.
            try await eventually("requests pass again") { (try? await running.ask(3)) != nil }
            let known = try await bed.until("the plan as before") { $0.plan(RunningBed.model) != nil }
            let now = try #require(known.plan(RunningBed.model))
            #expect(now.plan.layers.map(\.device) == record.plan.layers.map(\.device))
            let told = try await told(of: now, devices, bed)
            return now.plan.devices.compactMap { share in
                told[share.id].map { (planned: share.peakMemoryBytes, real: $0) }
            }
        }

        /// The most that runners held while they loaded a plan and ran it, as they say themselves: what the kernel
        /// counts begins anew when they have loaded.
        private static func told(
            of record: PlanRecord, _ devices: Set<DeviceID>, _ bed: Testbed
        ) async throws -> [DeviceID: Int] {
            let observer = try ClusterObserver(
                broker: bed.broker, cluster: bed.clusterName, purpose: "testbed",
                filters: Topic.watchFilters(in: bed.clusterName, withMetrics: true))
            let found: [DeviceID: Int]? = try await observer.run(until: .now + .seconds(20)) { _, known in
                let shares = known.boards.flatMap { $0.metrics?.shares ?? [] }.filter {
                    $0.plan == record.id && $0.runs > 0
                }
                let peaks = shares.compactMap { share in share.memoryMeasuredBytes.map { (share.device, $0) } }
                return devices.isSubset(of: peaks.map(\.0)) ? Dictionary(peaks) { $1 } : nil
            }
            return found ?? [:]
        }

        private static func percent(_ value: Double) -> String { String(format: "%+.1f %%", value * 100) }
        private static func median(_ values: [Double]) -> Double { RunningBed.median(values.sorted()) }

        @Test func `predictions hold for random plans at random clocks`() async throws {
            let bed = try await Testbed.prepare(
                try Self.scenario(),
                options: TestbedOptions(program: Beds.program, logLevel: "info", keepsFolder: Beds.keepsFolders))
            do {
                let model = try await bed.modelFile()
                let start = ContinuousClock.now
                try await BoardProfiles.measure(bed, model: model, name: Self.modelName) { _ in
                    ["--frequencies", "all", "--samples", "16", "--max-bundle-size", "6"]
                }
                print("profiled in \((ContinuousClock.now - start).inSeconds) s")
                guard Self.planCount > 0 else {
                    await bed.stop()
                    return
                }
                for board in bed.boards { try await board.startAgent() }
                try await bed.untilBoardsAreUp()
                _ = try await bed.addModel(path: model, name: RunningBed.model)
                let count = bed.boards.count
                let known = try await bed.until("every board's profile") { known in
                    known.boards.compactMap(\.capabilities).count { board in
                        board.profiles?.isEmpty == false && board.devices.allSatisfy { $0.runtimeBytes != nil }
                    } == count
                }
                // As long as boards take to learn what they draw while nothing is asked of them: no event tells that
                // one has learned that it is right.
                try await Task.sleep(for: Self.restingTime)
                let devices = known.boards.compactMap(\.capabilities).flatMap(\.devices).sorted { $0.id < $1.id }
                let layers = try ImportedModel.load(path: model).graph.layers(.layer).map(\.name)
                let running = RunningBed(bed: bed, inputs: try ModelInputs.load(model: model, input: nil))
                var generator = SeededGenerator(seed: 4)
                let wishes = (0..<Self.planCount).map { _ in
                    Self.wish(layers: layers, devices: devices, &generator)
                }
                var samples: [Sample] = []
                for (number, wish) in wishes.enumerated() {
                    let sample = try await Self.measure(running, number: number, pins: wish.pins, clocks: wish.clocks)
                    samples.append(sample)
                    print(
                        String(
                            format: "%2d  %.3f / %.3f s (%@)  %.2f / %.2f J (%@)  ", number, sample.latencyPredictedS,
                            sample.latencyMeasuredS, Self.percent(sample.latencyError), sample.energyPredictedJ,
                            sample.energyMeasuredJ, Self.percent(sample.energyError)) + sample.text)
                }
                let latency = Self.median(samples.map { abs($0.latencyError) })
                let energy = Self.median(samples.map { abs($0.energyError) })
                print(
                    "median error of \(samples.count) plans: latency \(Self.percent(latency)), energy "
                        + "\(Self.percent(energy)); signed: \(Self.percent(Self.median(samples.map(\.latencyError)))), "
                        + "\(Self.percent(Self.median(samples.map(\.energyError))))")
                #expect(latency <= 0.10)
                #expect(energy <= 0.10)
                // Last, as links and speeds of runners that begin anew must be learned again.
                var errors: [Double] = []
                for (number, wish) in wishes.enumerated() {
                    let peaks = try await Self.memory(running, number: number, pins: wish.pins, clocks: wish.clocks)
                    errors += peaks.map { Double($0.planned) / Double($0.real) - 1 }
                    let text = peaks.map { "\($0.planned >> 20)/\($0.real >> 20)" }.joined(separator: " ")
                    print("\(number)  \(text) MiB")
                }
                let memory = errors.sorted()
                let least = try #require(memory.first, "no board told what its runner needed")
                let most = try #require(memory.last)
                print(
                    "planned over real peak memory: \(Self.percent(least)) to \(Self.percent(most)), median "
                        + Self.percent(Self.median(memory)))
                #expect(abs(Self.median(memory)) <= 0.15)
                #expect(least >= -0.05)
            } catch {
                await bed.stop()
                throw error
            }
            await bed.stop()
        }
    }
}
