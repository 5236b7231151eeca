/// A file of a virtual board whose content follows from its state.
enum VirtualFile: Sendable, Hashable {
    /// What never changes.
    case fixed([UInt8])
    case processor(ProcessorPolicy.File)
    case accelerator(AcceleratorClock.File)
    case powerMicroW
    case voltageMilliV
    case currentMilliA
    case energyMicroJ
    case temperatureMilliC
    case coolingState
    case memoryInformation
    case load
    case uptime
    case processorTicks
}

/// The names of a virtual board's files. Paths begin at the board's root: `/sys/class/hwmon`.
package struct VirtualTree: Sendable {
    enum Node: Sendable, Equatable {
        /// Names of what is in it, sorted.
        case folder([String])
        case file(VirtualFile, permissions: Int)
        case link(String)
    }

    /// `energy_uj` starts again at 0 here, as a 32-bit counter of Intel's does.
    package static let energyRangeMicroJ = 262_143_328_850

    private var nodes: [String: Node] = ["/": .folder([])]
    /// Folders and links that are gone when the power sensor is.
    private(set) var sensorPlaces: [String] = []

    init(_ hardware: BoardHardware, bootID: String) {
        addProcessor(hardware)
        addAccelerator(hardware)
        addPowerSensor(hardware)
        addThermalZone(hardware)
        addNetwork(hardware)
        addFacts(hardware, bootID: bootID)
    }

    func node(at path: String) -> Node? { nodes[path] }

    /// All paths, sorted.
    var paths: [String] { nodes.keys.sorted() }

    private mutating func add(_ path: String, _ node: Node) {
        nodes[path] = node
        // Every folder on the way knows the next name.
        var child = path
        while child != "/", let slash = child.lastIndex(of: "/") {
            let parent = slash == child.startIndex ? "/" : String(child[..<slash])
            let name = String(child[child.index(after: slash)...])
            var names: [String] = []
            if case .folder(let known) = nodes[parent] { names = known }
            guard !names.contains(name) else { return }
            nodes[parent] = .folder((names + [name]).sorted())
            child = parent
        }
    }

    private mutating func add(_ path: String, text: String, permissions: Int = 0o444) {
        add(path, .file(.fixed(KernelText.line(text)), permissions: permissions))
    }

    private mutating func addProcessor(_ hardware: BoardHardware) {
        let all = hardware.processorCount > 1 ? "0-\(hardware.processorCount - 1)" : "0"
        for name in ["online", "possible", "present"] { add("/sys/devices/system/cpu/\(name)", text: all) }
        let policy = "/sys/devices/system/cpu/cpufreq/policy0"
        for file in ProcessorPolicy.File.allCases {
            add("\(policy)/\(file.rawValue)", .file(.processor(file), permissions: file.permissions))
        }
        for core in 0..<hardware.processorCount {
            add("/sys/devices/system/cpu/cpu\(core)/cpufreq", .link("../cpufreq/policy0"))
        }
    }

    private mutating func addAccelerator(_ hardware: BoardHardware) {
        add("/sys/class/devfreq", .folder([]))
        guard hardware.accelerator != nil else { return }
        let name = hardware.acceleratorName
        let device = "/sys/devices/\(name)/devfreq/\(name)"
        for file in AcceleratorClock.File.allCases {
            add("\(device)/\(file.rawValue)", .file(.accelerator(file), permissions: file.permissions))
        }
        add("/sys/class/devfreq/\(name)", .link("../../devices/\(name)/devfreq/\(name)"))
    }

    private mutating func addPowerSensor(_ hardware: BoardHardware) {
        add("/sys/class/hwmon", .folder([]))
        add("/sys/class/powercap", .folder([]))
        let device = "/sys/devices/platform/soc/1c22000.i2c/i2c-0/0-0040"
        let sensor = "\(device)/hwmon/hwmon0"
        switch hardware.powerSensor {
        case .none: return
        case .hwmon:
            add("\(sensor)/name", text: "ina226")
            add("\(sensor)/power1_label", text: "VDD_5V0")
            add("\(sensor)/power1_input", .file(.powerMicroW, permissions: 0o444))
        case .ina3221:
            add("\(sensor)/name", text: "ina3221")
            add("\(sensor)/in1_label", text: "VDD_IN")
            add("\(sensor)/in1_enable", text: "1", permissions: 0o444)
            add("\(sensor)/in1_input", .file(.voltageMilliV, permissions: 0o444))
            add("\(sensor)/curr1_input", .file(.currentMilliA, permissions: 0o444))
        case .powercap:
            let zone = "/sys/devices/virtual/powercap/intel-rapl/intel-rapl:0"
            add("\(zone)/name", text: "package-0")
            add("\(zone)/enabled", text: "1")
            // Since 2020 for root alone: the counter tells what others compute.
            add("\(zone)/energy_uj", .file(.energyMicroJ, permissions: 0o400))
            add("\(zone)/max_energy_range_uj", text: "\(Self.energyRangeMicroJ)")
            add(
                "/sys/class/powercap/intel-rapl:0", .link("../../devices/virtual/powercap/intel-rapl/intel-rapl:0"))
            sensorPlaces = [zone, "/sys/class/powercap/intel-rapl:0"]
            return
        }
        let link = "/sys/class/hwmon/hwmon0"
        add(link, .link("../../devices/platform/soc/1c22000.i2c/i2c-0/0-0040/hwmon/hwmon0"))
        sensorPlaces = [sensor, link]
    }

    private mutating func addThermalZone(_ hardware: BoardHardware) {
        func milli(_ value: Double) -> String { "\(Int((value * 1000).rounded()))" }
        let zone = "/sys/devices/virtual/thermal/thermal_zone0"
        add("\(zone)/type", text: hardware.computeClock == .accelerator ? "GPU-therm" : "cpu-thermal")
        add("\(zone)/mode", text: "enabled")
        add("\(zone)/policy", text: "step_wise")
        add("\(zone)/temp", .file(.temperatureMilliC, permissions: 0o444))
        add("\(zone)/trip_point_0_type", text: "passive")
        add("\(zone)/trip_point_0_temp", text: milli(hardware.thermal.passiveTripC))
        add("\(zone)/trip_point_0_hyst", text: milli(hardware.thermal.hysteresisC))
        add("\(zone)/trip_point_1_type", text: "critical")
        add("\(zone)/trip_point_1_temp", text: milli(hardware.thermal.criticalTripC))
        add("\(zone)/trip_point_1_hyst", text: "0")
        add("/sys/class/thermal/thermal_zone0", .link("../../devices/virtual/thermal/thermal_zone0"))
        let cooling = "/sys/devices/virtual/thermal/cooling_device0"
        add("\(cooling)/type", text: hardware.computeClock == .accelerator ? "gpu-devfreq-0" : "cpufreq-cpu0")
        add("\(cooling)/max_state", text: "\(hardware.compute.points.count - 1)")
        add("\(cooling)/cur_state", .file(.coolingState, permissions: 0o444))
        add("/sys/class/thermal/cooling_device0", .link("../../devices/virtual/thermal/cooling_device0"))
    }

    private mutating func addNetwork(_ hardware: BoardHardware) {
        for (name, type, speed) in [("eth0", 1, hardware.networkMbitPerS), ("lo", 772, nil as Int?)] {
            let place = name == "lo" ? "virtual/net/lo" : "platform/soc/c9410000.ethernet/net/eth0"
            let device = "/sys/devices/\(place)"
            add("\(device)/operstate", text: name == "lo" ? "unknown" : "up")
            add("\(device)/carrier", text: "1")
            add("\(device)/type", text: "\(type)")
            add("\(device)/mtu", text: name == "lo" ? "65536" : "1500")
            if let speed { add("\(device)/speed", text: "\(speed)") }
            add("/sys/class/net/\(name)", .link("../../devices/\(place)"))
        }
    }

    private mutating func addFacts(_ hardware: BoardHardware, bootID: String) {
        if let model = hardware.model {
            // Ends with a zero byte and no newline.
            for place in ["/proc/device-tree/model", "/sys/firmware/devicetree/base/model"] {
                add(place, .file(.fixed(Array(model.utf8) + [0]), permissions: 0o444))
            }
        }
        add("/proc/sys/kernel/random/boot_id", text: bootID)
        add("/proc/meminfo", .file(.memoryInformation, permissions: 0o444))
        add("/proc/loadavg", .file(.load, permissions: 0o444))
        add("/proc/uptime", .file(.uptime, permissions: 0o444))
        add("/proc/stat", .file(.processorTicks, permissions: 0o444))
    }
}
