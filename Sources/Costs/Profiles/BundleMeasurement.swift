/// What was measured of one bundle, its layers known by their indices.
public struct BundleMeasurement: Sendable, Equatable {
    public var bundle: BundleID
    /// The entry it was made from.
    public var entry: ProfileEntry

    public var latencyS: Double { entry.latencyS }
    /// Nil: not measured.
    public var energyJ: Double? { entry.energyJ }
}
