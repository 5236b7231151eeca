import Agent
import Costs
import TestbedKit
import Testing

extension OnThisMachine {
    /// What chosen clocks save, measured. Some per cent apart, as energy of real processes is from run to run: a
    /// measurement, which runs where it is asked for.
    @Suite(.enabled(if: Beds.measures, "skipped: a measurement; LAMELLA_MEASURE=1 runs it")) struct ThriftTests {
        private enum Clocks: String, CaseIterable { case chosen, highest, lowest }

        private struct Outcome {
            var frequencyHz: Double
            var latencyS: Double
            var predictedJ: Double
            var measuredJ: Double
        }

        /// One board that computes all by itself, for least energy within a latency; the bed's own figures of its
        /// power are the truth.
        private func run(_ clocks: Clocks, maximumLatencyS: Double?) async throws -> Outcome {
            var constraints = Constraints()
            if clocks == .chosen { constraints.maximumLatencyS = maximumLatencyS }
            var outcome: Outcome?
            try await RunningBed.with(
                ["nano"],
                adjust: { scenario in
                    scenario.boards[0].cores = 0.8
                    scenario.cluster.application = .init(source: "nano", destination: "nano")
                    scenario.cluster.devices[0].flops = 5e9
                    let hardware = scenario.boards[0].hardware
                    let points = hardware.compute.points.indices.map { index in
                        OperatingPoint(
                            frequencyHz: hardware.compute.points[index].frequencyHz,
                            flops: 5e9 * hardware.compute.relativeSpeed(at: index),
                            computePowerW: hardware.computePowerW(at: index))
                    }
                    switch clocks {
                    case .chosen: scenario.cluster.devices[0].operatingPoints = points
                    case .highest: scenario.cluster.devices[0].operatingPoints = Array(points.suffix(1))
                    case .lowest:
                        scenario.cluster.devices[0].operatingPoints = Array(points.prefix(1))
                        scenario.cluster.devices[0].flops = points[0].flops
                    }
                },
                planner: .init(objective: .energy, constraints: constraints), model: "squeezenet1_1.onnx"
            ) { running, plan in
                let board = try running.bed.board("nano")
                let frequencyHz = try #require(plan.plan.devices.first?.frequencyHz)
                try await eventually("the clock is set") { board.frequencyHz() == frequencyHz }
                try await running.ask(3)
                let count = 80
                let before = board.energyJ()
                let latencies = try await running.ask(count)
                outcome = Outcome(
                    frequencyHz: frequencyHz, latencyS: RunningBed.median(latencies),
                    predictedJ: try #require(plan.plan.energyJ), measuredJ: (board.energyJ() - before) / Double(count))
            }
            return try #require(outcome)
        }

        @Test func `a chosen clock takes less energy than the highest and the lowest`() async throws {
            let highest = try await run(.highest, maximumLatencyS: nil)
            let lowest = try await run(.lowest, maximumLatencyS: nil)
            let chosen = try await run(.chosen, maximumLatencyS: nil)
            for (name, outcome) in [("highest", highest), ("lowest", lowest), ("chosen", chosen)] {
                print(
                    "\(name): \(outcome.frequencyHz / 1e6) MHz, \(outcome.latencyS) s, "
                        + "\(outcome.measuredJ) J measured, \(outcome.predictedJ) J predicted")
            }
            #expect(chosen.measuredJ < highest.measuredJ)
            #expect(chosen.measuredJ < lowest.measuredJ)
        }
    }
}
