import Board
import Costs
import Runtime

/// The device that is measured, with its clocks, its sensor and its memory.
struct MeasuredBoard {
    let device: String
    let root: SystemRoot
    private let inventory: BoardInventory
    private let domains: [FrequencyDomain]
    private let sensors: [PowerSensor]
    private let frequencies: FrequencyChoice

    /// Looks at the board. Blocks.
    ///
    /// - Parameters:
    ///   - clocks: names of the kernel's clocks that drive the device (nil: those of the board's profile).
    ///   - powerSensor: `none`: no energy is wanted.
    /// - Throws: ``ConfigurationError`` for a device or a sensor that is not there.
    init(
        root path: String, boards: String?, device: String?, clocks: [String]? = nil, frequencies: FrequencyChoice,
        powerSensor: String?
    ) throws {
        let root = SystemRoot(path: path)
        let inventory = BoardInventory.discover(root)
        self.root = root
        self.inventory = inventory
        self.frequencies = frequencies
        self.device = device ?? HostName.current
        let folder = try boards ?? SharedFiles.path(installed: "boards", clone: "firmware-config/boards")
        let profiles = try BoardProfile.load(folder: folder)
        let profile = inventory.model.flatMap { BoardProfile.matching($0, in: profiles) }
        let named = profile?.units.first { $0.id == device }
        if clocks == nil, let named, named.kind == .gpu {
            throw ConfigurationError(
                "\(named.id) is the GPU of this \(profile?.name ?? "board"), and ONNX Runtime runs on its processor "
                    + "here; measure that, with its own --device")
        }
        let unit = named ?? profile?.units.first { $0.kind == .cpu }
        if let clocks {
            domains = try clocks.map { name in
                guard let domain = inventory.domains.first(where: { $0.name == name }) else {
                    let names = inventory.domains.map(\.name).joined(separator: ", ")
                    throw ConfigurationError(
                        "'board.clock' names \(name), which is not there; "
                            + (names.isEmpty ? "there is no clock" : "there is \(names)"))
                }
                return domain
            }
        } else {
            let known = unit.map { BoardProfile.domains(of: $0, in: inventory) } ?? []
            domains = known.isEmpty ? inventory.cpuPolicies : known
        }
        switch powerSensor {
        case nil: sensors = BoardProfile.sensors(of: inventory, profile: profile)
        case "none"?: sensors = []
        case let name?:
            sensors = inventory.sensors.filter { $0.name == name }
            guard !sensors.isEmpty else {
                let names = inventory.sensors.map(\.name)
                throw ConfigurationError(
                    "there is no power sensor '\(name)'; "
                        + (names.isEmpty ? "this board has none" : "give one of \(names.joined(separator: ", "))"))
            }
        }
    }

    var noSensor: String {
        inventory.sensors.isEmpty
            ? "this board has no power sensor"
            : "no sensor tells the power of the whole board; name one with --power-sensor"
    }

    func control(stateDirectory: String) -> FrequencyControl {
        FrequencyControl(
            root: root, stateDirectory: stateDirectory, mode: frequencies == .current ? .handsOff : .control)
    }

    /// Nil where clocks are left as they are.
    func clocks(_ control: FrequencyControl) -> ClockSetter? {
        frequencies == .current ? nil : ClockSetter(control: control, domains: domains)
    }

    /// What to measure at; one nil where clocks are left as they are.
    ///
    /// - Throws: ``ConfigurationError`` for clocks that the device does not have or that may not be set.
    func frequenciesHz(_ clocks: ClockSetter?) throws -> [Double?] {
        if frequencies == .current { return [nil] }
        guard let clocks else {
            throw ConfigurationError(
                "the processor has no clock to set; measure with --frequencies current, or see lamella doctor")
        }
        if let locked = clocks.domains.first(where: { !$0.isWritable }) {
            throw ConfigurationError(
                "the clock \(locked.name) may not be set by this user; lamella doctor tells the line that grants "
                    + "it, or measure with --frequencies current")
        }
        guard case .list(let asked) = frequencies else { return clocks.frequenciesHz }
        for frequencyHz in asked {
            if let fault = clocks.fault(frequencyHz) { throw ConfigurationError(fault) }
        }
        return asked
    }

    /// Starts to read the power; nil where nothing tells it.
    func recorder() -> PowerRecorder? { PowerRecorder(root: root, sensors: sensors) }

    /// Memory that is free now; nil: unknown.
    var availableBytes: @Sendable () -> Int? {
        { [root] in
            (try? root.text("/proc/meminfo", maximumBytes: SystemRoot.maximumProcBytes))
                .flatMap { BoardMemory.parse(meminfo: $0)?.availableBytes }
        }
    }

    /// Frequencies as they were before this or a killed measurement; says what could not be put back.
    static func putBack(_ control: FrequencyControl, isLeftover: Bool) {
        let restoration = control.restore()
        if isLeftover, restoration.outcome == .restored, !restoration.writes.isEmpty {
            StandardError.say("frequencies that an earlier measurement left were put back")
        }
        for fault in restoration.faults { StandardError.say("\(fault)") }
    }
}
