import Costs

/// The power of a board without a sensor, from the device's figures.
public enum PowerModel {
    /// Frequencies this close, as a part, are the same operating point.
    public static let sameFrequencyPart = 0.005

    /// `idle + utilisation * (compute - idle)`, with the powers of the whole board at the point in use.
    ///
    /// - Parameters:
    ///   - frequencyHz: nil for a device whose clock is not controlled. One that no point has is never guessed at.
    ///   - utilisation: from 0 to 1, of the device.
    /// - Returns: nil where a figure is unknown.
    public static func powerW(_ device: Device, frequencyHz: Double?, utilisation: Double) -> Double? {
        guard utilisation.isFinite, let idleW = device.idlePowerW else { return nil }
        let part = min(max(utilisation, 0), 1)
        if part == 0 { return idleW }
        guard let computeW = computePowerW(device, frequencyHz: frequencyHz) else { return nil }
        return idleW + part * (computeW - idleW)
    }

    /// The same as a sample, marked as modelled.
    public static func sample(
        _ device: Device, frequencyHz: Double?, utilisation: Double, now: Duration
    ) -> PowerSample? {
        powerW(device, frequencyHz: frequencyHz, utilisation: utilisation)
            .map { PowerSample(powerW: $0, at: now, origin: .modelled) }
    }

    private static func computePowerW(_ device: Device, frequencyHz: Double?) -> Double? {
        guard let frequencyHz else { return device.computePowerW ?? device.points[device.fastestPoint].computePowerW }
        let point = device.points.first { point in
            point.frequencyHz.map { abs($0 - frequencyHz) <= frequencyHz * sameFrequencyPart } ?? false
        }
        return point?.computePowerW
    }
}
