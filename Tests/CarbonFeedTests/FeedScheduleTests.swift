import CarbonFeed
import Cluster
import Costs
import Testing

/// A schedule in its own time.
private struct Feed {
    var machine: FeedSchedule
    var now: Duration = .zero

    init(zones: [String] = ["DE"], once: Bool = false, needsBroker: Bool = false, seed: UInt64 = 1) {
        machine = FeedSchedule(
            source: "test", zones: zones, once: once, needsBroker: needsBroker, generator: SeededGenerator(seed: seed))
    }

    mutating func tell(_ input: FeedInput) -> [FeedEffect] {
        machine.handle(input, now: now, wallS: noonS + now.inSeconds)
    }

    /// Goes to where it wants to be woken.
    mutating func wake() throws -> [FeedEffect] {
        now = try #require(machine.nextWake)
        return tell(.tick)
    }

    mutating func answer(_ values: [Double], zone: String = "DE", note: FeedFault? = nil) throws -> [FeedEffect] {
        let hourS = (now.inSeconds / 3600).rounded(.down) * 3600
        let series = try hours(values, zone: zone, from: hourS)
        return tell(.answered(zone: zone, .success(FeedReading(series: series, note: note))))
    }

    mutating func fail(_ kind: FeedFault.Kind, retryAfterS: Double? = nil) -> [FeedEffect] {
        tell(.answered(zone: "DE", .failure(FeedFault(kind, "it failed", "do this", retryAfterS: retryAfterS))))
    }
}

private func texts(_ effects: [FeedEffect]) -> [String] {
    effects.compactMap { if case .say(let notice) = $0 { notice.text } else { nil } }
}

private func records(_ effects: [FeedEffect]) -> [ZoneCarbon] {
    effects.compactMap { if case .publish(let record) = $0 { record } else { nil } }
}

@Suite struct FeedScheduleTests {
    @Test func zonesAreAskedInTurnAndAgainAfterAPeriod() throws {
        var feed = Feed(zones: ["DE", "FR"])
        #expect(feed.tell(.start) == [.ask(zone: "DE")])
        #expect(feed.tell(.tick) == [])
        let first = try feed.answer([300, 200])
        #expect(records(first).map(\.zone) == ["DE"])
        #expect(first.last == .ask(zone: "FR"))
        _ = try feed.answer([50], zone: "FR")
        let effects = try feed.wake()
        #expect(effects.count == 1)
        #expect((270...300).contains(feed.now.inSeconds))
    }

