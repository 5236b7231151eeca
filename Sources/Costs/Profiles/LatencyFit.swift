/// Latency as a law of the clock: `t = p + q / f`, least squares (ALGORITHMS, "DVFS model").
public struct LatencyFit: Sendable, Equatable {
    /// p: seconds that the clock does not change.
    public let constantS: Double
    /// q: cycles, the seconds at f are q / f.
    public let cycles: Double
    public let quality: FitQuality

    /// - Throws: ``DataFault`` where fewer than two frequencies were measured, or the law falls below 0 within them.
    public init(_ measurements: [(frequencyHz: Double, latencyS: Double)]) throws(DataFault) {
        let what = "the latency"
        try FitQuality.check(measurements.map { ($0.frequencyHz, $0.latencyS) }, needed: 2, what: what)
        let frequenciesHz = measurements.map(\.frequencyHz)
        let values = measurements.map(\.latencyS)
        // Frequencies as shares of the highest: columns of about one size.
        let highestHz = frequenciesHz.max() ?? 1
        let columns = [[Double](repeating: 1, count: values.count), frequenciesHz.map { highestHz / $0 }]
        guard let solution = LeastSquares.solve(columns, values) else { throw FitQuality.closeFrequencies(what) }
        let residuals = LeastSquares.residuals(columns, values, solution)
        constantS = solution[0]
        cycles = solution[1] * highestHz
        quality = FitQuality(
            frequenciesHz: frequenciesHz, values: values, fitted: zip(values, residuals).map { $0 - $1 })
        // The law is monotone: its ends say it all.
        for frequencyHz in [quality.rangeHz.lowerBound, quality.rangeHz.upperBound] {
            let latencyS = constantS + cycles / frequencyHz
            // A latency measured as 0 may come out as a rounding error below it.
            guard latencyS >= -1e-12 * (values.max() ?? 0) else {
                throw DataFault(
                    "the latency fitted at \(FrequencyText.text(hertz: frequencyHz)) is \(latencyS) s",
                    "check the measurements; they follow no p + q / f")
            }
        }
    }

    /// Seconds at a frequency within the measured ones.
    ///
    /// - Throws: ``DataFault`` that names the measured range.
    public func latencyS(atHz frequencyHz: Double) throws(DataFault) -> Double {
        try quality.check(frequencyHz, what: "the latency")
        return max(0, constantS + cycles / frequencyHz)
    }
}
