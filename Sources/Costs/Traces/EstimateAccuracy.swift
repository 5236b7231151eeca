/// How far estimates are from what was measured, relative to the latter.
public struct EstimateAccuracy: Sendable, Equatable, Codable {
    /// Rows compared.
    public var rows: Int
    /// Half of the rows are closer; 0.01 is 1 %.
    public var medianError: Double
    public var meanError: Double
    public var largestError: Double
    /// Share of the rows with an error of at most 10 %.
    public var withinTenPercent: Double

    public static let tolerance = 0.1

    enum CodingKeys: String, CodingKey {
        case rows
        case medianError = "median_error"
        case meanError = "mean_error"
        case largestError = "largest_error"
        case withinTenPercent = "within_10_percent"
    }

    /// Nil without rows: no error is known then, which is not an error of zero.
    ///
    /// - Precondition: as many estimates as measurements; measurements are positive.
    public init?(estimates: [Double], measurements: [Double]) {
        precondition(estimates.count == measurements.count, "an estimate for each measurement")
        guard !measurements.isEmpty else { return nil }
        let errors = zip(estimates, measurements).map { abs($0 - $1) / $1 }.sorted()
        rows = errors.count
        let middle = errors.count / 2
        medianError = errors.count % 2 == 1 ? errors[middle] : (errors[middle - 1] + errors[middle]) / 2
        meanError = errors.reduce(0, +) / Double(errors.count)
        largestError = errors[errors.count - 1]
        withinTenPercent = Double(errors.count { $0 <= Self.tolerance }) / Double(errors.count)
    }
}
