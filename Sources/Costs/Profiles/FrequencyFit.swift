/// A bundle's latency and energy at frequencies between those that were measured.
public struct FrequencyFit: Sendable {
    public let latency: LatencyFit
    /// Or why there is none: energy needs one frequency more, and may not have been measured at all.
    public let energy: Result<EnergyFit, DataFault>

    public struct Measurement: Sendable, Equatable {
        public var frequencyHz: Double
        public var latencyS: Double
        /// Nil: not measured.
        public var energyJ: Double?

        public init(frequencyHz: Double, latencyS: Double, energyJ: Double? = nil) {
            self.frequencyHz = frequencyHz
            self.latencyS = latencyS
            self.energyJ = energyJ
        }
    }

    /// - Throws: ``DataFault`` where even the latency cannot be fitted.
    public init(_ measurements: [Measurement]) throws(DataFault) {
        latency = try LatencyFit(measurements.map { ($0.frequencyHz, $0.latencyS) })
        energy = Result { () throws(DataFault) in
            try EnergyFit(measurements.compactMap { point in point.energyJ.map { (point.frequencyHz, $0) } })
        }
    }

    /// Seconds at a frequency within the measured ones.
    public func latencyS(atHz frequencyHz: Double) throws(DataFault) -> Double {
        try latency.latencyS(atHz: frequencyHz)
    }

    /// Joules at a frequency within the measured ones.
    ///
    /// - Throws: ``DataFault``: outside the measured range, or why no energy is known.
    public func energyJ(atHz frequencyHz: Double) throws(DataFault) -> Double {
        try energy.get().energyJ(atHz: frequencyHz)
    }
}

extension BundleProfile {
    /// The fit of a bundle over the frequencies at which its device was measured.
    ///
    /// - Throws: ``DataFault`` that names the bundle.
    public func frequencyFit(device: DeviceID, first: Int, last: Int) throws(DataFault) -> FrequencyFit {
        let measured = frequenciesHz(of: device).compactMap { frequencyHz -> FrequencyFit.Measurement? in
            guard let frequencyHz else { return nil }
            let bundle = BundleID(device: device, frequencyHz: frequencyHz, first: first, last: last)
            return measurement(of: bundle).map {
                FrequencyFit.Measurement(frequencyHz: frequencyHz, latencyS: $0.latencyS, energyJ: $0.energyJ)
            }
        }
        do {
            return try FrequencyFit(measured)
        } catch {
            let name = name(of: BundleID(device: device, first: first, last: last))
            throw DataFault("\(name): \(error.problem)", error.advice)
        }
    }
}
