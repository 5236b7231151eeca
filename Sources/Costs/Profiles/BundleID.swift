/// Consecutive layers on one device at one frequency: what is measured and priced as one (dissertation, chapter 7).
public struct BundleID: Sendable, Hashable {
    public var device: DeviceID
    /// In Hz; nil where the device's frequency is not chosen.
    public var frequencyHz: Double?
    /// Index of the first layer.
    public var first: Int
    /// Index of the last layer, itself included.
    public var last: Int

    public init(device: DeviceID, frequencyHz: Double? = nil, first: Int, last: Int) {
        self.device = device
        self.frequencyHz = frequencyHz
        self.first = first
        self.last = last
    }

    public var layerCount: Int { last - first + 1 }
}
