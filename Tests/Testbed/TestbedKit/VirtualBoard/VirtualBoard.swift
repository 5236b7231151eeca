/// A board that is not there: what its files say, how fast it may compute, and what it uses.
///
/// Time, CPU time and writes go in; contents of files and the speed come out. It reads no clock and touches no file:
/// `BoardFileSystem` and `ControlGroup` are the shells around it.
public struct VirtualBoard: Sendable {
    /// Governors look at the load of about this time.
    static let governorMemoryS = 0.05

    public let hardware: BoardHardware
    private let tree: VirtualTree
    private var processor: ProcessorPolicy
    private var accelerator: AcceleratorClock?
    private var thermal: ThermalModel
    private var meter: PowerMeter
    private var nowS: Double?
    private var startS = 0.0
    private var cpuS = 0.0
    private var loadAverage = 0.0
    /// How long all of the board's processors together would have been busy as one, since it started.
    private var busyS = 0.0
    private var memoryUsedBytes = 0
    /// What a sticking sensor repeats.
    private var stuckW: Double?
    private var stuckEnergyJ: Double?
    public private(set) var faults: Set<BoardFault> = []
    /// What the board may take; a scenario may change it.
    public private(set) var memoryBytes: Int

    /// - Parameter bootID: as `/proc/sys/kernel/random/boot_id` has it.
    public init(_ hardware: BoardHardware, bootID: String) {
        self.hardware = hardware
        tree = VirtualTree(hardware, bootID: bootID)
        processor = ProcessorPolicy(hardware.processor)
        accelerator = hardware.accelerator.map(AcceleratorClock.init)
        thermal = ThermalModel(
            hardware.thermal, idlePowerW: hardware.staticPowerW, maximumSteps: hardware.compute.points.count - 1)
        meter = PowerMeter(windowS: hardware.sensorWindowS, idlePowerW: hardware.staticPowerW)
        memoryBytes = hardware.memoryBytes
    }

    /// Cores of this machine that the board may use now.
    public var speedCores: Double { hardware.cores * hardware.compute.relativeSpeed(at: computeIndex) }
    /// The frequency of the clock that sets the speed, in Hz.
    public var frequencyHz: Double { hardware.compute.points[computeIndex].frequencyHz }
    /// What the board has used since it started, in J; the truth, whatever its sensor says.
    public var energyJ: Double { meter.energyJ }
    public var temperatureC: Double { thermal.temperatureC }
    /// Steps that heat takes from the highest frequency.
    public var throttleSteps: Int { thermal.coolingSteps }

    private var computeIndex: Int {
        hardware.computeClock == .accelerator ? accelerator?.current ?? processor.current : processor.current
    }

    /// Lets time pass.
    ///
    /// - Parameters:
    ///   - nowS: seconds since any origin; a step back is ignored.
    ///   - cpuS: CPU time that the board has used since it started.
    ///   - memoryUsedBytes: what it uses now.
    public mutating func advance(to nowS: Double, cpuS: Double, memoryUsedBytes: Int) {
        self.memoryUsedBytes = memoryUsedBytes
        guard let before = self.nowS else {
            self.nowS = nowS
            startS = nowS
            self.cpuS = cpuS
            meter.advance(to: nowS, addingJ: 0)
            return
        }
        let passedS = nowS - before
        guard passedS > 0 else { return }
        let usedS = max(0, cpuS - self.cpuS)
        self.nowS = nowS
        self.cpuS = max(cpuS, self.cpuS)
        // Not held to 1: the kernel counts CPU time in steps, and what one interval has too much the next has too
        // little. Their sum is right.
        let busyS = usedS / speedCores
        self.busyS += busyS
        let addedJ = hardware.staticPowerW * passedS + hardware.compute.dynamicPowerW(at: computeIndex) * busyS
        meter.advance(to: nowS, addingJ: addedJ)
        thermal.advance(by: passedS, to: nowS, powerW: addedJ / passedS)
        let load = min(1, usedS / (hardware.cores * passedS))
        let weight = min(1, passedS / Self.governorMemoryS)
        let cooling = hardware.compute.points.count - 1 - thermal.coolingSteps
        if hardware.computeClock == .accelerator {
            accelerator?.observe(load: load, weight: weight)
            accelerator?.coolingIndex = cooling
        } else {
            processor.observe(load: load, weight: weight)
            processor.coolingIndex = cooling
        }
        loadAverage += min(1, passedS / 60) * (min(1, busyS / passedS) * Double(hardware.processorCount) - loadAverage)
    }

    public mutating func inject(_ fault: BoardFault) {
        faults.insert(fault)
        if fault == .sensorSticks {
            stuckW = meter.readingW
            stuckEnergyJ = meter.energyJ
        }
    }

    public mutating func heal(_ fault: BoardFault) { faults.remove(fault) }

    /// What surrounds the board, in °C.
    public mutating func setAmbient(_ ambientC: Double) { thermal.ambientC = ambientC }

    public mutating func heat(to temperatureC: Double) { thermal.heat(to: temperatureC) }

    public mutating func setMemory(_ bytes: Int) { memoryBytes = bytes }
}

// MARK: - Files

extension VirtualBoard {
    /// What stands at a path, as `stat` sees it.
    public enum Entry: Sendable, Equatable {
        case folder([String])
        case file(permissions: Int)
        case link(String)
    }

    /// - Throws: `KernelError.noEntry`.
    public func entry(at path: String) throws(KernelError) -> Entry {
        guard !isGone(path), let node = tree.node(at: path) else { throw .noEntry }
        switch node {
        case .folder(let names):
            let prefix = path == "/" ? "/" : path + "/"
            return .folder(names.filter { !isGone(prefix + $0) })
        case .link(let target): return .link(target)
        case .file(let file, let permissions):
            return .file(permissions: faults.contains(.locked) && isClock(file) ? permissions & 0o444 : permissions)
        }
    }

