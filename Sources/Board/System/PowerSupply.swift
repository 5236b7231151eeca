/// A supply of the board as `/sys/class/power_supply` shows it.
public struct PowerSupply: Codable, Sendable, Equatable {
    public var name: String
    /// `Mains`, `Battery`, `USB`, `UPS`, ...
    public var type: String
    /// The supply feeds the board (nil: it does not say).
    public var isOnline: Bool?
    /// `Charging`, `Discharging`, ... of a battery.
    public var status: String?

    public init(name: String, type: String, isOnline: Bool? = nil, status: String? = nil) {
        self.name = name
        self.type = type
        self.isOnline = isOnline
        self.status = status
    }

    public var isBattery: Bool { type == "Battery" }

    enum CodingKeys: String, CodingKey {
        case name, type, status
        case isOnline = "is_online"
    }
}