    @Test func aValueIsNewsOnlyOnceButPublishedEachTime() throws {
        var feed = Feed()
        _ = feed.tell(.start)
        let first = try feed.answer([300, 200])
        #expect(
            texts(first) == [
                "300 g/kWh (lifecycle average) from \(time(0)), then 200 to 200 in 1 step; valid until \(time(10_800))"
            ])
        #expect(records(first).first?.freshUntil == time(900))
        _ = try feed.wake()
        let second = try feed.answer([300, 200])
        #expect(texts(second) == [])
        #expect(records(second).count == 1)
        #expect(records(second) != records(first))
    }

    @Test func aFaultIsSaidOnceAndItsEndOnce() throws {
        var feed = Feed()
        _ = feed.tell(.start)
        var said: [String] = []
        for _ in 0..<20 {
            said += texts(feed.fail(.webPage))
            said += texts(try feed.wake())
        }
        #expect(said.count == 1)
        #expect(said[0].hasPrefix("it failed; do this; asked again in "), "\(said)")
        #expect(texts(feed.fail(.slow)).count == 1)
        _ = try feed.wake()
        let well = texts(try feed.answer([300]))
        #expect(well.first == "well again after 21 polls that failed")
        #expect(well.count == 2)
        _ = try feed.wake()
        #expect(texts(feed.fail(.webPage)).count == 1)
    }

    @Test func waitsGrowAndScatterAndHonourTheSource() throws {
        var waits: [[Double]] = []
        for seed in [1, 2] as [UInt64] {
            var feed = Feed(seed: seed)
            _ = feed.tell(.start)
            var own: [Double] = []
            for count in 0..<12 {
                let before = feed.now
                _ = feed.fail(.unreachable)
                _ = try feed.wake()
                let waitS = (feed.now - before).inSeconds
                let bound = min(15.0 * Double(1 << count), 1800)
                #expect((bound / 2...bound).contains(waitS), "\(count): \(waitS)")
                own.append(waitS)
            }
            waits.append(own)
        }
        #expect(waits[0] != waits[1])
        var feed = Feed()
        _ = feed.tell(.start)
        // What only a person can mend is not asked for more often than a good source.
        _ = feed.fail(.refused)
        #expect(try #require(feed.machine.nextWake) >= .seconds(300))
        _ = try feed.wake()
        var before = feed.now
        _ = feed.fail(.rateLimited, retryAfterS: 4000)
        _ = try feed.wake()
        #expect((feed.now - before).inSeconds == 4000)
        before = feed.now
        _ = feed.fail(.rateLimited, retryAfterS: 1e9)
        _ = try feed.wake()
        #expect((feed.now - before).inSeconds == 86_400)
    }

    @Test func aFailingSourceMakesTheValueStaleThenUnknown() throws {
        var feed = Feed()
        _ = feed.tell(.start)
        _ = try feed.answer([300])
        var said: [(Double, String)] = []
        _ = try feed.wake()
        while feed.now < .seconds(20_000) {
            said += texts(feed.fail(.unreachable)).map { (feed.now.inSeconds, $0) }
            var effects = try feed.wake()
            said += texts(effects).map { (feed.now.inSeconds, $0) }
            while !effects.contains(.ask(zone: "DE")) {
                effects = try feed.wake()
                said += texts(effects).map { (feed.now.inSeconds, $0) }
            }
        }
        #expect(said.count == 3, "\(said)")
        #expect(said[0].1.hasPrefix("it failed"))
        #expect(said[1].0 == 900)
        #expect(said[1].1 == "stale: boards go by the value of \(time(0)) until \(time(10_800))")
        #expect(said[2].0 == 10_800)
        #expect(said[2].1 == "boards know nothing of it any more: it expired")
    }

    @Test func aMissingForecastIsSaidOnceAndItsReturnOnce() throws {
        var feed = Feed()
        _ = feed.tell(.start)
        let note = FeedFault(.refused, "no forecast", "the plan has none")
        #expect(texts(try feed.answer([300], note: note)).contains("no forecast; the plan has none"))
        _ = try feed.wake()
        #expect(texts(try feed.answer([300], note: note)) == [])
        _ = try feed.wake()
        #expect(texts(try feed.answer([300, 200])).contains("complete again, with its forecast"))
    }

    @Test func theBrokerGetsWhatItMissed() throws {
        var feed = Feed(needsBroker: true)
        _ = feed.tell(.start)
        #expect(records(try feed.answer([300])).isEmpty)
        #expect(records(feed.tell(.connected)).map(\.intensityGPerKwh) == [300])
        #expect(texts(feed.tell(.disconnected(reason: "gone"))) == ["no broker: gone"])
        #expect(texts(feed.tell(.disconnected(reason: "gone"))) == [])
        #expect(records(feed.tell(.connected)).count == 1)
    }

    @Test func nothingOlderThanWhatIsPublishedIsPublished() throws {
        var feed = Feed(needsBroker: true)
        _ = feed.tell(.start)
        _ = feed.tell(.connected)
        func record(_ offsetS: Double, source: String) -> ZoneCarbon {
            ZoneCarbon(
                zone: "DE", intensityGPerKwh: 1, at: time(offsetS), validUntil: time(offsetS + 7200), source: source)
        }
        // Retained by a feed before us, and by one with a clock far ahead, which counts for nothing.
        _ = feed.tell(.heard(record(60, source: "before")))
        _ = feed.tell(.heard(record(5000, source: "mad")))
        let older = try feed.answer([300])
        #expect(records(older).isEmpty)
        #expect(texts(older).first?.contains("older than what was published of \(time(60))") == true)
        feed.now = .seconds(3700)
        #expect(records(try feed.answer([310])).count == 1)
        #expect(
            texts(feed.tell(.heard(record(3650, source: "rival")))) == [
                "rival publishes this zone too; stop one of the two feeds"
            ])
        #expect(texts(feed.tell(.heard(record(3660, source: "rival")))) == [])
    }

    @Test func onceEndsWhenAllWasSaid() throws {
        var feed = Feed(zones: ["DE", "FR"], once: true, needsBroker: true)
        _ = feed.tell(.start)
        _ = try feed.answer([300])
        #expect(!(try feed.answer([50], zone: "FR")).contains(.finish(.done)))
        #expect(feed.tell(.connected).last == .finish(.done))
        #expect(feed.tell(.tick) == [])

        var failing = Feed(once: true)
        _ = failing.tell(.start)
        let effects = failing.fail(.refused)
        #expect(texts(effects) == ["it failed; do this"])
        #expect(effects.last == .finish(.incomplete))

        var alone = Feed(once: true, needsBroker: true)
        _ = alone.tell(.start)
        #expect(alone.tell(.disconnected(reason: "refused")).last == .finish(.noBroker(reason: "refused")))
    }
}
