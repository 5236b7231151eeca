/// A network interface as the kernel shows it.
public struct NetworkInterface: Codable, Sendable, Equatable {
    public var name: String
    /// `up`, `down`, `unknown`, ... (nil: not readable).
    public var operationalState: String?
    /// Of the link itself (nil: unknown, as it is for Wi-Fi, virtual interfaces and those that are down).
    public var speedMbitPerS: Int?
    public var isWireless: Bool

    public init(name: String, operationalState: String?, speedMbitPerS: Int?, isWireless: Bool) {
        self.name = name
        self.operationalState = operationalState
        self.speedMbitPerS = speedMbitPerS
        self.isWireless = isWireless
    }

    enum CodingKeys: String, CodingKey {
        case name
        case operationalState = "operational_state"
        case speedMbitPerS = "speed_mbit_per_s"
        case isWireless = "is_wireless"
    }
}
