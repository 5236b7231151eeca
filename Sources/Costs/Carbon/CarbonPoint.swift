/// The intensity of a zone's grid from an instant on, for one resolution of its series.
public struct CarbonPoint: Sendable, Equatable {
    /// Seconds since 1970, UTC.
    public var startS: Double
    /// Grams of CO₂ equivalent for each kWh used.
    public var intensityGPerKWh: Double
    /// Did the publisher estimate or forecast it? Nil: not told.
    public var isEstimated: Bool?

    public init(startS: Double, intensityGPerKWh: Double, isEstimated: Bool? = nil) {
        self.startS = startS
        self.intensityGPerKWh = intensityGPerKWh
        self.isEstimated = isEstimated
    }
}
