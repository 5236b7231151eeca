import Costs
import Sharing

/// Measures parts of operators, as boards run them that share a model. Calls block: on a thread of its own.
public struct OperatorProfiler: Sendable {
    public let loader: BundleLoader
    /// Runs of each part; a tenth is left out at either end.
    public let samples: Int
    public let isStopped: @Sendable () -> Bool

    public init(loader: BundleLoader, samples: Int, isStopped: @escaping @Sendable () -> Bool) {
        self.loader = loader
        self.samples = samples
        self.isStopped = isStopped
    }

    /// What a part takes, in s; nil where the measurement was stopped.
    ///
    /// - Throws: one sentence: the part cannot be loaded or run.
    public func measureS(_ part: SegmentPart, of shared: SharedGraph) throws -> Double? {
        let loaded = try loader.load(part: part, of: shared)
        let sampler = BundleSampler(samples: samples, recorder: nil, setting: "", isStopped: isStopped)
        return try sampler.measure(loaded)?.latencyS
    }
}
