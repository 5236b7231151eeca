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
    /// A day of two real grids in some minutes. Needs hourly files of Electricity Maps for both, in the folder that
    /// LAMELLA_CARBON_DATA names.
    ///
    /// Every hour is played with each strategy in turn: a machine that slows down slows all of them, where strategies
    /// measured minutes apart differ by what the machine does meanwhile.
    @Suite(.enabled(if: CarbonData.isThere, CarbonData.why)) struct CarbonDayTests {
        /// On this day each of the two grids was the cleaner one for about half of the hours.
        private static let day = "2023-05-25T00:00:00Z"
        private static let zones = ["US-CAL-CISO", "US-CAL-BANC"]
        /// A slow board asks, and either of two can compute: the slow one waits for the one as long as for the other.
        private static let boards: [(node: NodeID, zone: Int)] = [("potato", 0), ("pi", 0), ("nano", 1)]
        /// A first guess, as good for each board; what requests take corrects it.
        private static let flopsPerSOfOneCore = 4e10
        private static let bytesPerSOfOneCore = 1e10
        private static let requestsToLearn = PaceBook.leastSamples + 5
        /// What is asked at the start of an hour, while the leader decides whether to follow it.
        private static let requestsWhileDeciding = 40
        /// What is measured of each strategy in each hour.
        private static let requestsOfHour = 15

        /// A plan that stays through the day, and what it emitted.
        private struct Standing {
            var name: String
            /// As the leader planned it once.
            var plan: PlanRecord
            /// By hour, in g for one request.
            var grams: [Double] = []
        }

        @Test func `plans that follow a day of two grids emit less than plans that stay`() async throws {
            let hours = try Self.hours()
            let means = Self.zones.indices.map { zone in hours.map { $0[zone] }.reduce(0, +) / Double(hours.count) }
            // With the same intensity everywhere the least carbon is the least energy. Carbon is a sum over boards of
            // energy times intensity, so the plan for the mean intensities is the best of all plans that stay.
            let lessons: [(name: String, intensities: [Double])] = [
                ("all on one board, pi", [1, 1000]), ("all on one board, nano", [1000, 1]),
                ("least energy", [200, 200]), ("one plan for the day's means", means),
            ]
            var standing: [Standing] = []
            var followed: [(plan: PlanRecord, grams: Double)] = []
            var asked = 0
            try await RunningBed.with(
                Self.boards.map(\.node), adjust: Self.twoGrids,
                // Hours are short here, and so must be what keeps plans from changing too often.
                planner: .init(objective: .carbon, dwellS: 0.5, switchesPerWindow: 1000, switchWindowS: 60),
                model: "resnet50.onnx"
            ) { running, first in
                let follow = ReplanRequest(model: RunningBed.model, objective: .carbon)
                // Twice: what the first round teaches of the boards' paces changes what is best.
                for round in 0..<2 {
                    standing = []
                    for lesson in lessons {
                        try await Self.say(lesson.intensities, running.bed)
                        // A plan that is only a little better is not made: so what is in force before is far worse.
                        _ = try await running.decision(
                            "before lesson \(round), \(lesson.name).", as: Self.scattered(first))
                        let plan = try await running.decision("lesson \(round), \(lesson.name).", as: follow)
                        try await running.ask(Self.requestsToLearn)
                        standing.append(Standing(name: lesson.name, plan: plan))
                    }
                }
                for plan in standing { print("\(plan.name): \(Self.place(plan.plan))") }
                for (hour, intensities) in hours.enumerated() {
                    for index in standing.indices {
                        let tag = "\(hour):00, \(standing[index].name)."
                        let plan = try await running.decision(tag, as: Self.pinned(standing[index].plan))
                        standing[index].grams.append(try await Self.measure(running, plan, intensities))
                    }
                    // Where the hour before left it; what it makes of this hour is its own decision.
                    if let last = followed.last {
                        _ = try await running.decision("\(hour):00, back.", as: Self.pinned(last.plan))
                        try await Self.say(hours[hour - 1], running.bed)
                    }
                    let before = try await running.decision("\(hour):00, as an hour ago.", as: follow)
                    let force = PlanInForce(before)
                    let follower = Task { try await force.follow(running.bed, within: .seconds(60)) }
                    try await Self.say(intensities, running.bed)
                    try await running.ask(Self.requestsWhileDeciding)
                    force.stop()
                    // Something must happen for the watcher to look again.
                    try await Self.say(intensities, running.bed)
                    try await follower.value
                    let grams = try await Self.measure(running, force.plan, intensities)
                    followed.append((force.plan, grams))
                    asked += Self.requestsWhileDeciding + (standing.count + 1) * (Self.requestsOfHour + 1)
                    print(
                        "\(hour):00 \(intensities) g/kWh: \(Self.place(force.plan)), \(grams * 1000) g/1000; "
                            + standing.map { "\($0.name) \(($0.grams.last ?? 0) * 1000)" }.joined(separator: "; "))
                }
            }
            let grams = followed.map(\.grams).reduce(0, +)
            let perThousand = grams / Double(hours.count) * 1000
            print("following the hour: \(perThousand) gCO2e for 1,000 requests; \(asked) requests, none lost")
            for plan in standing {
                let ratios = zip(plan.grams, followed).map { $0 / $1.grams }.sorted()
                print(
                    "\(plan.name): \(plan.grams.reduce(0, +) / grams) times; "
                        + "by hour \(ratios.first ?? 0) to \(ratios.last ?? 0)")
            }
            for plan in standing { #expect(grams < plan.grams.reduce(0, +), "\(plan.name)") }
            #expect(Set(followed.map { Self.place($0.plan) }).count > 1)
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

        /// Asks for each layer on another board than the one before.
        private static func scattered(_ record: PlanRecord) -> ReplanRequest {
            ReplanRequest(model: RunningBed.model, objective: .carbon, pins: record.pins(inTurn: ["pi", "nano"]))
        }

        /// Asks for a plan's layers and clocks, whatever is best.
        private static func pinned(_ record: PlanRecord) -> ReplanRequest {
            ReplanRequest(
                model: RunningBed.model, objective: .carbon,
                pins: record.pins,
                clocks: record.plan.devices.compactMap { device in
                    device.frequencyHz.map { ClockPin(device: device.id, frequencyHz: $0) }
                })
        }

        /// Requests one after another, each of which must be answered.
        ///
        /// - Returns: what one emits in the mean, in g.
        private static func measure(
            _ running: RunningBed, _ plan: PlanRecord, _ intensities: [Double]
        ) async throws -> Double {
            // The plan before is drained, and the session is warm.
            try await running.ask(1)
            var meter = CarbonMeter(try boards.map { try running.bed.board($0.node) })
            try await running.ask(requestsOfHour)
            let used = Set(plan.plan.layers.map { NodeID($0.device.name) }).union(["potato"])
            return grams(meter.take(used: used), intensities) / Double(requestsOfHour)
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
