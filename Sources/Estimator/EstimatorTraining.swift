import Costs

/// Trains an estimator from traces, and measures it on the fifth of them that the training does not see.
///
/// Blocks for minutes: never on the cooperative pool.
public struct EstimatorTraining: Sendable {
    /// How far a training is.
    public struct Progress: Sendable, Equatable {
        public var kind: TraceKind
        /// Rounds done and to do, of the trees that are kept and those that only measure.
        public var round: Int
        public var rounds: Int

        public init(kind: TraceKind, round: Int, rounds: Int) {
            self.kind = kind
            self.round = round
            self.rounds = rounds
        }
    }

    public var hardware: String
    public var cores: Int
    public var seed: UInt64
    public var rounds: Int

    public init(hardware: String, cores: Int = 1, seed: UInt64 = 1, rounds: Int = TreeParameters.usualRounds) {
        self.hardware = hardware
        self.cores = cores
        self.seed = seed
        self.rounds = rounds
    }

    /// Trains a model for each table.
    ///
    /// Where rows repeat, others may remember what they are tested on; there a second model is trained that sees none
    /// of the features that it is tested on, for its accuracy alone.
    ///
    /// - Parameters:
    ///   - tables: one of each kind at most; the order of the models.
    ///   - elapsedS: seconds since some instant.
    /// - Returns: nil where it was stopped.
    /// - Throws: ``EstimatorError``.
    public func run(
        _ tables: [TraceTable], elapsedS: () -> Double, isStopped: () -> Bool = { false },
        show: (Progress) -> Void = { _ in }
    ) throws(EstimatorError) -> EstimatorFile? {
        var models: [EstimatorHeader.Model] = []
        var trees: [[UInt8]] = []
        for table in tables {
            let different = Set(table.firstTwins()).count
            let parameters = TreeParameters(table.kind, rounds: rounds, seed: seed)
            let isRepeated = Double(different) < Self.repeatedShare * Double(table.rowCount)
            let total = isRepeated ? 2 * rounds : rounds
            let start = elapsedS()
            let kept = try fit(table, TraceSplit.ofRows(table, seed: seed), parameters, isStopped) { round in
                show(Progress(kind: table.kind, round: round, rounds: total))
            }
            let trainingS = elapsedS() - start
            guard !isStopped() else { return nil }
            var unseen: EstimateAccuracy?
            if isRepeated {
                unseen = try fit(table, TraceSplit.ofFeatures(table, seed: seed), parameters, isStopped) { round in
                    show(Progress(kind: table.kind, round: rounds + round, rounds: total))
                }.accuracy
                guard !isStopped() else { return nil }
            }
            let bytes = try kept.trees.bytes()
            models.append(
                EstimatorHeader.Model(
                    table, differentRows: different, scaleS: kept.scaleS, parameters: parameters,
                    heldOut: kept.accuracy, unseen: unseen, trainingS: trainingS, bytes: bytes))
            trees.append(bytes)
        }
        let header = EstimatorHeader(
            hardware: hardware, cores: cores,
            fingerprint: EstimatorHeader.fingerprint(hardware: hardware, cores: cores, models: models), seed: seed,
            models: models)
        return EstimatorFile(header: header, trees: trees)
    }

    /// Below this share of different rows the accuracy on unseen features is measured too.
    static let repeatedShare = 0.9

    private struct Fit {
        var trees: BoostedTrees
        var scaleS: Double
        var accuracy: EstimateAccuracy?
    }

    private func fit(
        _ table: TraceTable, _ split: TraceSplit, _ parameters: TreeParameters, _ isStopped: () -> Bool,
        _ show: (Int) -> Void
    ) throws(EstimatorError) -> Fit {
        // The trees start at an answer of 1. From the mean, the longest times are within reach of the first rounds.
        let scaleS = split.training.reduce(0) { $0 + table.timesS[$1] } / Double(max(1, split.training.count))
        let trees = try BoostedTrees.train(
            features: Self.values(table, split.training),
            targets: split.training.map { Float(table.timesS[$0] / scaleS) }, featureCount: table.featureCount,
            parameters: parameters, isStopped: isStopped, show: show)
        let estimates = try trees.predict(Self.values(table, split.heldOut)).map { Double($0) * scaleS }
        return Fit(
            trees: trees, scaleS: scaleS,
            accuracy: EstimateAccuracy(estimates: estimates, measurements: split.heldOut.map { table.timesS[$0] }))
    }

    private static func values(_ table: TraceTable, _ rows: [Int]) -> [Float] {
        rows.flatMap { table.row($0).map { Float($0) } }
    }
}
