/// What a trace tells of: three kinds of work whose times add up to those of a shared operator (FlexPie, cost
/// estimator).
public enum TraceKind: String, Sendable, Hashable, CaseIterable, Codable {
    /// A share of a convolution on one node.
    case compute
    /// Bytes from one node to another.
    case transfer
    /// Bytes put into another layout within a node.
    case relayout

    /// The file in a folder of traces, unless somebody names another.
    public var usualFileName: String { rawValue + ".csv" }

    /// What the columns mean, in their order, the measured one apart.
    public var features: [TraceFeature] {
        switch self {
        case .compute:
            [
                TraceFeature("convolution_type", isCount: true, maximum: Double(ConvolutionType.allCases.count)),
                TraceFeature("input_channels", isCount: true),
                TraceFeature("output_channels_of_a_core", isCount: true),
                TraceFeature("output_height", isCount: true), TraceFeature("output_width", isCount: true),
                TraceFeature("input_height", isCount: true), TraceFeature("input_width", isCount: true),
                TraceFeature("stride", isCount: true),
            ]
        // Bytes, not elements of four: the authors' planner asks for four times the elements, and only so are the
        // released times near the bandwidth that they name.
        case .transfer: [TraceFeature("bandwidth_gbit_per_s"), TraceFeature("bytes", isCount: true)]
        case .relayout: [TraceFeature("bytes", isCount: true)]
        }
    }

    /// The measured column.
    public var target: String {
        switch self {
        case .compute: "cycles_at_1_ghz"
        case .transfer, .relayout: "milliseconds"
        }
    }

    /// Seconds in one unit of the measured column.
    public var secondsPerTarget: Double {
        switch self {
        case .compute: 1e-9
        case .transfer, .relayout: 1e-3
        }
    }
}

/// One column of a trace.
public struct TraceFeature: Sendable, Hashable {
    public var name: String
    /// A whole number.
    public var isCount: Bool
    public var maximum: Double

    /// More would not be told apart by trees, which compare numbers of 32 bits.
    public static let maximumCount = 16_777_216.0

    public init(_ name: String, isCount: Bool = false, maximum: Double = Self.maximumCount) {
        self.name = name
        self.isCount = isCount
        self.maximum = maximum
    }

    /// What is wrong with a value; nil where nothing is.
    public func fault(_ value: Double) -> String? {
        guard value > 0, value <= maximum else {
            return "\(name) is \(plain(value)), not above 0 and at most \(plain(maximum))"
        }
        guard !isCount || value == value.rounded() else { return "\(name) is \(plain(value)), no whole number" }
        return nil
    }

    /// Without the `.0` of a whole number.
    private func plain(_ value: Double) -> String { Int(exactly: value).map { "\($0)" } ?? "\(value)" }
}

/// Convolutions that traces tell apart, by their number there.
public enum ConvolutionType: Int, Sendable, Hashable, CaseIterable, Codable {
    /// Every output channel reads every input channel, one pixel of each; larger kernels are unfolded to this.
    case pointwise = 1
    /// Every output channel reads its own input channel.
    case depthwise = 2
}
