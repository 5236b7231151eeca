/// A place of the board whose temperature the kernel knows.
public struct ThermalZone: Codable, Sendable, Equatable {
    /// At and above it the kernel does something; `passive` slows the board down, `critical` switches it off.
    public struct TripPoint: Codable, Sendable, Equatable {
        public var type: String
        public var celsius: Double

        public init(type: String, celsius: Double) {
            self.type = type
            self.celsius = celsius
        }
    }

    /// The folder's name: `thermal_zone0`.
    public var name: String
    public var type: String?
    public var path: String
    /// When it was looked at (nil: unknown).
    public var celsius: Double?
    public var tripPoints: [TripPoint]

    public init(name: String, type: String?, path: String, celsius: Double?, tripPoints: [TripPoint] = []) {
        self.name = name
        self.type = type
        self.path = path
        self.celsius = celsius
        self.tripPoints = tripPoints
    }

    public var temperaturePath: String { path + "/temp" }

    /// The lowest temperature at which the kernel slows the board down (nil: never, as far as it says).
    public var passiveCelsius: Double? { tripPoints.filter { $0.type == "passive" }.map(\.celsius).min() }

    enum CodingKeys: String, CodingKey {
        case name, type, path, celsius
        case tripPoints = "trip_points"
    }
}
