/// The mean of samples without the highest and the lowest tenth (dissertation: 100 samples, 10 % off each end).
public struct TrimmedMean: Sendable, Equatable {
    /// In the unit of the samples.
    public let mean: Double
    /// Standard deviation of the samples kept, in their unit; nil where one is kept.
    public let spread: Double?
    /// How many samples the mean is of.
    public let keptCount: Int

    /// - Parameter trimmedPercent: taken off each end, rounded down to whole samples; 0 to 49.
    /// - Throws: ``DataFault`` for no samples, for samples that are no finite numbers, and for a share above half.
    public init(_ samples: [Double], trimmedPercent: Int = 10) throws(DataFault) {
        guard (0..<50).contains(trimmedPercent) else {
            throw DataFault("\(trimmedPercent) % is to be trimmed off each end", "give 0 to 49")
        }
        guard !samples.isEmpty else { throw DataFault("there are no samples", "measure at least once") }
        if let index = samples.firstIndex(where: { !$0.isFinite }) {
            throw DataFault("sample \(index) is \(samples[index])", "leave out what was not measured")
        }
        let trimmed = samples.count * trimmedPercent / 100
        let kept = samples.sorted()[trimmed..<(samples.count - trimmed)]
        // Divided first, so that large samples cannot overflow.
        let mean = kept.reduce(0) { $0 + $1 / Double(kept.count) }
        self.mean = mean
        keptCount = kept.count
        let squares = kept.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        spread = kept.count > 1 ? (squares / Double(kept.count - 1)).squareRoot() : nil
    }
}
