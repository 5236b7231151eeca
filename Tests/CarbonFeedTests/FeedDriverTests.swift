import CarbonFeed
import Cluster
import Costs
import Foundation
import MQTT
import Synchronization
import Testing

private func withBroker<Result>(_ body: (PrivateBroker) async throws -> Result) async throws -> Result {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("lamella-feed-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let broker = try await PrivateBroker.start(in: folder.path)
    do {
        let result = try await body(broker)
        await broker.stop()
        return result
    } catch {
        await broker.stop()
        throw error
    }
}

/// What the broker has retained about carbon.
private func retained(_ broker: PrivateBroker) async throws -> ObservedCarbon {
    let (cluster, problems) = try await ClusterObserver.snapshot(
        broker: BrokerAddress(host: broker.host, port: broker.port), cluster: "test", within: .seconds(30),
        filters: try Topic.carbonFilters(in: "test"))
    #expect(problems.isEmpty)
    return cluster.carbon
}

/// Collects what a feed says and shows.
private final class Told: Sendable {
    private let state = Mutex((notices: [FeedNotice](), records: [ZoneCarbon]()))

    var notices: [FeedNotice] { state.withLock { $0.notices } }
    var records: [ZoneCarbon] { state.withLock { $0.records } }
    var warnings: [String] { notices.filter { $0.level == .warning }.map(\.text) }

    @Sendable func say(_ notice: FeedNotice) { state.withLock { $0.notices.append(notice) } }
    @Sendable func show(_ record: ZoneCarbon) { state.withLock { $0.records.append(record) } }
}

private func driver(
    _ broker: PrivateBroker?, zones: [String], poller: FeedPoller? = nil, _ told: Told,
    show: @escaping @Sendable (ZoneCarbon) -> Void = { _ in }
) -> FeedDriver {
    FeedDriver(
        zones: zones,
        broker: broker.map {
            FeedDriver.Broker(address: BrokerAddress(host: $0.host, port: $0.port), cluster: "test")
        }, poller: poller, report: told.say,
        show: { record in
            told.show(record)
            show(record)
        })
}

private var wallS: Double {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

@Suite struct FeedDriverTests {
    @Test func aReplayLeavesItsLastValueWithTheBroker() async throws {
        let csv = """
            Datetime (UTC),Zone Id,Carbon Intensity gCO2eq/kWh (direct),Carbon Intensity gCO2eq/kWh (LCA)
            2023-07-01 00:00:00,DE,310.0,400.0
            2023-07-01 01:00:00,DE,210.0,300.0
            2023-07-01 02:00:00,DE,110.0,200.0

            """
        let series = try ElectricityMapsCSV.parse(Array(csv.utf8), file: "a.csv", scope: .lifecycle)
        try await withBroker { broker in
            var settings = FeedSettings()
            settings.holdS = 3_600_000
            let told = Told()
            let before = wallS
            let outcome = try await driver(broker, zones: ["DE"], told).run(
                try FeedReplay(
                    [series], source: "csv, replayed", startS: try #require(series.span).lowerBound, speed: 36_000,
                    settings: settings))
            #expect(outcome == .done)
            #expect(told.warnings.isEmpty, "\(told.warnings)")
            // An hour lasts a tenth of a second here: a machine that was busy for longer is shown what holds by then.
            let shown = told.records.map(\.intensityGPerKwh)
            #expect(shown == shown.sorted(by: >) && Set(shown).isSubset(of: [400, 300, 200]), "\(shown)")
            #expect(shown.last == 200)
            let record = try #require(try await retained(broker).zones.first)
            #expect(record == told.records.last)
            #expect(record.source == "csv, replayed" && record.factor == EmissionFactor(.lifecycle))
            let atS = try #require(UTCTime.secondsSince1970(record.at))
            #expect((before...wallS).contains(atS))
            var book = CarbonBook()
            #expect(book.heard(record, wallS: wallS, now: .zero) == nil)
            #expect(book.intensity(of: "DE", now: .zero)?.intensityGPerKwh == 200)
        }
    }

    @Test func aServiceIsPolledAndPublishedOnce() async throws {
        let hour = UTCTime.string(secondsSince1970: (wallS / 3600).rounded(.down) * 3600)
        try await LocalService.run { question in
            question.uri.contains("/latest")
                ? .text(Answers.latest(zone: question.uri.contains("zone=DE") ? "DE" : "FR", at: hour))
                : .text("{}", status: 401)
        } _: { service in
            try await withBroker { broker in
                let base = try FeedBase(service.address)
                let secretFile = FileManager.default.temporaryDirectory
                    .appendingPathComponent("lamella-token-\(UUID().uuidString)").path
                try #require(
                    FileManager.default.createFile(
                        atPath: secretFile, contents: Data("hunter2\n".utf8), attributes: [.posixPermissions: 0o600]))
                defer { try? FileManager.default.removeItem(atPath: secretFile) }
                let told = Told()
                let poller = FeedPoller(
                    ElectricityMapsConversation(base: base, scope: .lifecycle), base: base, secretPath: secretFile)
                let outcome = try await driver(broker, zones: ["DE", "FR"], poller: poller, told).run(
                    FeedSchedule(
                        source: "electricity-maps", zones: ["DE", "FR"], once: true,
                        generator: SeededGenerator(seed: 1)))
                #expect(outcome == .done)
                let zones = try await retained(broker).zones
                #expect(zones.map(\.zone) == ["DE", "FR"])
                #expect(zones.allSatisfy { $0.intensityGPerKwh == 302 && $0.source == "electricity-maps" })
                #expect(told.warnings.count == 2 && told.warnings[0].contains("gives no forecast"), "\(told.warnings)")
                #expect(service.questions.allSatisfy { $0.headers["auth-token"] == ["hunter2"] })
            }
        }
    }

    @Test func badAnswersReachNoBoardAndAreNamedOnce() async throws {
        let pages = Mutex(0)
        try await LocalService.run { _ in
            let count = pages.withLock { count in
                count += 1
                return count
            }
            return count <= 4
                ? .text("<html>Log in</html>", headers: [("content-type", "text/html")])
                : .text("{\"data\": []}")
        } _: { service in
            try await withBroker { broker in
                var settings = FeedSettings()
                settings.backoffS = 0.01...0.02
                let base = try FeedBase(service.address)
                let told = Told()
                let seen = AsyncStream<Void>.makeStream()
                let feed = FeedDriver(
                    zones: ["GB"],
                    broker: FeedDriver.Broker(
                        address: BrokerAddress(host: broker.host, port: broker.port), cluster: "test"),
                    poller: FeedPoller(GreatBritainConversation(base: base), base: base),
                    report: { notice in
                        told.say(notice)
                        if notice.text.contains("not one value") { seen.continuation.finish() }
                    })
                async let outcome = feed.run(
                    FeedSchedule(
                        source: "great-britain", zones: ["GB"], settings: settings, generator: SeededGenerator(seed: 1))
                )
                for await _ in seen.stream {}
                feed.stop()
                #expect(try await outcome == nil)
                #expect(told.warnings.count == 2, "\(told.warnings)")
                #expect(told.warnings[0].contains("a web page instead of data"))
                #expect(try await retained(broker).zones.isEmpty)
            }
        }
    }

    @Test func withoutABrokerOnceFailsByName() async throws {
        let broker = try await withBroker { $0 }
        let told = Told()
        let outcome = try await driver(broker, zones: ["DE"], told).run(
            try FeedReplay([try hours([300])], source: "csv", startS: noonS, once: true))
        guard case .noBroker(let reason) = outcome else {
            Issue.record("\(String(describing: outcome))")
            return
        }
        #expect(reason.contains("127.0.0.1"), "\(reason)")
    }
}
