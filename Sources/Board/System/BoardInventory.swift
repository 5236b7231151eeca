/// What the kernel shows of a board, and what is wrong with what it shows.
public struct BoardInventory: Codable, Sendable, Equatable {
    /// The device tree's model, or the product's name of a PC (nil: neither is there).
    public var model: String?
    public var domains: [FrequencyDomain]
    /// Nil: unknown.
    public var memoryTotalBytes: Int?
    public var memoryAvailableBytes: Int?
    public var zones: [ThermalZone]
    public var sensors: [PowerSensor]
    public var supplies: [PowerSupply]
    public var interfaces: [NetworkInterface]
    /// Sorted by path; each once.
    public var faults: [BoardFault]

    public init(
        model: String? = nil, domains: [FrequencyDomain] = [], memoryTotalBytes: Int? = nil,
        memoryAvailableBytes: Int? = nil, zones: [ThermalZone] = [], sensors: [PowerSensor] = [],
        supplies: [PowerSupply] = [], interfaces: [NetworkInterface] = [], faults: [BoardFault] = []
    ) {
        self.model = model
        self.domains = domains
        self.memoryTotalBytes = memoryTotalBytes
        self.memoryAvailableBytes = memoryAvailableBytes
        self.zones = zones
        self.sensors = sensors
        self.supplies = supplies
        self.interfaces = interfaces
        self.faults = faults
    }

    /// Looks at everything once. Blocks on many small files; never fails: what cannot be had is a fault.
    public static func discover(_ root: SystemRoot = SystemRoot()) -> BoardInventory {
        var finder = BoardFinder(root)
        return finder.inventory()
    }

    public var cpuPolicies: [FrequencyDomain] { domains.filter { $0.kind == .cpuPolicy } }
    public var devfreqDevices: [FrequencyDomain] { domains.filter { $0.kind == .devfreq } }

    /// Does the board draw from the mains? (nil: it does not say, as most boards without a battery)
    public var isOnMains: Bool? {
        if supplies.contains(where: { !$0.isBattery && $0.isOnline == true }) { return true }
        let batteries = supplies.filter(\.isBattery)
        if batteries.contains(where: { $0.status == "Discharging" }) { return false }
        if batteries.contains(where: { ["Charging", "Full", "Not charging"].contains($0.status) }) { return true }
        return nil
    }

    enum CodingKeys: String, CodingKey {
        case model, domains, zones, sensors, supplies, interfaces, faults
        case memoryTotalBytes = "memory_total_bytes"
        case memoryAvailableBytes = "memory_available_bytes"
    }
}
