/// What a power meter wrote over time.
public struct EnergyLog: Sendable, Equatable {
    public struct Sample: Sendable, Equatable {
        /// On any clock, the same for all samples.
        public var timeS: Double
        public var powerW: Double

        public init(timeS: Double, powerW: Double) {
            self.timeS = timeS
            self.powerW = powerW
        }
    }

    /// A day at 100 samples a second.
    public static let maximumSamples = 10_000_000

    public let samples: [Sample]
    /// The longest time between two samples over which power is taken to change evenly.
    public let maximumStepS: Double?

    /// - Parameter maximumStepS: above it the meter counts as silent, and energy over that time as unknown;
    ///   nil: however long.
    /// - Throws: ``DataFault`` for samples out of order and figures that cannot be.
    public init(_ samples: [Sample], maximumStepS: Double? = nil) throws(DataFault) {
        guard samples.count <= Self.maximumSamples else {
            throw DataFault(
                "the power log has \(samples.count) samples, more than \(Self.maximumSamples)", "log a shorter time")
        }
        for (index, sample) in samples.enumerated() {
            guard sample.timeS.isFinite, sample.powerW.isFinite, sample.powerW >= 0 else {
                throw DataFault(
                    "sample \(index) of the power log is \(sample.powerW) W at \(sample.timeS) s",
                    "give 0 or more watts, and leave out what was not measured")
            }
            guard index == 0 || samples[index - 1].timeS < sample.timeS else {
                throw DataFault(
                    "sample \(index) of the power log, at \(sample.timeS) s, is not after the one before",
                    "sort the samples and give each instant once")
            }
        }
        self.samples = samples
        self.maximumStepS = maximumStepS
    }

    /// Joules between two instants, by the trapezoidal rule.
    ///
    /// - Throws: ``DataFault`` where the log does not cover the time: it is never extrapolated.
    public func energyJ(from startS: Double, to endS: Double) throws(DataFault) -> Double {
        guard startS.isFinite, endS.isFinite, startS <= endS else {
            throw DataFault("energy is asked for from \(startS) s to \(endS) s", "let it end after its start")
        }
        guard let first = samples.first, let last = samples.last, first.timeS <= startS, endS <= last.timeS else {
            let covered = samples.first.map { first in "from \(first.timeS) s to \(samples.last?.timeS ?? 0) s" }
            throw DataFault(
                "energy is asked for from \(startS) s to \(endS) s, but the power log goes \(covered ?? "nowhere")",
                "log the whole time")
        }
        var index = indexOfLast(notAfter: startS)
        var energyJ = 0.0
        while index + 1 < samples.count, samples[index].timeS < endS {
            let (left, right) = (samples[index], samples[index + 1])
            if let maximumStepS, right.timeS - left.timeS > maximumStepS {
                throw DataFault(
                    "the power log is silent from \(left.timeS) s to \(right.timeS) s, longer than \(maximumStepS) s",
                    "measure again")
            }
            let (fromS, toS) = (max(left.timeS, startS), min(right.timeS, endS))
            func powerW(at timeS: Double) -> Double {
                left.powerW + (right.powerW - left.powerW) * ((timeS - left.timeS) / (right.timeS - left.timeS))
            }
            energyJ += (powerW(at: fromS) + powerW(at: toS)) / 2 * (toS - fromS)
            index += 1
        }
        return energyJ
    }

    private func indexOfLast(notAfter timeS: Double) -> Int {
        var low = 0
        var high = samples.count
        while low < high {
            let middle = (low + high) / 2
            if samples[middle].timeS > timeS { high = middle } else { low = middle + 1 }
        }
        return max(0, low - 1)
    }
}
