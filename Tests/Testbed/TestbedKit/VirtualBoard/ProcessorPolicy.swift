/// One cpufreq policy, as `/sys/devices/system/cpu/cpufreq/policy0` shows it.
///
/// As in the kernel (drivers/cpufreq/cpufreq.c, drivers/cpufreq/freq_table.c), a limit that is written is a request:
/// what is in force is what all requests and the hardware allow, brought to a frequency of the table, and that is what
/// is read back.
struct ProcessorPolicy: Sendable, Equatable {
    static let governors = ["conservative", "ondemand", "userspace", "powersave", "performance", "schedutil"]

    let table: [Int]
    private(set) var governor: String
    private var requestedLowKHz: Int
    private var requestedHighKHz: Int
    private var speedKHz: Int
    /// What the cooling device allows, as an index into the table.
    var coolingIndex: Int
    /// Load of the recent past, 0 to 1, of what the highest frequency could do: what governors look at.
    private var load = 0.0

    init(_ clock: BoardHardware.Clock) {
        table = clock.points.map { Int(($0.frequencyHz / 1000).rounded()) }
        governor = clock.governor
        requestedLowKHz = table[0]
        requestedHighKHz = table[table.count - 1]
        speedKHz = table[0]
        coolingIndex = table.count - 1
    }

    /// `scaling_min_freq` and `scaling_max_freq` as indices into the table.
    var limits: (low: Int, high: Int) {
        let top = table.count - 1
        let asked = min(requestedHighKHz, table[coolingIndex])
        // The highest frequency not above what is asked; below the table, its lowest.
        let high = table.lastIndex { $0 <= asked } ?? 0
        let low = table.firstIndex { $0 >= requestedLowKHz } ?? top
        return (min(low, high), high)
    }

    /// The index of the frequency that runs.
    var current: Int {
        let (low, high) = limits
        switch governor {
        case "performance": return high
        case "powersave": return low
        case "userspace": return min(max(table.lastIndex { $0 <= speedKHz } ?? 0, low), high)
        default:
            // schedutil: a quarter above what the load needs; the first frequency that gives it.
            let wanted = 1.25 * load * Double(table[table.count - 1])
            return min(max(table.firstIndex { Double($0) >= wanted } ?? table.count - 1, low), high)
        }
    }

    /// - Parameter load: of the highest frequency's capacity, 0 to 1.
    mutating func observe(load newLoad: Double, weight: Double) { load += weight * (newLoad - load) }

    enum File: String, CaseIterable, Sendable {
        case affectedCPUs = "affected_cpus"
        case highest = "cpuinfo_max_freq"
        case lowest = "cpuinfo_min_freq"
        case current = "cpuinfo_cur_freq"
        case transitionLatency = "cpuinfo_transition_latency"
        case relatedCPUs = "related_cpus"
        case availableFrequencies = "scaling_available_frequencies"
        case availableGovernors = "scaling_available_governors"
        case scalingCurrent = "scaling_cur_freq"
        case driver = "scaling_driver"
        case governor = "scaling_governor"
        case scalingHighest = "scaling_max_freq"
        case scalingLowest = "scaling_min_freq"
        case speed = "scaling_setspeed"

        var permissions: Int {
            switch self {
            case .governor, .scalingHighest, .scalingLowest, .speed: 0o644
            case .current: 0o400
            default: 0o444
            }
        }
    }

    func read(_ file: File, processorCount: Int) -> [UInt8] {
        switch file {
        case .affectedCPUs, .relatedCPUs:
            KernelText.line((0..<processorCount).map(String.init).joined(separator: " "))
        case .highest: KernelText.line(table[table.count - 1])
        case .lowest: KernelText.line(table[0])
        case .current, .scalingCurrent: KernelText.line(table[current])
        case .transitionLatency: KernelText.line(50_000)
        // With a space at the end, as the kernel has it.
        case .availableFrequencies: KernelText.line(table.map { "\($0) " }.joined())
        case .availableGovernors: KernelText.line(Self.governors.map { "\($0) " }.joined())
        case .driver: KernelText.line("cpufreq-dt")
        case .governor: KernelText.line(governor)
        case .scalingHighest: KernelText.line(table[limits.high])
        case .scalingLowest: KernelText.line(table[limits.low])
        case .speed: KernelText.line(governor == "userspace" ? "\(table[current])" : "<unsupported>")
        }
    }

    mutating func write(_ file: File, _ bytes: [UInt8]) throws(KernelError) {
        switch file {
        case .governor:
            let name = try KernelText.word(bytes)
            guard Self.governors.contains(name) else { throw .invalid }
            if name == "userspace", governor != "userspace" { speedKHz = table[current] }
            governor = name
        case .scalingHighest: requestedHighKHz = try Self.frequency(bytes)
        case .scalingLowest: requestedLowKHz = try Self.frequency(bytes)
        case .speed:
            guard governor == "userspace" else { throw .invalid }
            speedKHz = try Self.frequency(bytes)
        default: throw .noAccess
        }
    }

    /// Requests are signed 32-bit numbers in the kernel, and negative ones invalid.
    private static func frequency(_ bytes: [UInt8]) throws(KernelError) -> Int {
        guard let value = Int32(exactly: try KernelText.number(bytes)) else { throw .invalid }
        return Int(value)
    }
}
