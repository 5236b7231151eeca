import CarbonFeed
import Cluster
import Costs
import Testing

private func texts(_ effects: [FeedEffect]) -> [String] {
    effects.compactMap { if case .say(let notice) = $0 { notice.text } else { nil } }
}

private func records(_ effects: [FeedEffect]) -> [ZoneCarbon] {
    effects.compactMap { if case .publish(let record) = $0 { record } else { nil } }
}

@Suite struct FeedReplayTests {
    /// Years after the data.
    private let wallS = noonS + 1e8

    private func replay(
        _ series: [CarbonSeries], from offsetS: Double = 0, lengthS: Double? = nil, speed: Double = 3600,
        once: Bool = false, needsBroker: Bool = false
    ) throws(FeedFault) -> FeedReplay {
        var settings = FeedSettings()
        settings.holdS = 0
        return try FeedReplay(
            series, source: "csv", startS: noonS + offsetS, lengthS: lengthS, speed: speed, settings: settings,
            once: once, needsBroker: needsBroker)
    }

    /// Everything until its end, with the time at which it happened.
    private func play(_ machine: inout FeedReplay) throws -> [(Double, [FeedEffect])] {
        var all = [(0.0, machine.handle(.start, now: .zero, wallS: wallS))]
        while let wake = machine.nextWake {
            all.append((wake.inSeconds, machine.handle(.tick, now: wake, wallS: wallS + wake.inSeconds)))
            guard all.count < 1000 else { break }
        }
        return all
    }

    @Test func whoSleptPastTheEndLeavesTheLastValue() throws {
        var machine = try replay([try hours([300, 200, 100])])
        _ = machine.handle(.start, now: .zero, wallS: wallS)
        let late = machine.handle(.tick, now: .seconds(10), wallS: wallS + 10)
        #expect(records(late).map(\.intensityGPerKwh) == [100])
        #expect(machine.nextWake == nil)
    }

    @Test func aDayIsPlayedInSecondsWithItsForecast() throws {
        var machine = try replay([try hours([300, 200, 100]), try hours([5, 6, 7], zone: "FR")])
        #expect(machine.durationS == 3)
        let all = try play(&machine)
        #expect(all.map(\.0) == [0, 1, 2, 3])
        let played = all.flatMap { records($0.1) }
        #expect(played.map(\.zone) == ["DE", "FR", "DE", "FR", "DE", "FR"])
        #expect(played.map(\.intensityGPerKwh) == [300, 5, 200, 6, 100, 7])
        func moved(_ seconds: Double) -> String { UTCTime.string(secondsSince1970: wallS + seconds) }
        #expect(played[0].at == moved(0))
        #expect(
            played[0].forecast == [
                CarbonForecast(at: moved(1), intensityGPerKwh: 200),
                CarbonForecast(at: moved(2), intensityGPerKwh: 100),
            ])
        #expect(played[0].freshUntil == moved(2) && played[0].validUntil == moved(3))
        #expect(played[2].at == moved(1))
        #expect(all.last?.1 == [.finish(.done)])
        #expect(texts(all[0].1)[0].hasPrefix("2026-11-21T12:00: 300 g/kWh"))
        var book = CarbonBook()
        for record in played { #expect(record.fault == nil) }
        for (atS, effects) in all {
            for record in records(effects) {
                #expect(book.heard(record, wallS: wallS + atS, now: .seconds(atS)) == nil)
            }
        }
    }

    @Test func itMayBeginInTheMiddleOfAValueAndEndEarly() throws {
        var machine = try replay([try hours([300, 200, 100])], from: 1800, lengthS: 3600)
        let all = try play(&machine)
        #expect(all.map(\.0) == [0, 0.5, 1])
        #expect(
            all.flatMap { records($0.1) }.map(\.at) == [0, 0.5].map { UTCTime.string(secondsSince1970: wallS + $0) })
    }

    @Test func aHoleIsSaidOnceAndNothingIsPublishedInIt() throws {
        let points = [0.0, 1, 4, 5].map { CarbonPoint(startS: noonS + 3600 * $0, intensityGPerKWh: $0) }
        let series = try CarbonSeries(zone: "DE", factor: EmissionFactor(.direct), resolutionS: 3600, points: points)
        var machine = try replay([series, try hours([9, 9, 9, 9, 9, 9], zone: "FR")])
        let all = try play(&machine)
        #expect(all.flatMap { records($0.1) }.filter { $0.zone == "DE" }.map(\.intensityGPerKwh) == [0, 1, 4, 5])
        let holes = all.flatMap { texts($0.1) }.filter { $0.contains("has a hole") }
        #expect(holes.count == 1)
        #expect(all.flatMap { records($0.1) }.first { $0.zone == "DE" }?.forecast?.count == 1)
    }

    @Test func itWaitsForTheBrokerAndRepeatsAfterALoss() throws {
        var machine = try replay([try hours([300, 200])], needsBroker: true)
        #expect(machine.handle(.start, now: .zero, wallS: wallS) == [])
        #expect(machine.nextWake == nil)
        let first = machine.handle(.connected, now: .seconds(50), wallS: wallS + 50)
        #expect(records(first).map(\.at) == [UTCTime.string(secondsSince1970: wallS + 50)])
        #expect(texts(machine.handle(.disconnected(reason: "gone"), now: .seconds(50.5), wallS: wallS)).count == 1)
        let again = machine.handle(.connected, now: .seconds(50.7), wallS: wallS + 50.7)
        #expect(records(again) == records(first))
    }

    @Test func onceIsOnlyTheStart() throws {
        var machine = try replay([try hours([300, 200])], once: true)
        let effects = machine.handle(.start, now: .zero, wallS: wallS)
        #expect(records(effects).count == 1)
        #expect(effects.last == .finish(.done))
    }

    @Test func whatCannotBePlayedIsRefused() throws {
        let series = try hours([300])
        for (make, part) in [
            ({ () throws(FeedFault) in try replay([series], from: -1) }, "its data starts at"),
            ({ () throws(FeedFault) in try replay([]) }, "0 zones"),
            ({ () throws(FeedFault) in try replay([series], speed: 0) }, "the speed is 0.0"),
            ({ () throws(FeedFault) in try replay([series], speed: .nan) }, "the speed is nan"),
            ({ () throws(FeedFault) in try replay([series], speed: 100_000) }, "give at most --speed 72000"),
        ] as [(() throws(FeedFault) -> FeedReplay, String)] {
            let found = fault { () throws(FeedFault) in _ = try make() }
            #expect(found?.description.contains(part) == true, "\(String(describing: found))")
        }
    }
}
