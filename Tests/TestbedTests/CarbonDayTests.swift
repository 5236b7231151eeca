import Agent
import Board
import Cluster
import Costs
import Foundation
import TestbedKit
import Testing

/// Where hourly files of Electricity Maps are, for who asks to measure with them.
private enum CarbonData {
    static let folder = ProcessInfo.processInfo.environment["LAMELLA_CARBON_DATA"]
    static let isThere = Beds.measures && folder != nil
    static let why: Comment = "skipped: a measurement; LAMELLA_MEASURE=1 with LAMELLA_CARBON_DATA=FOLDER runs it"
}

extension OnThisMachine {
    /// A day of two real grids in two minutes. Needs hourly files of Electricity Maps for both, in the folder that
    /// LAMELLA_CARBON_DATA names.
    @Suite(.enabled(if: CarbonData.isThere, CarbonData.why)) struct CarbonDayTests {
        /// On this day each of the two grids was the cleaner one for about half of the hours.
        private static let day = "2023-05-25T00:00:00Z"
        private static let zones = ["US-CAL-CISO", "US-CAL-BANC"]
        /// A slow board asks, and either of two can compute: the slow one waits for the one as long as for the other.
        private static let boards: [(node: NodeID, zone: Int)] = [("potato", 0), ("pi", 0), ("nano", 1)]
        /// A first guess, as good for each board; what requests take corrects it.
        private static let flopsPerSOfOneCore = 4e10
        private static let bytesPerSOfOneCore = 1e10
        /// How long an hour takes.
        private static let hourS = 5.0
        /// How long a plan that stays is measured.
        private static let standingS = 15.0

        private struct Standing {
            var name: String
            var place: String
            var gramsPerThousand: Double
        }

        @Test func `plans that follow a day of two grids emit less than plans that stay`() async throws {
            let hours = try Self.hours()
            var followed: [(energiesJ: [Double], requests: Int, place: String)] = []
            var standing: [Standing] = []
            var kept = 0
            try await RunningBed.with(
                Self.boards.map(\.node), adjust: Self.twoGrids,
                // Hours are short here, and so must be what keeps plans from changing too often.
                planner: .init(objective: .carbon, dwellS: 2, switchesPerWindow: 100, switchWindowS: 60),
                model: "resnet50.onnx"
            ) { running, first in
                let force = PlanInForce(first)
                let follower = Task { try await force.follow(running.bed, within: .seconds(600)) }
                try await running.ask(20)
                let means = Self.zones.indices.map { zone in hours.map { $0[zone] }.reduce(0, +) / Double(hours.count) }
                // With the same intensity everywhere the least carbon is the least energy.
                let lessons: [(String, [Double])] = [
                    ("all on one board, pi", [1, 1000]), ("all on one board, nano", [1000, 1]),
                    ("least energy", [200, 200]), ("one plan for the day's means", means),
                ]
                for (name, intensities) in lessons {
                    try await Self.say(intensities, running.bed)
                    try await Self.replan(running.bed)
                    try await running.ask(10)
                    let place = Self.place(force.plan)
                    let (energiesJ, requests) = try await Self.measure(running, force, forS: Self.standingS)
                    let perRequestJ = energiesJ.map { $0 / Double(requests) }
                    let grams = hours.map { Self.grams(perRequestJ, $0) }.reduce(0, +) / Double(hours.count)
                    standing.append(Standing(name: name, place: place, gramsPerThousand: grams * 1000))
                    kept += requests
                }
                for intensities in hours {
                    try await Self.say(intensities, running.bed)
                    let (energiesJ, requests) = try await Self.measure(running, force, forS: Self.hourS)
                    followed.append((energiesJ, requests, Self.place(force.plan)))
                    kept += requests
                }
                force.stop()
                // Something must happen for the watcher to look again.
                try await Self.say([200, 200], running.bed)
                try await follower.value
            }
            var grams = 0.0
            for (hour, (intensities, measured)) in zip(hours, followed).enumerated() {
                let hourly = Self.grams(measured.energiesJ, intensities) / Double(measured.requests) * 1000
                grams += hourly / Double(hours.count)
                print("\(hour):00 \(intensities) g/kWh: \(measured.place), \(hourly) g/1000, \(measured.requests)")
            }
            print("following the hour: \(grams) gCO2e for 1,000 requests; \(kept) requests, none lost")
            for plan in standing {
                print("\(plan.name) (\(plan.place)): \(plan.gramsPerThousand), \(plan.gramsPerThousand / grams) times")
            }
            for plan in standing { #expect(grams < plan.gramsPerThousand, "\(plan.name)") }
            #expect(Set(followed.map(\.place)).count > 1)
        }

        /// - Parameter intensities: of the zones.
        private static func grams(_ energiesJ: [Double], _ intensities: [Double]) -> Double {
            CarbonMeter.grams(energiesJ, boards.map { intensities[$0.zone] })
        }

        /// Two boards of the same speed and fast links; one's power is the lower.
        private static func twoGrids(_ scenario: inout Scenario) {
            scenario.cluster.application = .init(source: "potato", destination: "potato")
            for index in scenario.boards.indices {
                scenario.boards[index].cores = scenario.boards[index].node == "potato" ? 0.3 : 0.6
            }
            for (index, device) in scenario.cluster.devices.enumerated() {
                let cores = scenario.boards.first { $0.node == device.node }?.cores ?? 0
                scenario.cluster.devices[index].flops = flopsPerSOfOneCore * cores
                scenario.cluster.devices[index].memoryBandwidthBytesPerS = bytesPerSOfOneCore * cores
                scenario.cluster.devices[index].zone = boards.first { $0.node == device.node }.map { zones[$0.zone] }
                // Until the zones have spoken.
                scenario.cluster.devices[index].intensityGPerKwh = 200
            }
            for index in scenario.cluster.links.indices { scenario.cluster.links[index].bandwidthBytesPerS = 1e8 }
        }

        /// The day's intensities by hour, in the order of `zones`, in g/kWh.
        private static func hours() throws -> [[Double]] {
            let series = try CarbonFolder.load(try #require(CarbonData.folder), scope: .lifecycle)
            let startS = try #require(UTCTime.secondsSince1970(day))
            let chosen = try zones.map { wanted in try #require(series.first { $0.zone == wanted }) }
            let window = try CarbonWindow(chosen, from: startS, to: startS + 86_400)
            return try window.map { try #require($0.intensitiesGPerKWh) }
        }

        private static func say(_ intensities: [Double], _ bed: Testbed) async throws {
            for (zone, intensity) in zip(zones, intensities) {
                try await bed.setCarbon(zone: zone, intensityGPerKwh: intensity)
            }
        }

        /// Asks as a person would, and returns when the leader has answered.
        private static func replan(_ bed: Testbed) async throws {
            try await SystemCommand.run([
                Beds.program, "replan", "--broker", "\(bed.broker)", "--cluster", bed.clusterName, "--timeout", "60",
            ])
        }

        /// Requests one after another for a time; each must be answered.
        private static func measure(
            _ running: RunningBed, _ force: PlanInForce, forS: Double
        ) async throws -> (energiesJ: [Double], requests: Int) {
            let boards = try boards.map { try running.bed.board($0.node) }
            var meter = CarbonMeter(boards)
            var energiesJ = boards.map { _ in 0.0 }
            var requests = 0
            let end = ContinuousClock.now + .seconds(forS)
            while ContinuousClock.now < end {
                try await running.ask(1)
                requests += 1
                let taken = meter.take(used: force.used.union(["potato"]))
                for index in energiesJ.indices { energiesJ[index] += taken[index] }
            }
            return (energiesJ, requests)
        }

        private static func place(_ record: PlanRecord) -> String {
            var runs: [(device: DeviceID, count: Int)] = []
            for layer in record.plan.layers {
                if runs.last?.device == layer.device {
                    runs[runs.count - 1].count += 1
                } else {
                    runs.append((layer.device, 1))
                }
            }
            let clocks = record.plan.devices.compactMap { device in
                device.frequencyHz.map { "\(device.id) at \(Int($0 / 1e6)) MHz" }
            }
            return runs.map { "\($0.device) \($0.count)" }.joined(separator: ", ") + "; "
                + clocks.joined(separator: ", ")
        }
    }
}
