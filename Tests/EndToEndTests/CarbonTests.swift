import Agent
import Board
import Cluster
import Costs
import Foundation
import MQTT
import TestKit
import Testing

/// Boards on different grids: the layers go where the electricity is cleaner.
@Suite(.serialized) struct CarbonTests {
    /// The board that sees the images is slow and dirty; the other two are alike but for their grids.
    private static func twoGrids(_ scenario: inout ClusterFile, _ planner: inout AgentConfiguration.Planner) {
        for index in scenario.devices.indices {
            let isSource = scenario.devices[index].node == Digits.source
            scenario.devices[index].flops = isSource ? 60e6 : 600e6
            scenario.devices[index].memoryBandwidthBytesPerS = 2e9
            scenario.devices[index].memoryBytes = 900_000
            scenario.devices[index].computePowerW = 5
            scenario.devices[index].idlePowerW = 0.5
            scenario.devices[index].transferPower = TransferPower(
                uploadWPerMbitPerS: 0.02, downloadWPerMbitPerS: 0.02, baseW: 0.1)
            scenario.devices[index].zone = isSource ? "HOME" : scenario.devices[index].id == "nano" ? "EAST" : "WEST"
            // What holds until a feed says something.
            scenario.devices[index].intensityGPerKwh = isSource ? 300 : scenario.devices[index].id == "nano" ? 500 : 100
        }
        for index in scenario.links.indices {
            scenario.links[index].bandwidthBytesPerS = 1e6
            scenario.links[index].latencyS = 0.001
        }
        planner.objective = .carbon
        planner.constraints.maximumLatencyS = 10
    }

    private static func say(_ test: ClusterUnderTest, _ zone: String, _ intensity: Double) throws {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        let record = ZoneCarbon(
            zone: zone, intensityGPerKwh: intensity,
            at: UTCTime.string(secondsSince1970: Double(now.tv_sec) + Double(now.tv_nsec) / 1e9),
            validUntil: UTCTime.string(secondsSince1970: Double(now.tv_sec) + 3600), source: "test feed")
        let message = try OutboundMessage.zoneCarbon(record).publication(in: test.cluster.name)
        try publish(test, "zone/\(zone)/carbon", String(decoding: message.payload, as: UTF8.self))
    }

    private static func publish(_ test: ClusterUnderTest, _ topic: String, _ payload: String) throws {
        try Processes.run(
            "mosquitto_pub",
            [
                "-h", "127.0.0.1", "-p", "\(test.broker.port)", "-q", "1", "-r", "-t",
                "lamella/v1/\(test.cluster.name)/\(topic)", "-s",
            ], input: payload)
    }

    private static func computes(_ record: PlanRecord, on device: DeviceID) -> Bool {
        let share = record.plan.devices.first { $0.id == device }?.flopsShare ?? 0
        return share > 0.5
    }

    /// Says a value and waits for the plan that follows from it, while requests go on.
    private static func move(
        _ test: ClusterUnderTest, zone: String, to intensity: Double, expecting device: DeviceID, after plan: PlanRecord
    ) async throws -> PlanRecord {
        let moved = Moved()
        async let requests: Int = sendUntil(moved, test)
        let start = ContinuousClock.now
        try say(test, zone, intensity)
        let known = try await test.until("layers on \(device)") { known in
            known.plan(Digits.model).map { $0.id > plan.id && computes($0, on: device) } ?? false
        }
        let record = try #require(known.plan(Digits.model))
        print("carbon of \(zone) to \(intensity) g/kWh: committed plan after \(start.duration(to: .now))")
        moved.isOver = true
        let count = try await requests
        print("\(count) requests answered rightly meanwhile")
        #expect(record.reason.contains("carbon of zone \(zone)"), "\(record.reason)")
        #expect(record.plan.objective == .carbon && record.plan.carbonG != nil && record.plan.energyJ != nil)
        let input = record.plan.inputs.first { $0.figure == "intensity of \(device)" || $0.source.contains(zone) }
        #expect(input != nil, "\(record.plan.inputs)")
        #expect(
            record.plan.inputs.contains { $0.source.contains("test feed, zone \(zone)") && $0.ageS != nil },
            "\(record.plan.inputs)")
        return record
    }

    private static func sendUntil(_ moved: Moved, _ test: ClusterUnderTest) async throws -> Int {
        var count = 0
        repeat {
            try await test.sendImages(20)
            count += 20
        } while !moved.isOver
        return count
    }

    @Test func `layers move to the board on the cleaner grid, and back, and no request suffers`() async throws {
        try await ClusterUnderTest.run("carbon", adjust: Self.twoGrids) { test, plan in
            #expect(Self.computes(plan, on: "potato"), "\(plan.plan.layers)")
            #expect(plan.plan.inputs.contains { $0.source == "configuration of potato" })
            // Long enough that the plan may be replaced at once (`ReplanPolicy.dwell`).
            try await test.sendImages(320)
            let there = try await Self.move(test, zone: "EAST", to: 20, expecting: "nano", after: plan)
            let word = try Processes.run(
                "mosquitto_sub",
                [
                    "-h", "127.0.0.1", "-p", "\(test.broker.port)", "-C", "1", "-W", "30", "-t",
                    "lamella/v1/\(test.cluster.name)/node/nano/carbon",
                ])
            #expect(word.output.contains("\"intensity_g_per_kwh\":20") && word.output.contains("test feed"), "\(word)")
            let shown = try Processes.run(
                Repository.program,
                ["status", "--broker", "127.0.0.1:\(test.broker.port)", "--cluster", test.cluster.name]
            ).output
            #expect(shown.contains("EAST") && shown.contains("20 g/kWh") && shown.contains("test feed"), "\(shown)")
            // What is wrong or old moves nothing.
            for garbage in [
                "{", #"{"schema":"lamella/zone-carbon/1","zone":"WEST"}"#,
                #"{"schema":"lamella/zone-carbon/1","zone":"EAST","intensity_g_per_kwh":9000,"source":"old","#
                    + #""emission_factor_type":"lifecycle","kind":"average","at":"2020-01-01T00:00:00Z","#
                    + #""valid_until":"2099-01-01T00:00:00Z"}"#,
            ] { try Self.publish(test, "zone/EAST/carbon", garbage) }
            let back = try await Self.move(test, zone: "EAST", to: 500, expecting: "potato", after: there)
            let after = try await test.until("the same plan") { $0.plan(Digits.model)?.id == back.id }
            #expect(after.plan(Digits.model)?.id == back.id)
            try await test.sendImages(40)
            let status = try Processes.run(
                Repository.program,
                ["status", "--broker", "127.0.0.1:\(test.broker.port)", "--cluster", test.cluster.name])
            #expect(status.output.contains("objective: carbon") && status.output.contains("each inference: energy"))
            // Somebody wants it fast: that stays in force, and carbon does not count any more.
            let asked = try Processes.run(
                Repository.program,
                [
                    "replan", "--broker", "127.0.0.1:\(test.broker.port)", "--cluster", test.cluster.name,
                    "--objective", "latency", "--max-energy", "pi=100",
                ])
            #expect(asked.output.contains("latency"), "\(asked.output)")
        }
    }
}

/// Set by one task, read by another.
private final class Moved: @unchecked Sendable {
    private let lock = NSLock()
    private var value = false

    var isOver: Bool {
        get { lock.withLock { value } }
        set { lock.withLock { value = newValue } }
    }
}
