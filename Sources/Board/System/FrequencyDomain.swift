/// What has one clock: a CPU policy (a cluster of cores) or a device of devfreq (a GPU, memory).
public struct FrequencyDomain: Codable, Sendable, Equatable, Hashable {
    public enum Kind: String, Codable, Sendable, CaseIterable {
        case cpuPolicy = "cpu_policy"
        case devfreq
    }

    public var kind: Kind
    /// The folder's name: `policy0`, `57000000.gpu`.
    public var name: String
    /// The folder, as on the machine.
    public var path: String
    /// Cores of a CPU policy; empty for devfreq.
    public var cpus: [Int]
    /// What may be asked for, ascending, within the hardware's range; never empty.
    public var frequenciesHz: [Double]
    /// The kernel lists no frequencies: any within the range is allowed and `frequenciesHz` is a grid of our own.
    public var isGrid: Bool
    /// The range that the hardware allows; never left.
    public var hardwareMinimumHz: Double
    public var hardwareMaximumHz: Double
    /// The limits in force when it was looked at (nil: unknown).
    public var minimumHz: Double?
    public var maximumHz: Double?
    /// The frequency itself (nil: unknown).
    public var currentHz: Double?
    public var governor: String?
    public var governors: [String]
    /// The files that frequency control writes may be written by this process.
    public var isWritable: Bool

    public init(
        kind: Kind, name: String, path: String, cpus: [Int] = [], frequenciesHz: [Double], isGrid: Bool = false,
        hardwareMinimumHz: Double, hardwareMaximumHz: Double, minimumHz: Double? = nil, maximumHz: Double? = nil,
        currentHz: Double? = nil, governor: String? = nil, governors: [String] = [], isWritable: Bool = true
    ) {
        self.kind = kind
        self.name = name
        self.path = path
        self.cpus = cpus
        self.frequenciesHz = frequenciesHz
        self.isGrid = isGrid
        self.hardwareMinimumHz = hardwareMinimumHz
        self.hardwareMaximumHz = hardwareMaximumHz
        self.minimumHz = minimumHz
        self.maximumHz = maximumHz
        self.currentHz = currentHz
        self.governor = governor
        self.governors = governors
        self.isWritable = isWritable
    }

    enum CodingKeys: String, CodingKey {
        case kind, name, path, cpus, governor, governors
        case frequenciesHz = "frequencies_hz"
        case isGrid = "is_grid"
        case hardwareMinimumHz = "hardware_minimum_hz"
        case hardwareMaximumHz = "hardware_maximum_hz"
        case minimumHz = "minimum_hz"
        case maximumHz = "maximum_hz"
        case currentHz = "current_hz"
        case isWritable = "is_writable"
    }
}

extension FrequencyDomain {
    /// Hz in one unit of the domain's files: cpufreq counts kHz, devfreq Hz.
    public var unitHz: Int { kind.unitHz }

    var folder: FrequencyFolder { FrequencyFolder(kind: kind, path: path) }

    /// The files, as on the machine.
    public var governorPath: String { folder.governorPath }
    public var minimumPath: String { folder.minimumPath }
    public var maximumPath: String { folder.maximumPath }
    public var currentPath: String { folder.currentPath }
}

extension FrequencyDomain.Kind {
    var unitHz: Int { self == .cpuPolicy ? 1000 : 1 }
    var governorFile: String { self == .cpuPolicy ? "scaling_governor" : "governor" }
    var minimumFile: String { self == .cpuPolicy ? "scaling_min_freq" : "min_freq" }
    var maximumFile: String { self == .cpuPolicy ? "scaling_max_freq" : "max_freq" }
    var currentFile: String { self == .cpuPolicy ? "scaling_cur_freq" : "cur_freq" }
    /// The folder that holds all domains of this kind.
    var folder: String { self == .cpuPolicy ? "/sys/devices/system/cpu/cpufreq" : "/sys/class/devfreq" }
}
