/// How far a fitted law is from what it was fitted to, and where it holds.
public struct FitQuality: Sendable, Equatable {
    /// From the lowest to the highest measured frequency, in Hz. The law is never asked outside it.
    public let rangeHz: ClosedRange<Double>
    public let measurementCount: Int
    /// How many different frequencies were measured.
    public let frequencyCount: Int
    /// Root of the mean squared error, in the unit of what was fitted.
    public let residual: Double
    /// Largest error as a share of the measured value; nil where a measured value is 0.
    public let relativeResidual: Double?

    init(frequenciesHz: [Double], values: [Double], fitted: [Double]) {
        rangeHz = (frequenciesHz.min() ?? 0)...(frequenciesHz.max() ?? 0)
        measurementCount = frequenciesHz.count
        frequencyCount = Set(frequenciesHz).count
        let errors = zip(values, fitted).map { $0 - $1 }
        residual = (errors.reduce(0) { $0 + $1 * $1 } / Double(max(1, errors.count))).squareRoot()
        relativeResidual = values.contains(0) ? nil : zip(errors, values).map { abs($0 / $1) }.max()
    }

    /// - Throws: ``DataFault`` that names the range.
    func check(_ frequencyHz: Double, what: String) throws(DataFault) {
        guard rangeHz.contains(frequencyHz) else {
            throw DataFault(
                "\(what) at \(FrequencyText.text(hertz: frequencyHz)) is outside what was measured, "
                    + "\(FrequencyText.text(hertz: rangeHz.lowerBound)) to "
                    + FrequencyText.text(hertz: rangeHz.upperBound),
                "measure at that frequency, or choose one within")
        }
    }

    /// Refuses measurements that no law can be fitted to.
    static func check(
        _ measurements: [(frequencyHz: Double, value: Double)], needed: Int, what: String
    ) throws(DataFault) {
        for (frequencyHz, value) in measurements {
            guard frequencyHz.isFinite, frequencyHz > 0, value.isFinite, value >= 0 else {
                throw DataFault(
                    "\(what) was measured as \(value) at \(frequencyHz) Hz",
                    "give 0 or more, at a frequency above 0")
            }
        }
        let frequencies = Set(measurements.map(\.frequencyHz)).sorted()
        guard frequencies.count >= needed else {
            let known = frequencies.isEmpty ? "none" : frequencies.map(FrequencyText.text).joined(separator: ", ")
            throw DataFault(
                "\(what) needs measurements at \(needed) or more frequencies to be fitted, and has \(known)",
                "measure at more frequencies")
        }
    }

    static func closeFrequencies(_ what: String) -> DataFault {
        DataFault(
            "\(what) was measured at frequencies too close to each other to be fitted", "measure further apart")
    }
}
