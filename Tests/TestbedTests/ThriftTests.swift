import Agent
import Cluster
import Costs
import TestbedKit
import Testing

extension OnThisMachine {
    /// What chosen clocks save, measured. Some per cent apart, as energy of real processes is from run to run: a
    /// measurement, which runs where it is asked for.
    @Suite(.enabled(if: Beds.measures, "skipped: a measurement; LAMELLA_MEASURE=1 runs it")) struct ThriftTests {
        /// In this order no plan can stay when the next is asked for: the lowest clock is too slow for the limit.
        private enum Clocks: String, CaseIterable { case chosen, highest, lowest }

        private struct Outcome {
            var frequencyHz: Double
            var latencyS: Double
            var predictedLatencyS: Double
            var predictedJ: Double
            var measuredJ: Double
        }

        /// Slower than the highest clock by this much is allowed: less than the lowest clock takes, and more than the
        /// ones between them, also where a small quota of a busy machine makes latencies swing.
        private static let allowedSlowdown = 2.2
        /// At the 1.9 W of the board's kind the best clock saves 5 % of what the highest takes, less than the same work
        /// differs from one round to the next; a board that rests at this has 12 % to save.
        private static let restingPowerW = 1.0
        /// Each clock is measured so often, in turn, so that a machine that slows down slows all of them.
        private static let rounds = 15
        private static let requestsOfRound = 16
        /// The board's speed at a model and a clock is learned from so many.
        private static let requestsToLearn = PaceBook.leastSamples + 5

        /// One board that computes all by itself; the bed's own figures of its power are the truth.
        private static func nano(_ scenario: inout Scenario) {
            // So few that the work takes many quotas, also on a fast machine: what fits into one
            // takes no longer at a lower clock.
            scenario.boards[0].cores = 0.4
            scenario.boards[0].staticPowerW = restingPowerW
            scenario.cluster.application = .init(source: "nano", destination: "nano")
            // Plainly too much, so that every clock has a pace to learn.
            scenario.cluster.devices[0].flops = 200e9
        }

        /// Asks for a plan of least energy, and returns when it is in force and its clock is set.
        private func plan(
            _ running: RunningBed, _ tag: String, at frequencyHz: Double? = nil, within limitS: Double? = nil
        ) async throws -> PlanRecord {
            var constraints = Constraints()
            constraints.maximumLatencyS = limitS
            let request = ReplanRequest(
                model: RunningBed.model, objective: .energy, constraints: constraints,
                clocks: frequencyHz.map { [ClockPin(device: "nano", frequencyHz: $0)] })
            let record = try await running.plan(tag, as: request)
            let plannedHz = try #require(record.plan.devices.first?.frequencyHz)
            let board = try running.bed.board("nano")
            try await eventually("the clock is set") { board.frequencyHz() == plannedHz }
            return record
        }

        private func measure(_ running: RunningBed, _ record: PlanRecord) async throws -> Outcome {
            let board = try running.bed.board("nano")
            // The plan before is drained, and the session is warm.
            try await running.ask(1)
            let before = board.energyJ()
            let latencies = try await running.ask(Self.requestsOfRound)
            return Outcome(
                frequencyHz: board.frequencyHz(), latencyS: RunningBed.median(latencies),
                predictedLatencyS: record.plan.latencyS, predictedJ: try #require(record.plan.energyJ),
                measuredJ: (board.energyJ() - before) / Double(Self.requestsOfRound))
        }

        @Test(arguments: ["googlenet.onnx", "resnet50.onnx"])
        func `within a latency a chosen clock takes less energy than the highest and the lowest`(
            model: String
        ) async throws {
            try await RunningBed.with(
                ["nano"], adjust: Self.nano, planner: .init(objective: .energy, margin: 0.001), model: model
            ) { running, _ in
                let clocksHz = try running.bed.board("nano").hardware.compute.points.map(\.frequencyHz).sorted()
                let highestHz = try #require(clocksHz.last)
                let lowestHz = try #require(clocksHz.first)
                // What the board takes for this model at each of its clocks: a limit means something only to a plan
                // whose times are right.
                var highestS = 0.0
                for frequencyHz in clocksHz.reversed() {
                    _ = try await plan(running, "learn \(frequencyHz).", at: frequencyHz)
                    let latencyS = RunningBed.median(try await running.ask(Self.requestsToLearn))
                    if frequencyHz == highestHz { highestS = latencyS }
                    _ = try await running.bed.until("the pace at \(frequencyHz / 1e6) MHz") { known in
                        known.board("nano")?.capabilities?.paces?.contains {
                            $0.model == RunningBed.model && $0.frequencyHz == frequencyHz
                        } ?? false
                    }
                }
                let limitS = Self.allowedSlowdown * highestS
                var outcomes: [Clocks: [Outcome]] = [:]
                for round in 0..<Self.rounds {
                    for clocks in Clocks.allCases {
                        let tag = "round \(round), \(clocks.rawValue)."
                        let record =
                            switch clocks {
                            case .chosen: try await plan(running, tag, within: limitS)
                            case .highest: try await plan(running, tag, at: highestHz)
                            case .lowest: try await plan(running, tag, at: lowestHz)
                            }
                        let outcome = try await measure(running, record)
                        outcomes[clocks, default: []].append(outcome)
                        print(
                            "\(model), \(clocks.rawValue): \(outcome.frequencyHz / 1e6) MHz, "
                                + "\(outcome.latencyS) s measured, \(outcome.predictedLatencyS) s predicted, "
                                + "\(outcome.measuredJ) J measured, "
                                + "\(outcome.predictedJ) J predicted; limit \(limitS) s")
                    }
                }
                func median(_ clocks: Clocks, _ figure: (Outcome) -> Double) -> Double {
                    RunningBed.median((outcomes[clocks] ?? []).map(figure).sorted())
                }
                for clocks in Clocks.allCases {
                    print(
                        "\(model), \(clocks.rawValue), medians of \(Self.rounds): "
                            + "\(median(clocks, \.frequencyHz) / 1e6) MHz, \(median(clocks, \.latencyS)) s, "
                            + "\(median(clocks, \.measuredJ)) J, predicted "
                            + "\(median(clocks, \.predictedLatencyS)) s, \(median(clocks, \.predictedJ)) J")
                }
                #expect(median(.chosen, \.latencyS) <= limitS)
                #expect(median(.chosen, \.measuredJ) < median(.highest, \.measuredJ))
                #expect(median(.chosen, \.measuredJ) < median(.lowest, \.measuredJ))
            }
        }
    }
}
