import Costs

/// Reads a set of sensors whose powers add up to what is wanted.
///
/// If one of them is at fault there is no figure: a sum that lacks a part is not a smaller power. Calls block.
public struct PowerMeter: Sendable {
    /// Over a longer time a counter may have started again more than once.
    public static let maximumCounterStep = Duration.seconds(60)
    /// Counters are refreshed about every millisecond; over shorter times their steps show.
    public static let minimumCounterStep = Duration.milliseconds(10)

    public let sensors: [PowerSensor]
    private let root: SystemRoot
    private var counters: [Counter]

    /// The last look at a counter.
    private struct Counter {
        var raw: Int
        var at: Duration
        var powerW: Double?
    }

    public init(root: SystemRoot = SystemRoot(), sensors: [PowerSensor]) {
        self.root = root
        self.sensors = sensors
        counters = []
    }

    /// - Parameter now: on a clock that never steps; the samples carry it.
    public mutating func read(now: Duration) -> PowerReading {
        guard !sensors.isEmpty else {
            return .fault(BoardFault("", .missing, "the board has no power sensor", consequence: "power is modelled"))
        }
        do throws(BoardFault) {
            var raw: [Int] = []
            var powerW = 0.0
            for sensor in sensors where sensor.kind != .energyCounter {
                let (values, watts) = try Self.look(at: sensor, root)
                raw += values
                powerW += watts
            }
            guard let counted = try readCounters(now: now) else { return .pending }
            return .sample(PowerSample(powerW: powerW + counted.powerW, at: now, raw: raw + counted.raw))
        } catch {
            counters = []
            return .fault(error)
        }
    }

    /// One look at a sensor that is no counter: what its files say, and the power.
    static func look(at sensor: PowerSensor, _ root: SystemRoot) throws(BoardFault) -> (raw: [Int], powerW: Double) {
        var raw: [Int] = []
        var powerW = 1.0
        for attribute in sensor.attributes {
            var value = try root.integer(attribute.path, in: -Int(Int32.max)...Int(Int32.max) * 1000)
            // Drivers of batteries differ in the sign of what is drawn from them.
            if sensor.scope == .battery { value = abs(value) }
            guard value >= 0 else {
                throw BoardFault(attribute.path, .absurd, "\(value) is below 0")
            }
            raw.append(value)
            powerW *= Double(value) * attribute.unit
        }
        guard !raw.isEmpty, BoardLimits.powerW.contains(powerW) else {
            throw BoardFault(
                sensor.attributes.first?.path ?? "", .absurd, "\(powerW) W cannot be",
                consequence: "it is above \(BoardLimits.powerW.upperBound) W")
        }
        return (raw, powerW)
    }

    /// The counters' power since the last look; nil where there was none or it is too recent.
    private mutating func readCounters(now: Duration) throws(BoardFault) -> (raw: [Int], powerW: Double)? {
        let sensors = sensors.filter { $0.kind == .energyCounter }
        guard !sensors.isEmpty else { return ([], 0) }
        var looks: [Counter] = []
        for sensor in sensors {
            guard let attribute = sensor.attributes.first else { continue }
            looks.append(Counter(raw: try root.integer(attribute.path, in: 0...Int.max), at: now))
        }
        guard counters.count == looks.count, let last = counters.first?.at else {
            counters = looks
            return nil
        }
        let step = now - last
        guard step > .zero else {
            counters = looks
            throw BoardFault("", .gap, "the clock did not go on between two looks at a counter of energy")
        }
        guard step >= Self.minimumCounterStep else { return nil }
        let before = counters
        counters = looks
        guard step <= Self.maximumCounterStep else { return nil }
        var powerW = 0.0
        for (index, sensor) in sensors.enumerated() {
            guard let attribute = sensor.attributes.first else { continue }
            guard let energyJ = Self.energyJ(sensor, attribute.unit, from: before[index].raw, to: looks[index].raw)
            else { return nil }
            powerW += energyJ / step.inSeconds
        }
        guard BoardLimits.powerW.contains(powerW) else {
            throw BoardFault(sensors[0].attributes[0].path, .absurd, "\(powerW) W over \(step.inSeconds) s cannot be")
        }
        return (looks.map(\.raw), powerW)
    }

    /// Joules between two values of a counter; nil where it started again at an unknown value.
    static func energyJ(_ sensor: PowerSensor, _ unitJ: Double, from before: Int, to after: Int) -> Double? {
        if after >= before { return Double(after - before) * unitJ }
        guard let rangeJ = sensor.rangeJ, Double(before) * unitJ <= rangeJ else { return nil }
        return rangeJ - Double(before) * unitJ + Double(after) * unitJ
    }
}