    /// Every path there is, sorted.
    public var paths: [String] { tree.paths.filter { !isGone($0) } }

    private func isGone(_ path: String) -> Bool {
        faults.contains(.sensorVanishes) && tree.sensorPlaces.contains { path == $0 || path.hasPrefix($0 + "/") }
    }

    private func isClock(_ file: VirtualFile) -> Bool {
        switch file {
        case .processor, .accelerator: true
        default: false
        }
    }

    /// Opens are refused as sysfs refuses them: what no bit allows, root may not do either.
    public func checkOpen(_ path: String, reading: Bool, writing: Bool) throws(KernelError) {
        guard case .file(let permissions) = try entry(at: path) else { throw .isFolder }
        if writing, permissions & 0o222 == 0 { throw .noAccess }
        if reading, permissions & 0o444 == 0 { throw .noAccess }
    }

    /// The content of a file.
    public func read(_ path: String) throws(KernelError) -> [UInt8] {
        guard !isGone(path), let node = tree.node(at: path) else { throw .noEntry }
        guard case .file(let file, _) = node else { throw .isFolder }
        switch file {
        case .fixed(let bytes): return bytes
        case .processor(let file): return processor.read(file, processorCount: hardware.processorCount)
        case .accelerator(let file):
            return accelerator?.read(file, name: hardware.acceleratorName) ?? []
        case .powerMicroW: return try sensor(sensedPowerW * 1e6)
        case .voltageMilliV: return try sensor(hardware.supplyVoltageV * 1000)
        case .currentMilliA: return try sensor(sensedPowerW / hardware.supplyVoltageV * 1000)
        case .energyMicroJ: return try sensor(sensedEnergyMicroJ)
        case .temperatureMilliC:
            if faults.contains(.temperatureFails) { throw .inputOutput }
            return KernelText.line(Int((thermal.temperatureC * 1000).rounded()))
        case .coolingState: return KernelText.line(thermal.coolingSteps)
        case .memoryInformation: return memoryInformation
        case .load:
            let text = Self.hundredths(loadAverage)
            return KernelText.line("\(text) \(text) \(text) 1/64 1000")
        case .processorTicks: return processorTicks
        case .uptime: return KernelText.line("\(Self.hundredths((nowS ?? startS) - startS)) 0.00")
        }
    }

    /// Writes a file in one go, as one `write(2)` does.
    public mutating func write(_ path: String, _ bytes: [UInt8]) throws(KernelError) {
        guard !isGone(path), let node = tree.node(at: path) else { throw .noEntry }
        guard case .file(let file, _) = node else { throw .isFolder }
        try checkOpen(path, reading: false, writing: true)
        // The kernel takes a page at most.
        guard bytes.count <= 4096 else { throw .invalid }
        if isClock(file) {
            if faults.contains(.writeRefused) { throw .inputOutput }
            if faults.contains(.writeIgnored) { return }
        }
        switch file {
        case .processor(let file): try processor.write(file, bytes)
        case .accelerator(let file):
            guard var clock = accelerator else { throw .noEntry }
            try clock.write(file, bytes)
            accelerator = clock
        default: throw .noAccess
        }
    }

    private var sensedPowerW: Double {
        let powerW = faults.contains(.sensorSticks) ? stuckW ?? meter.readingW : meter.readingW
        return faults.contains(.sensorJumps) ? powerW * 1000 : powerW
    }

    private var sensedEnergyMicroJ: Double {
        var energyJ = faults.contains(.sensorSticks) ? stuckEnergyJ ?? meter.energyJ : meter.energyJ
        if faults.contains(.sensorJumps) { energyJ *= 1000 }
        return (energyJ * 1e6).truncatingRemainder(dividingBy: Double(VirtualTree.energyRangeMicroJ))
    }

    private func sensor(_ value: Double) throws(KernelError) -> [UInt8] {
        if faults.contains(.sensorFails) { throw .inputOutput }
        if faults.contains(.sensorEmpty) { return [] }
        if faults.contains(.sensorText) { return KernelText.line("<unknown>") }
        return KernelText.line(Int(value.rounded()))
    }

    private var memoryInformation: [UInt8] {
        let availableKB = max(0, memoryBytes - memoryUsedBytes) / 1024
        func row(_ name: String, _ kilobytes: Int) -> String {
            let number = "\(kilobytes)"
            let label = name + ":"
            let padding = max(1, 24 - label.count - number.count)
            return label + String(repeating: " ", count: padding) + number + " kB\n"
        }
        let text =
            row("MemTotal", memoryBytes / 1024) + row("MemFree", availableKB) + row("MemAvailable", availableKB)
            + row("Buffers", 0) + row("Cached", 0) + row("SwapTotal", 0) + row("SwapFree", 0)
        return Array(text.utf8)
    }

    /// As proc(5) has it: a row for all processors, and one for each; user, nice, system, idle and six more, in
    /// hundredths of a second since the start.
    private var processorTicks: [UInt8] {
        let ticks = Int(max(0, (nowS ?? startS) - startS) * 100)
        let busy = min(ticks, Int(busyS * 100))
        func row(_ name: String, _ count: Int) -> String {
            "\(name) \(busy * count) 0 0 \((ticks - busy) * count) 0 0 0 0 0 0\n"
        }
        let count = hardware.processorCount
        return Array((row("cpu ", count) + (0..<count).map { row("cpu\($0)", 1) }.joined()).utf8)
    }

    private static func hundredths(_ value: Double) -> String {
        let hundredths = Int((max(0, value) * 100).rounded())
        let rest = hundredths % 100
        return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest)"
    }
}
