import Board
import TestKit
import Testing

@Suite struct SystemWatchTests {
    private func clock(_ planned: Double?, _ maximum: Double?, current: Double? = nil) -> [BoardReading.Clock] {
        [BoardReading.Clock(domain: "policy0", plannedHz: planned, maximumHz: maximum, currentHz: current)]
    }

    @Test func `throttling is told once, again when it deepens, and when it ends`() {
        var watch = BoardWatch()
        var events: [BoardEvent] = []
        for maximum in [1.2e9, 1.0e9, 1.0e9, 0.95e9, 0.6e9, nil, 0.6e9, 1.2e9, 1.2e9] {
            events += watch.handle(BoardReading(clocks: clock(1.2e9, maximum)))
        }
        #expect(
            events == [
                .throttled(domain: "policy0", plannedHz: 1.2e9, frequencyHz: 1.0e9, celsius: nil),
                .throttled(domain: "policy0", plannedHz: 1.2e9, frequencyHz: 0.6e9, celsius: nil),
                .throttlingEnded(domain: "policy0", frequencyHz: 1.2e9),
            ])
        // Where nothing is planned nothing can be slower than planned.
        #expect(watch.handle(BoardReading(clocks: clock(nil, 0.6e9))).isEmpty)
    }

    @Test func `a clock that stays low under load is throttled by firmware, and idling says nothing`() {
        var watch = BoardWatch()
        for _ in 0..<10 {
            #expect(watch.handle(BoardReading(clocks: clock(1.2e9, 1.2e9, current: 0.6e9), load: 0.1)).isEmpty)
        }
        var events: [BoardEvent] = []
        for _ in 0..<5 {
            events += watch.handle(BoardReading(clocks: clock(1.2e9, 1.2e9, current: 0.6e9), load: 1))
        }
        #expect(events == [.throttled(domain: "policy0", plannedHz: 1.2e9, frequencyHz: 0.6e9, celsius: nil)])
        #expect(watch.handle(BoardReading(clocks: clock(1.2e9, 1.2e9, current: 0.6e9), load: 0.1)).isEmpty)
        #expect(
            watch.handle(BoardReading(clocks: clock(1.2e9, 1.2e9, current: 1.2e9), load: 1))
                == [.throttlingEnded(domain: "policy0", frequencyHz: 1.2e9)])
    }

    @Test func `a zone is hot from its trip point on, and cool only well below it`() {
        var watch = BoardWatch()
        var events: [BoardEvent] = []
        for celsius in [60.0, 85, 84, 86, nil, 81, 79.9, 84] {
            events += watch.handle(
                BoardReading(zones: [.init(name: "zone0", celsius: celsius, passiveCelsius: 85)]))
        }
        #expect(
            events == [
                .hot(zone: "zone0", celsius: 85, tripCelsius: 85), .cooled(zone: "zone0", celsius: 79.9),
            ])
    }

    @Test func `low memory is told once and recovers with a margin`() {
        var watch = BoardWatch(limits: .init(lowMemoryBytes: 1000))
        var events: [BoardEvent] = []
        for bytes in [2000, 999, 500, nil, 1100, 1250, 1251, 999] {
            events += watch.handle(BoardReading(memoryAvailableBytes: bytes))
        }
        #expect(
            events == [
                .memoryLow(availableBytes: 999, limitBytes: 1000), .memoryEnough(availableBytes: 1251),
                .memoryLow(availableBytes: 999, limitBytes: 1000),
            ])
    }

    @Test func `a sensor is lost once and returns once`() {
        var watch = BoardWatch()
        let fault = BoardFault("/sys/x", .failing, "cannot be read")
        #expect(watch.handle(BoardReading(faults: [fault])) == [.sensorLost(fault)])
        #expect(watch.handle(BoardReading(faults: [fault])) == [])
        #expect(watch.handle(BoardReading()) == [.sensorReturned(path: "/sys/x")])
    }

    @Test func `a reading of a made-up board carries what changes`() throws {
        let tree = try MadeUpTree(MadeUpBoards.jetsonNano)
        let root = SystemRoot(path: tree.path)
        let found = BoardInventory.discover(root)
        var watch = BoardWatch()
        let planned = ["policy0": 1.479e9]
        #expect(watch.handle(BoardReading.read(root, found, plannedHz: planned)).isEmpty)
        try tree.write("97500", to: "/sys/class/thermal/thermal_zone1/temp")
        try tree.write("921600", to: "/sys/devices/system/cpu/cpufreq/policy0/scaling_max_freq")
        #expect(
            watch.handle(BoardReading.read(root, found, plannedHz: planned)) == [
                .hot(zone: "thermal_zone1", celsius: 97.5, tripCelsius: 97),
                .throttled(domain: "policy0", plannedHz: 1.479e9, frequencyHz: 921_600_000, celsius: 97.5),
            ])
        try tree.write("", to: "/sys/class/thermal/thermal_zone1/temp")
        let events = watch.handle(BoardReading.read(root, found, plannedHz: planned))
        #expect(events.count == 1)
        guard case .sensorLost(let fault)? = events.first else {
            Issue.record("\(events)")
            return
        }
        #expect(fault.kind == .empty && events[0].description.contains("thermal_zone1/temp"))
    }
}
