import Board
import Costs
import NIOCore

/// What the board shows now, for `node/<id>/metrics`; nil: unknown.
package struct BoardSnapshot: Sendable {
    package var load: Double?
    package var celsius: Double?
    package var powerW: Double?
    package var powerOrigin: PowerSample.Origin?
    /// By device: the clock as it is.
    package var frequencyHz: [DeviceID: Double] = [:]
    package var memoryAvailableBytes: Int?
}

/// Sets the board's clocks, watches its temperatures and measures its power, on a thread of its own: files of the
/// kernel can take their time.
///
/// It decides little itself: `ClockMap`, `ClockLimits`, `BoardWatch`, `SensorGuard` and `EnergyIntegrator` are pure.
actor BoardKeeper {
    /// What the agent is to do about the board.
    struct News: Sendable {
        /// For the log, in order.
        var sentences: [String] = []
        /// Devices, or what is wrong with the board, are others than before.
        var isChanged = false
    }

    private let loop: any EventLoop
    private let settings: AgentConfiguration.Board
    private let control: FrequencyControl
    private let root: SystemRoot
    private let announce: @Sendable () -> Void
    private var devices: [Device]
    private var inventory: BoardInventory?
    private var map: ClockMap
    private var limits = ClockLimits()
    private var conditions = BoardConditions()
    private var watch = BoardWatch()
    private var meter: PowerMeter
    private var sensorGuard: SensorGuard
    private var integrator: EnergyIntegrator
    private var processors = ProcessorLoad()
    private var plannedHz: [DeviceID: Double] = [:]
    /// Devices whose clocks the kernel set as they were asked for.
    private var asWished: Set<DeviceID> = []
    private var snapshotNow = BoardSnapshot()
    private var news = News()
    private var polling: RepeatedTask?
    private var lastReading: Duration?

    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.executor.asUnownedSerialExecutor() }

    /// - Parameters:
    ///   - loop: of a group of its own; everything here blocks it.
    ///   - announce: there is news; called on the loop.
    init(
        settings: AgentConfiguration.Board, devices: [Device], stateDirectory: String, loop: any EventLoop,
        announce: @escaping @Sendable () -> Void
    ) {
        self.settings = settings
        self.devices = devices
        self.loop = loop
        self.announce = announce
        root = SystemRoot(path: settings.systemRoot)
        control = FrequencyControl(root: root, stateDirectory: stateDirectory, mode: settings.frequency)
        map = ClockMap(asked: [:], devices: [], domains: [])
        meter = PowerMeter(root: root, sensors: [])
        sensorGuard = SensorGuard(name: "power")
        integrator = EnergyIntegrator(
            capacity: max(2, Int(Self.remembered.inSeconds / settings.pollS)),
            maximumStep: .seconds(max(5, 4 * settings.pollS)))
    }

    /// Energy can be asked for over the last of this time.
    static let remembered: Duration = .seconds(600)
    /// Temperatures and clocks change slowly.
    static let readingPeriod: Duration = .seconds(1)

    /// Looks at the board, puts back what an earlier run left, and goes on looking.
    func start() {
        let restoration = control.restore()
        say(restoration)
        let found = BoardInventory.discover(root)
        inventory = found
        arrange(found)
        for fault in found.faults where fault.kind != .missing { news.sentences.append("\(fault)") }
        let period = TimeAmount.nanoseconds(Int64(settings.pollS * 1e9))
        polling = loop.scheduleRepeatedTask(initialDelay: .zero, delay: period) { [weak self] _ in
            self?.assumeIsolated { $0.poll() }
        }
        tell()
    }

    /// The configuration was read again.
    func configure(devices: [Device]) {
        self.devices = devices
        if let inventory { arrange(inventory) }
        tell()
    }

    /// Puts back what was there before; nothing is looked at any more.
    func stop() -> [String] {
        polling?.cancel()
        polling = nil
        plannedHz = [:]
        news = News()
        say(control.restore())
        return news.sentences
    }

    /// What happened since the last call.
    func takeNews() -> News {
        defer { news = News() }
        return news
    }

    /// The devices as they can be planned with now.
    func offered() -> [Device] { devices.map(limits.offered) }

    func conditionsNow() -> [String] { conditions.all }

    func snapshot() -> BoardSnapshot { snapshotNow }

    /// Joules from an instant to the last look at the meter, and when that was; nil where it does not cover the time.
    func energy(from: Duration) -> (energyJ: Double, until: Duration)? {
        guard let until = integrator.last?.at, until > from,
            let energy = try? integrator.energy(from: from, to: until)
        else { return nil }
        return (energy.energyJ, until)
    }

    /// Is the device's clock where the plan in force wants it?
    func isAsPlanned(_ device: DeviceID) -> Bool {
        guard plannedHz[device] == nil || asWished.contains(device) else { return false }
        return (map.clocks[device] ?? []).allSatisfy { watch.throttled[$0] == nil }
    }

    /// The clocks that the plans in force want; what nobody wants any more is put back.
    func apply(_ wishes: [DeviceID: Double]) {
        guard wishes != plannedHz else { return }
        if wishes.isEmpty {
            plannedHz = [:]
            say(control.restore())
            return tell()
        }
        plannedHz = wishes
        for (device, frequencyHz) in wishes.sorted(by: { $0.key < $1.key }) { apply(frequencyHz, to: device) }
        tell()
    }

    // MARK: Clocks

    private func apply(_ frequencyHz: Double, to device: DeviceID) {
        guard let inventory, let clocks = map.clocks[device], !clocks.isEmpty else {
            return refuse(
                device, "device \(device): no clock is known that could be set to \(frequencyHz / 1e6) MHz", nil)
        }
        asWished.insert(device)
        for name in clocks {
            guard let domain = inventory.domains.first(where: { $0.name == name }) else { continue }
            // Of several clusters of cores each goes as far as it can.
            let wishHz = clocks.count > 1 ? min(frequencyHz, domain.hardwareMaximumHz) : frequencyHz
            switch control.apply(wishHz, to: domain) {
            case .applied:
                conditions.clear("set \(name)")
                if limits.lift(device) { news.isChanged = true }
            case .handsOff: asWished.remove(device)
            case .clamped(let actualHz, let why):
                asWished.remove(device)
                news.sentences.append("\(name) runs at \(actualHz / 1e6) MHz: \(why)")
                conditions.clear("set \(name)")
            case .throttled(let actualHz, let why):
                asWished.remove(device)
                limit(device, .upTo(actualHz), "\(name) reaches \(actualHz / 1e6) MHz: \(why)")
            case .refused(let fault):
                refuse(device, "\(name) was not set to \(wishHz / 1e6) MHz: \(fault)", domain)
            }
        }
    }

    private func refuse(_ device: DeviceID, _ sentence: String, _ domain: FrequencyDomain?) {
        let actualHz = domain.flatMap { control.state(of: $0).currentHz }
        asWished.remove(device)
        conditions.set("set \(domain?.name ?? device.name)", sentence)
        limit(device, .fixed(actualHz), sentence)
        // It is tried again then.
        limits.ended(device, now: MonotonicTime.now)
    }

    private func limit(_ device: DeviceID, _ limit: ClockLimits.Limit, _ sentence: String) {
        news.sentences.append(sentence)
        if limits.limit(device, to: limit) { news.isChanged = true }
    }

    private func say(_ restoration: FrequencyRestoration) {
        switch restoration.outcome {
        case .nothingToDo, .discarded: break
        case .restored: news.sentences.append("the clocks are as they were before")
        case .incomplete:
            news.sentences.append("not every clock could be put back; it is tried again at the next start")
        }
        news.sentences += restoration.faults.map(\.description)
    }

    private func arrange(_ found: BoardInventory) {
        map = ClockMap(asked: settings.clock, devices: devices, domains: found.domains)
        news.sentences += map.faults
        let wanted = found.sensors.filter { sensor in
            settings.powerSensors.map { $0.contains(sensor.name) } ?? (sensor.scope == .board)
        }
        for name in settings.powerSensors ?? [] where !found.sensors.contains(where: { $0.name == name }) {
            news.sentences.append(
                "'board.power_sensors' names \(name), which is not there; there is "
                    + (found.sensors.isEmpty ? "none" : found.sensors.map(\.name).joined(separator: ", ")))
        }
        // Of several that each tell the whole, one is enough.
        let sensors = settings.powerSensors == nil ? Array(wanted.prefix(1)) : wanted
        if sensors != meter.sensors { meter = PowerMeter(root: root, sensors: sensors) }
        for device in devices where settings.frequency == .handsOff && device.operatingPoints != nil {
            let domain = (map.clocks[device.id] ?? []).lazy.compactMap { name in
                found.domains.first { $0.name == name }
            }.first
            if limits.limit(device.id, to: .fixed(domain?.currentHz), isLasting: true) { news.isChanged = true }
        }
    }

    // MARK: Looking

    private func poll() {
        let now = MonotonicTime.now
        let load = (try? root.text(ProcessorLoad.path, maximumBytes: SystemRoot.maximumProcBytes))
            .flatMap { processors.handle($0) }
        if let load { snapshotNow.load = load }
        measurePower(now: now, load: load)
        for device in limits.forget(now: now) {
            news.isChanged = true
            if let wishHz = plannedHz[device], !asWished.contains(device) { apply(wishHz, to: device) }
        }
        if lastReading.map({ now - $0 >= Self.readingPeriod }) ?? true {
            lastReading = now
            read(now: now, load: load)
        }
        tell()
    }

    private func measurePower(now: Duration, load: Double?) {
        var sample: PowerSample?
        if !meter.sensors.isEmpty {
            let (believed, event) = sensorGuard.handle(meter.read(now: now), load: load)
            sample = believed
            switch event {
            case .lost(let fault):
                news.sentences.append("power is not measured: \(fault)")
                conditions.set("power", "power is not measured: \(fault)")
                news.isChanged = true
            case .recovered:
                news.sentences.append("power is measured again")
                conditions.clear("power")
                news.isChanged = true
            case nil: break
            }
        } else if let load, let device = devices.first {
            // One device stands for the board: figures of powers are of the whole board.
            sample = PowerModel.sample(device, frequencyHz: clockHz(of: device.id), utilisation: load, now: now)
        }
        snapshotNow.powerW = sample?.powerW
        snapshotNow.powerOrigin = sample?.origin
        if let sample, let fault = integrator.add(sample) { news.sentences.append("\(fault)") }
    }

    private func read(now: Duration, load: Double?) {
        guard let inventory else { return }
        var planned: [String: Double] = [:]
        for (device, frequencyHz) in plannedHz {
            for name in map.clocks[device] ?? [] {
                let most = inventory.domains.first { $0.name == name }?.hardwareMaximumHz ?? frequencyHz
                planned[name] = min(frequencyHz, most)
            }
        }
        let reading = BoardReading.read(root, inventory, plannedHz: planned, load: load)
        snapshotNow.celsius = reading.zones.compactMap(\.celsius).max()
        snapshotNow.memoryAvailableBytes = reading.memoryAvailableBytes
        snapshotNow.frequencyHz = [:]
        for (device, clocks) in map.clocks {
            snapshotNow.frequencyHz[device] =
                reading.clocks.filter { clocks.contains($0.domain) }.compactMap(\.currentHz).max()
        }
        for event in watch.handle(reading) {
            news.sentences.append(event.description)
            news.isChanged = true
            conditions.handle(event)
            guard case .throttled(let clock, _, let frequencyHz, _) = event else { continue }
            for device in map.devices(of: clock) { _ = limits.limit(device, to: .upTo(frequencyHz)) }
        }
        let isHot = reading.zones.contains { zone in
            guard let celsius = zone.celsius, let trip = zone.passiveCelsius else { return false }
            return celsius >= trip - watch.limits.coolingCelsius
        }
        for device in devices.map(\.id) {
            let throttled = (map.clocks[device] ?? []).filter { watch.throttled[$0] != nil }
            // A clock at which less was planned shows nothing of what it could reach; the temperature does.
            if throttled.isEmpty, !isHot { limits.ended(device, now: now) }
            for clock in map.clocks[device] ?? [] where !throttled.contains(clock) {
                if conditions.clear("clock \(clock)") { news.isChanged = true }
            }
        }
    }

    private func clockHz(of device: DeviceID) -> Double? { plannedHz[device] ?? snapshotNow.frequencyHz[device] }

    private func tell() {
        if news.isChanged || !news.sentences.isEmpty { announce() }
    }
}
