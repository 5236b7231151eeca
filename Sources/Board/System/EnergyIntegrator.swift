import Costs

/// Energy over any time that is remembered, by the trapezoidal rule over samples of power.
///
/// A time over which the meter was silent has no energy, not even zero: whoever asks is told so.
public struct EnergyIntegrator: Sendable {
    public struct Energy: Sendable, Equatable {
        public var energyJ: Double
        /// Modelled as soon as one of the samples was.
        public var origin: PowerSample.Origin

        public init(energyJ: Double, origin: PowerSample.Origin) {
            self.energyJ = energyJ
            self.origin = origin
        }
    }

    /// Ten minutes at 10 samples a second.
    public static let defaultCapacity = 6000
    /// Between two samples; above it the meter counts as silent.
    public static let defaultMaximumStep = Duration.seconds(5)

    public let capacity: Int
    public let maximumStep: Duration
    /// A ring: the oldest sample is at `start` once it is full.
    private var ring: [PowerSample] = []
    private var start = 0

    public init(
        capacity: Int = EnergyIntegrator.defaultCapacity, maximumStep: Duration = EnergyIntegrator.defaultMaximumStep
    ) {
        precondition(capacity >= 2, "energy is between two samples")
        precondition(maximumStep > .zero, "samples are apart")
        self.capacity = capacity
        self.maximumStep = maximumStep
    }

    public var count: Int { ring.count }
    public var first: PowerSample? { ring.isEmpty ? nil : self[0] }
    public var last: PowerSample? { ring.isEmpty ? nil : self[ring.count - 1] }

    private subscript(index: Int) -> PowerSample { ring[(start + index) % ring.count] }

    /// Remembers a sample; the oldest is forgotten for it.
    ///
    /// - Returns: why the sample was refused; nil where it was not.
    public mutating func add(_ sample: PowerSample) -> BoardFault? {
        guard sample.powerW.isFinite, sample.powerW >= 0 else {
            return BoardFault("", .absurd, "a power of \(sample.powerW) W cannot be", consequence: "it is left out")
        }
        if let last, sample.at <= last.at {
            return BoardFault(
                "", .gap, "a sample of power is not after the one before: the clock went back",
                consequence: "it is left out")
        }
        if ring.count < capacity {
            ring.append(sample)
        } else {
            ring[start] = sample
            start = (start + 1) % capacity
        }
        return nil
    }

    /// Joules between two instants.
    ///
    /// - Throws: ``DataFault`` where the samples do not cover all of the time: it is never extrapolated.
    public func energy(from: Duration, to: Duration) throws(DataFault) -> Energy {
        let low = max(0, firstIndex { $0.at > from } - 1)
        let high = min(ring.count, firstIndex { $0.at >= to } + 1)
        let samples = (low..<max(low, high)).map { self[$0] }
        let energyJ = try EnergyLog(
            samples.map { EnergyLog.Sample(timeS: $0.at.inSeconds, powerW: $0.powerW) },
            maximumStepS: maximumStep.inSeconds
        ).energyJ(from: from.inSeconds, to: to.inSeconds)
        return Energy(energyJ: energyJ, origin: samples.contains { $0.origin == .modelled } ? .modelled : .measured)
    }

    /// By bisection: the samples that fulfil it follow those that do not.
    private func firstIndex(where isLater: (PowerSample) -> Bool) -> Int {
        var low = 0
        var high = ring.count
        while low < high {
            let middle = (low + high) / 2
            if isLater(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
