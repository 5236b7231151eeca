/// One devfreq device, as below `/sys/class/devfreq`, in Hz.
///
/// As in the kernel of the Jetson Nano (4.9, drivers/devfreq/devfreq.c), a minimum above the maximum, or a maximum
/// below the minimum, is refused: whoever sets both must choose the order.
struct AcceleratorClock: Sendable, Equatable {
    static let governors = ["nvhost_podgov", "userspace", "performance", "simple_ondemand"]

    let table: [Int]
    private(set) var governor: String
    /// 0 lifts a limit.
    private var lowHz = 0
    private var highHz = 0
    private var wantedHz: Int
    var coolingIndex: Int
    private var load = 0.0

    init(_ clock: BoardHardware.Clock) {
        table = clock.points.map { Int($0.frequencyHz) }
        governor = clock.governor
        wantedHz = table[0]
        coolingIndex = table.count - 1
    }

    private var limits: (low: Int, high: Int) {
        let top = table.count - 1
        let asked = min(highHz == 0 ? table[top] : highHz, table[coolingIndex])
        let high = table.lastIndex { $0 <= asked } ?? 0
        let low = table.firstIndex { $0 >= lowHz } ?? top
        return (min(low, high), high)
    }

    var current: Int {
        let (low, high) = limits
        switch governor {
        case "performance": return high
        case "userspace": return min(max(table.lastIndex { $0 <= wantedHz } ?? 0, low), high)
        default:
            let wanted = 1.25 * load * Double(table[table.count - 1])
            return min(max(table.firstIndex { Double($0) >= wanted } ?? table.count - 1, low), high)
        }
    }

    mutating func observe(load newLoad: Double, weight: Double) { load += weight * (newLoad - load) }

    enum File: String, CaseIterable, Sendable {
        case availableFrequencies = "available_frequencies"
        case availableGovernors = "available_governors"
        case current = "cur_freq"
        case governor
        case highest = "max_freq"
        case lowest = "min_freq"
        case name
        case target = "target_freq"

        var permissions: Int {
            switch self {
            case .governor, .highest, .lowest: 0o644
            default: 0o444
            }
        }
    }

    func read(_ file: File, name: String) -> [UInt8] {
        switch file {
        case .availableFrequencies: KernelText.line(table.map(String.init).joined(separator: " "))
        case .availableGovernors: KernelText.line(Self.governors.joined(separator: " "))
        case .current, .target: KernelText.line(table[current])
        case .governor: KernelText.line(governor)
        case .highest: KernelText.line(table[limits.high])
        case .lowest: KernelText.line(table[limits.low])
        case .name: KernelText.line(name)
        }
    }

    mutating func write(_ file: File, _ bytes: [UInt8]) throws(KernelError) {
        switch file {
        case .governor:
            let name = try KernelText.word(bytes)
            guard Self.governors.contains(name) else { throw .invalid }
            governor = name
        case .highest:
            let value = try Self.frequency(bytes)
            guard value == 0 || value >= lowHz else { throw .invalid }
            highHz = value
        case .lowest:
            let value = try Self.frequency(bytes)
            guard value == 0 || highHz == 0 || value <= highHz else { throw .invalid }
            lowHz = value
        default: throw .noAccess
        }
    }

    private static func frequency(_ bytes: [UInt8]) throws(KernelError) -> Int {
        guard let value = Int(exactly: try KernelText.number(bytes)) else { throw .invalid }
        return value
    }
}
