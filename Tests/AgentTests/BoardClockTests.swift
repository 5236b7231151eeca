import Agent
import Board
import Costs
import Testing

@Suite struct ClockLimitsTests {
    private let device = Device(
        id: "cpu", flops: 4e9, memoryBandwidthBytesPerS: 1e9, memoryBytes: 1,
        operatingPoints: [
            OperatingPoint(frequencyHz: 1e9, flops: 1e9), OperatingPoint(frequencyHz: 2e9, flops: 2e9),
            OperatingPoint(frequencyHz: 4e9, flops: 4e9),
        ])

    private func clocks(_ limits: ClockLimits) -> [Double?]? {
        limits.offered(device).operatingPoints?.map(\.frequencyHz)
    }

    @Test func aHotBoardPromisesOnlyWhatItReaches() {
        var limits = ClockLimits()
        #expect(limits.offered(device) == device)
        let isNews = (limits.limit("cpu", to: .upTo(2e9)), limits.limit("cpu", to: .upTo(2e9)))
        #expect(isNews == (true, false))
        #expect(clocks(limits) == [1e9, 2e9] && limits.offered(device).flops == 2e9)
        _ = limits.limit("cpu", to: .upTo(0.5e9))
        #expect(clocks(limits) == [1e9])
    }

    @Test func itPromisesMoreOnlyAWhileAfterItHasCooled() {
        var limits = ClockLimits()
        _ = limits.limit("cpu", to: .upTo(2e9))
        limits.ended("cpu", now: .seconds(100))
        let tooEarly = limits.forget(now: .seconds(100) + ClockLimits.hold - .seconds(1))
        #expect(tooEarly.isEmpty && clocks(limits) == [1e9, 2e9])
        let inTime = limits.forget(now: .seconds(100) + ClockLimits.hold)
        #expect(inTime == ["cpu"])
        #expect(limits.offered(device) == device)
    }

    @Test func aBoardThatIsHotAgainStaysLimited() {
        var limits = ClockLimits()
        _ = limits.limit("cpu", to: .upTo(2e9))
        limits.ended("cpu", now: .seconds(100))
        _ = limits.limit("cpu", to: .upTo(1e9))
        let isOver = limits.forget(now: .seconds(1000))
        #expect(isOver.isEmpty)
        #expect(clocks(limits) == [1e9])
    }

    @Test func aClockThatIsNotOursIsWhatItIs() {
        var limits = ClockLimits()
        _ = limits.limit("cpu", to: .fixed(1.9e9))
        #expect(clocks(limits) == [2e9])
        let isDone = limits.lift("cpu")
        #expect(isDone && limits.offered(device) == device)
        _ = limits.limit("cpu", to: .fixed(nil), isLasting: true)
        limits.ended("cpu", now: .zero)
        let isLifted = limits.lift("cpu")
        #expect(!isLifted)
        #expect(clocks(limits) == nil && limits.offered(device).flops == 4e9)
        let isOver = limits.forget(now: .seconds(1_000_000))
        #expect(isOver.isEmpty)
    }
}

@Suite struct ClockMapTests {
    private func domain(_ kind: FrequencyDomain.Kind, _ name: String) -> FrequencyDomain {
        FrequencyDomain(
            kind: kind, name: name, path: "/sys/\(name)", frequenciesHz: [1e9], hardwareMinimumHz: 1e9,
            hardwareMaximumHz: 1e9)
    }

    private func device(_ id: String) -> Device {
        Device(id: DeviceID(id), flops: 1, memoryBandwidthBytesPerS: 1, memoryBytes: 1)
    }

    @Test func theOnlyDeviceHasAllTheCores() {
        let map = ClockMap(
            asked: [:], devices: [device("cpu")],
            domains: [domain(.cpuPolicy, "policy0"), domain(.cpuPolicy, "policy4"), domain(.devfreq, "gpu")])
        #expect(map.clocks == ["cpu": ["policy0", "policy4"]] && map.faults.isEmpty)
        #expect(map.devices(of: "policy4") == ["cpu"] && map.devices(of: "gpu").isEmpty)
    }

    @Test func severalDevicesHaveWhatTheConfigurationGivesThem() {
        let map = ClockMap(
            asked: ["gpu": ["57000000.gpu"]], devices: [device("cpu"), device("gpu")],
            domains: [domain(.cpuPolicy, "policy0"), domain(.devfreq, "57000000.gpu")])
        #expect(map.clocks == ["gpu": ["57000000.gpu"]])
    }

    @Test func aClockThatIsNotThereIsNamedWithThoseThatAre() {
        let map = ClockMap(
            asked: ["cpu": ["policy7"]], devices: [device("cpu")], domains: [domain(.cpuPolicy, "policy0")])
        #expect(map.clocks == ["cpu": []])
        #expect(map.faults.count == 1 && map.faults[0].contains("policy7") && map.faults[0].contains("policy0"))
    }
}

@Suite struct BoardConditionsTests {
    @Test func aConditionIsThereUntilItEnds() {
        var conditions = BoardConditions()
        conditions.handle(.throttled(domain: "policy0", plannedHz: 2e9, frequencyHz: 1e9, celsius: 81))
        conditions.handle(.throttled(domain: "policy0", plannedHz: 2e9, frequencyHz: 0.5e9, celsius: 83))
        #expect(conditions.all.count == 1 && conditions.all[0].contains("83"))
        conditions.handle(.hot(zone: "cpu-thermal", celsius: 83, tripCelsius: 80))
        #expect(conditions.all.count == 2)
        conditions.handle(.throttlingEnded(domain: "policy0", frequencyHz: 2e9))
        conditions.handle(.cooled(zone: "cpu-thermal", celsius: 60))
        #expect(conditions.all.isEmpty)
    }

    @Test func thereIsALimitToThem() {
        var conditions = BoardConditions()
        for number in 0..<100 { conditions.set("\(number)", String(repeating: "x", count: 1000)) }
        #expect(conditions.all.count == BoardConditions.maximum)
        #expect(conditions.all.allSatisfy { $0.utf8.count <= BoardConditions.maximumSentenceBytes })
    }
}
