/// Energy as a law of the clock: `E = a / f + b + c f^2` with a, b, c not below 0 (ALGORITHMS, "DVFS model").
///
/// a: static power over a time that shrinks with f; b: what the clock does not change; c: switching at a voltage that
/// grows with f. Least squares under those signs, exactly.
public struct EnergyFit: Sendable, Equatable {
    /// a, in J Hz.
    public let staticJHz: Double
    /// b, in J.
    public let constantJ: Double
    /// c, in J / Hz^2.
    public let switchingJPerHz2: Double
    public let quality: FitQuality

    /// - Throws: ``DataFault`` where fewer than three frequencies were measured.
    public init(_ measurements: [(frequencyHz: Double, energyJ: Double)]) throws(DataFault) {
        let what = "the energy"
        try FitQuality.check(measurements.map { ($0.frequencyHz, $0.energyJ) }, needed: 3, what: what)
        let frequenciesHz = measurements.map(\.frequencyHz)
        let values = measurements.map(\.energyJ)
        let highestHz = frequenciesHz.max() ?? 1
        let columns = [
            frequenciesHz.map { highestHz / $0 }, [Double](repeating: 1, count: values.count),
            frequenciesHz.map { ($0 / highestHz) * ($0 / highestHz) },
        ]
        guard let solution = LeastSquares.solveNonNegative(columns, values) else {
            throw FitQuality.closeFrequencies(what)
        }
        let residuals = LeastSquares.residuals(columns, values, solution)
        staticJHz = solution[0] * highestHz
        constantJ = solution[1]
        switchingJPerHz2 = solution[2] / highestHz / highestHz
        quality = FitQuality(
            frequenciesHz: frequenciesHz, values: values, fitted: zip(values, residuals).map { $0 - $1 })
    }

    /// Joules at a frequency within the measured ones.
    ///
    /// - Throws: ``DataFault`` that names the measured range.
    public func energyJ(atHz frequencyHz: Double) throws(DataFault) -> Double {
        try quality.check(frequencyHz, what: "the energy")
        return staticJHz / frequencyHz + constantJ + switchingJPerHz2 * frequencyHz * frequencyHz
    }
}
