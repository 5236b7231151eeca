/// What a frequency domain's files say now, in their own units; nil where a file cannot be read.
public struct FrequencyState: Sendable, Equatable {
    public var minimum: Int?
    public var maximum: Int?
    public var governor: String?
    /// Only under the governor `userspace`.
    public var setSpeed: Int?
    /// The clock itself, in Hz.
    public var currentHz: Double?

    public init(
        minimum: Int? = nil, maximum: Int? = nil, governor: String? = nil, setSpeed: Int? = nil,
        currentHz: Double? = nil
    ) {
        self.minimum = minimum
        self.maximum = maximum
        self.governor = governor
        self.setSpeed = setSpeed
        self.currentHz = currentHz
    }
}

/// One value for one file of the kernel.
public struct FrequencyWrite: Codable, Sendable, Equatable, Hashable {
    public var path: String
    public var value: String

    public init(_ path: String, _ value: String) {
        self.path = path
        self.value = value
    }
}
