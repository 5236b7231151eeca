/// Says what changes on a board, each change once: readings in, events out.
public struct BoardWatch: Sendable {
    public struct Limits: Sendable, Equatable {
        /// Below it memory is low (nil: never).
        public var lowMemoryBytes: Int?
        /// Above this multiple of `lowMemoryBytes` it is enough again.
        public var memoryRecovery: Double
        /// A hot zone has cooled down when it is so far below its trip point.
        public var coolingCelsius: Double
        /// A limit that moves by more than this part is told again.
        public var retoldPart: Double
        /// Under at least this load the clock itself must reach what was planned, but for `clockPart` of it, at one
        /// of so many readings: firmware that throttles does not always tell the kernel.
        public var busyLoad: Double
        public var clockPart: Double
        public var slowReadings: Int

        public init(
            lowMemoryBytes: Int? = 32 << 20, memoryRecovery: Double = 1.25, coolingCelsius: Double = 5,
            retoldPart: Double = 0.1, busyLoad: Double = 0.8, clockPart: Double = 0.05, slowReadings: Int = 3
        ) {
            precondition(memoryRecovery >= 1 && coolingCelsius >= 0 && slowReadings >= 1, "limits do not overlap")
            self.lowMemoryBytes = lowMemoryBytes
            self.memoryRecovery = memoryRecovery
            self.coolingCelsius = coolingCelsius
            self.retoldPart = retoldPart
            self.busyLoad = busyLoad
            self.clockPart = clockPart
            self.slowReadings = slowReadings
        }
    }

    public let limits: Limits
    /// What was told of each clock's domain, and is still so.
    private var throttledHz: [String: Double] = [:]
    private var slowReadings: [String: Int] = [:]
    private var hotZones: Set<String> = []
    private var isMemoryLow = false
    private var lostPaths: Set<String> = []

    public init(limits: Limits = Limits()) { self.limits = limits }

    /// Domains that run slower than planned, with the frequency that was told.
    public var throttled: [String: Double] { throttledHz }

    public mutating func handle(_ reading: BoardReading) -> [BoardEvent] {
        var events: [BoardEvent] = []
        for zone in reading.zones { handle(zone, &events) }
        let hottest = reading.zones.compactMap(\.celsius).max()
        for clock in reading.clocks { handle(clock, reading.load, hottest, &events) }
        handle(memoryBytes: reading.memoryAvailableBytes, &events)
        handle(reading.faults, &events)
        return events
    }

    private mutating func handle(_ zone: BoardReading.Zone, _ events: inout [BoardEvent]) {
        guard let celsius = zone.celsius, let trip = zone.passiveCelsius else { return }
        if celsius >= trip, hotZones.count < BoardLimits.maximumZones, hotZones.insert(zone.name).inserted {
            events.append(.hot(zone: zone.name, celsius: celsius, tripCelsius: trip))
        } else if celsius < trip - limits.coolingCelsius, hotZones.remove(zone.name) != nil {
            events.append(.cooled(zone: zone.name, celsius: celsius))
        }
    }

    private mutating func handle(
        _ clock: BoardReading.Clock, _ load: Double?, _ celsius: Double?, _ events: inout [BoardEvent]
    ) {
        guard let plannedHz = clock.plannedHz else {
            // Nothing is planned any more, so that nothing can be slower than it.
            throttledHz[clock.domain] = nil
            slowReadings[clock.domain] = nil
            return
        }
        guard let maximumHz = clock.maximumHz else { return }
        var reachedHz = maximumHz < plannedHz ? maximumHz : plannedHz
        if let currentHz = clock.currentHz, let load, load >= limits.busyLoad {
            let isSlow = currentHz < reachedHz * (1 - limits.clockPart)
            slowReadings[clock.domain] = isSlow ? min((slowReadings[clock.domain] ?? 0) + 1, limits.slowReadings) : 0
            if isSlow, slowReadings[clock.domain] == limits.slowReadings { reachedHz = currentHz }
        } else if slowReadings[clock.domain] == limits.slowReadings, let told = throttledHz[clock.domain] {
            // Without load the clock says nothing about what it could reach.
            reachedHz = min(reachedHz, told)
        }
        guard reachedHz < plannedHz else {
            if throttledHz.removeValue(forKey: clock.domain) != nil {
                events.append(.throttlingEnded(domain: clock.domain, frequencyHz: plannedHz))
            }
            return
        }
        if let told = throttledHz[clock.domain], abs(told - reachedHz) <= told * limits.retoldPart { return }
        guard throttledHz.count < BoardLimits.maximumDomains || throttledHz[clock.domain] != nil else { return }
        throttledHz[clock.domain] = reachedHz
        events.append(
            .throttled(domain: clock.domain, plannedHz: plannedHz, frequencyHz: reachedHz, celsius: celsius))
    }

    private mutating func handle(memoryBytes: Int?, _ events: inout [BoardEvent]) {
        guard let memoryBytes, let lowBytes = limits.lowMemoryBytes else { return }
        if !isMemoryLow, memoryBytes < lowBytes {
            isMemoryLow = true
            events.append(.memoryLow(availableBytes: memoryBytes, limitBytes: lowBytes))
        } else if isMemoryLow, Double(memoryBytes) > Double(lowBytes) * limits.memoryRecovery {
            isMemoryLow = false
            events.append(.memoryEnough(availableBytes: memoryBytes))
        }
    }

    private mutating func handle(_ faults: [BoardFault], _ events: inout [BoardEvent]) {
        for fault in faults where lostPaths.count < BoardLimits.maximumFaults {
            if lostPaths.insert(fault.path).inserted { events.append(.sensorLost(fault)) }
        }
        let still = Set(faults.map(\.path))
        for path in lostPaths.subtracting(still).sorted() {
            lostPaths.remove(path)
            events.append(.sensorReturned(path: path))
        }
    }
}
