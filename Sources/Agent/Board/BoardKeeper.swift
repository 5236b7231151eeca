import Board
import Costs
import NIOCore
import NIOPosix

/// Sets the board's clocks, watches its temperatures and measures its power, on a thread of its own: files of the
/// kernel can take their time, and one that never answers must not hold up the agent. So what the agent asks of it is
/// left at the `BoardCounter`, and what it found out lies there to be taken; nobody waits for it but at start and stop,
/// and then not for long.
///
/// It decides little itself: `ClockMap`, `ClockLimits`, `BoardWatch`, `SensorGuard` and `EnergyIntegrator` are pure.
actor BoardKeeper {
    private let loop: any EventLoop
    private let settings: AgentConfiguration.Board
    private let control: FrequencyControl
    private let root: SystemRoot
    /// Folder of the boards' profiles; nil: there are none.
    private let profilesFolder: String?
    private let announce: @Sendable () -> Void
    /// Where agent and keeper leave things for each other.
    nonisolated let counter: BoardCounter
    private var devices: [Device]
    private var inventory: BoardInventory?
    private var map: ClockMap
    private var limits = ClockLimits()
    private var conditions = BoardConditions()
    private var watch = BoardWatch()
    private var meter: PowerMeter
    /// Measures the board from outside, instead of its own sensors.
    private var smartPower3: SmartPower3Meter?
    private var sensorGuard: SensorGuard
    private var processors = ProcessorLoad()
    private var plannedHz: [DeviceID: Double] = [:]
    /// Devices whose clocks the kernel set as they were asked for.
    private var asWished: Set<DeviceID> = []
    private var snapshotNow = BoardSnapshot()
    private var news = BoardNews()
    private var polling: RepeatedTask?
    private var lastReading: Duration?

    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.executor.asUnownedSerialExecutor() }

    /// - Parameters:
    ///   - profilesFolder: with the boards' profiles, which name the sensor of the whole board.
    ///   - loop: of a group of its own; everything here blocks it.
    ///   - announce: there is news; called on the loop.
    init(
        settings: AgentConfiguration.Board, devices: [Device], stateDirectory: String, profilesFolder: String? = nil,
        loop: any EventLoop, announce: @escaping @Sendable () -> Void
    ) {
        self.profilesFolder = profilesFolder
        self.settings = settings
        self.devices = devices
        self.loop = loop
        self.announce = announce
        root = SystemRoot(path: settings.systemRoot)
        control = FrequencyControl(root: root, stateDirectory: stateDirectory, mode: settings.frequency)
        map = ClockMap(asked: [:], devices: [], domains: [])
        meter = PowerMeter(root: root, sensors: [])
        smartPower3 = settings.smartPower3.map { path in
            SmartPower3Meter(path: path, channel: settings.smartPower3Channel)
        }
        sensorGuard = SensorGuard(name: "power")
        counter = BoardCounter(
            offered: devices, freshFor: .seconds(max(Self.freshS, 4 * settings.pollS)),
            energy: EnergyIntegrator(
                // A meter outside the board writes lines at its own pace, several between two looks.
                capacity: max(
                    settings.smartPower3 == nil ? 2 : EnergyIntegrator.defaultCapacity,
                    Int(Self.remembered.inSeconds / settings.pollS)),
                maximumStep: .seconds(max(5, 4 * settings.pollS))))
    }

    /// Energy can be asked for over the last of this time.
    static let remembered: Duration = .seconds(600)
    /// Temperatures and clocks change slowly.
    static let readingPeriod: Duration = .seconds(1)

    /// What was seen longer ago is not known any more; or four looks, where these are rare.
    static let freshS = 10.0
    /// How long the agent's start waits for the first look, so that the first word on the board is a true one.
    static let firstLookLimit: Duration = .seconds(2)
    /// How long its stop waits for the clocks to be put back; the unit's stop step does it otherwise.
    static let restorationLimit: Duration = .seconds(5)

    // MARK: What the agent asks

    /// Looks at the board, puts back what an earlier run left, and goes on looking. Returns after the first look, or
    /// when `firstLookLimit` is over.
    nonisolated func start() async {
        _ = await perform(within: Self.firstLookLimit) { keeper in keeper.begin() }
    }

    /// The configuration was read again.
    nonisolated func configure(devices: [Device]) { ask { $0.devices = devices } }

    /// The clocks that the plans in force want; what nobody wants any more is put back.
    nonisolated func apply(_ wishes: [DeviceID: Double]) { ask { $0.clocks = wishes } }

    /// Puts back what was there before; nothing is looked at any more.
    ///
    /// - Returns: what there is to say about it.
    nonisolated func stop() async -> [String] {
        await perform(within: Self.restorationLimit) { keeper in keeper.end() } ?? [
            "the files below \(root.resolved("/")) did not answer within \(Self.restorationLimit), so that the clocks "
                + "may not be as they were before; 'lamella board restore' puts them back"
        ]
    }

    nonisolated private func ask(_ change: (inout BoardCounter.Request) -> Void) {
        // What was asked for before and not looked at yet is replaced: no queue grows while a file does not answer.
        guard counter.leave(change) else { return }
        loop.execute { [self] in assumeIsolated { $0.carryOutRequest() } }
    }

    /// Runs something on the keeper's loop; nil where it takes longer.
    nonisolated private func perform<Result: Sendable>(
        within limit: Duration, _ body: @escaping @Sendable (isolated BoardKeeper) -> Result
    ) async -> Result? {
        let (outcomes, continuation) = AsyncStream.makeStream(of: Result.self, bufferingPolicy: .bufferingOldest(1))
        // Never on the keeper's own loop, which may be the one that does not go on.
        let timer = MultiThreadedEventLoopGroup.singleton.next().scheduleTask(in: TimeAmount(limit)) {
            continuation.finish()
        }
        loop.execute { [self] in
            assumeIsolated { _ = continuation.yield(body($0)) }
            continuation.finish()
        }
        defer { timer.cancel() }
        for await outcome in outcomes { return outcome }
        return nil
    }

    // MARK: On the keeper's thread

    private func begin() {
        work {
            let restoration = control.restore()
            say(restoration)
            let found = BoardInventory.discover(root)
            inventory = found
            arrange(found)
            for fault in found.faults where fault.kind != .missing { news.sentences.append("\(fault)") }
        }
        let period = TimeAmount.nanoseconds(Int64(settings.pollS * 1e9))
        polling = loop.scheduleRepeatedTask(initialDelay: .zero, delay: period) { [weak self] _ in
            self?.assumeIsolated { keeper in keeper.work { keeper.poll() } }
        }
    }

    private func end() -> [String] {
        polling?.cancel()
        polling = nil
        plannedHz = [:]
        news = BoardNews()
        say(control.restore())
        return news.sentences
    }

    private func carryOutRequest() {
        let request = counter.takeRequest()
        work {
            if let devices = request.devices {
                self.devices = devices
                if let inventory { arrange(inventory) }
            }
            if let clocks = request.clocks { carryOut(clocks) }
        }
    }

    /// Everything that touches files: the agent can see how long it takes, and what came of it.
    private func work(_ body: () -> Void) {
        counter.workBegins(now: MonotonicTime.now)
        body()
        let asPlanned = devices.map(\.id).filter(isAsPlanned)
        counter.workEnds(
            offered: devices.map(limits.offered), conditions: conditions.all, snapshot: snapshotNow,
            clocks: plannedHz, asPlanned: Set(asPlanned), news: news, now: MonotonicTime.now)
        let isNews = news.isChanged || !news.sentences.isEmpty
        news = BoardNews()
        if isNews { announce() }
    }

    /// Is the device's clock where the plan in force wants it?
    private func isAsPlanned(_ device: DeviceID) -> Bool {
        guard plannedHz[device] == nil || asWished.contains(device) else { return false }
        return (map.clocks[device] ?? []).allSatisfy { watch.throttled[$0] == nil }
    }

    private func carryOut(_ wishes: [DeviceID: Double]) {
        guard wishes != plannedHz else { return }
        if wishes.isEmpty {
            plannedHz = [:]
            return say(control.restore())
        }
        plannedHz = wishes
        for (device, frequencyHz) in wishes.sorted(by: { $0.key < $1.key }) { apply(frequencyHz, to: device) }
    }

    // MARK: Clocks

    private func apply(_ frequencyHz: Double, to device: DeviceID) {
        guard let inventory, let clocks = map.clocks[device], !clocks.isEmpty else {
            return refuse(
                device,
                "device \(device): no clock is known that could be set to \(FrequencyWrites.megahertz(frequencyHz))",
                nil)
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
                news.sentences.append("\(name) runs at \(FrequencyWrites.megahertz(actualHz)): \(why)")
                conditions.clear("set \(name)")
            case .throttled(let actualHz, let why):
                asWished.remove(device)
                limit(device, .upTo(actualHz), "\(name) reaches \(FrequencyWrites.megahertz(actualHz)): \(why)")
            case .refused(let fault):
                refuse(device, "\(name) was not set to \(FrequencyWrites.megahertz(wishHz)): \(fault)", domain)
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
        let wanted =
            settings.powerSensors.map { names in found.sensors.filter { names.contains($0.name) } }
            ?? BoardProfile.wholeBoardSensors(of: found, profile: profile(of: found))
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

    private func profile(of found: BoardInventory) -> BoardProfile? {
        guard let profilesFolder, let model = found.model else { return nil }
        do {
            return BoardProfile.matching(model, in: try BoardProfile.load(folder: profilesFolder))
        } catch {
            news.sentences.append("no board profile is used: \(error)")
            return nil
        }
    }

    // MARK: Looking

    private func poll() {
        let now = MonotonicTime.now
        let load = (try? root.text(ProcessorLoad.path, maximumBytes: SystemRoot.maximumProcBytes))
            .flatMap { processors.handle($0) }
        measurePower(now: now, load: load)
        for device in limits.forget(now: now) {
            news.isChanged = true
            if let wishHz = plannedHz[device], !asWished.contains(device) { apply(wishHz, to: device) }
        }
        if lastReading.map({ now - $0 >= Self.readingPeriod }) ?? true {
            lastReading = now
            read(now: now, load: load)
        }
    }

    private func measurePower(now: Duration, load: Double?) {
        if smartPower3 != nil {
            // It writes lines at its own pace, several or none between two looks.
            for reading in smartPower3?.read(now: now) ?? [] where reading != .pending {
                count(believed(reading, load: load))
            }
        } else if !meter.sensors.isEmpty {
            count(believed(meter.read(now: now), load: load))
        } else if let load, let device = devices.first {
            // One device stands for the board: figures of powers are of the whole board.
            count(PowerModel.sample(device, frequencyHz: clockHz(of: device.id), utilisation: load, now: now))
        } else {
            count(nil)
        }
    }

    /// What a sensor said, if it is to be believed; news where that changes.
    private func believed(_ reading: PowerReading, load: Double?) -> PowerSample? {
        let (sample, event) = sensorGuard.handle(reading, load: load)
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
        return sample
    }

    private func count(_ sample: PowerSample?) {
        snapshotNow.powerW = sample?.powerW
        snapshotNow.powerOrigin = sample?.origin
        if let sample, let fault = counter.add(sample) { news.sentences.append("\(fault)") }
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
        snapshotNow.load = (try? root.text("/proc/loadavg")).flatMap { $0.split(separator: " ").first }
            .flatMap { Double($0) }
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
}
