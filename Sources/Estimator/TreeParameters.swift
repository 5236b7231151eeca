import Costs

/// How trees are grown (FlexPie, cost estimator: XGBoost with the gamma deviance).
public struct TreeParameters: Sendable, Equatable, Codable {
    /// Deepest tree.
    public var depth: Int
    /// Trees, one after the other.
    public var rounds: Int
    /// What a split must gain at least.
    public var leastGain: Double
    /// Share of each tree's answer that counts.
    public var learningRate = 0.1
    /// L2 term on the answers of leaves.
    public var lambda = 3.0
    /// Part of the rows that a tree sees.
    public var rowShare = 0.7
    /// Part of the features that a tree sees.
    public var featureShare = 0.7
    /// Least sum of second derivatives in a leaf.
    public var leastLeafWeight = 3.0
    /// Of the rows and features that a tree sees.
    public var seed: UInt64

    enum CodingKeys: String, CodingKey {
        case depth, rounds, lambda, seed
        case leastGain = "least_gain"
        case learningRate = "learning_rate"
        case rowShare = "row_share"
        case featureShare = "feature_share"
        case leastLeafWeight = "least_leaf_weight"
    }

    /// Rounds of a training unless somebody asks for more or fewer.
    public static let usualRounds = 1000
    /// More need minutes, and a file that no board should have to read.
    public static let maximumRounds = 10_000

    /// The published parameters of one model.
    public init(_ kind: TraceKind, rounds: Int = Self.usualRounds, seed: UInt64) {
        switch kind {
        case .compute: (depth, leastGain) = (10, 1e-5)
        case .transfer: (depth, leastGain) = (7, 1e-3)
        case .relayout: (depth, leastGain) = (7, 2e-4)
        }
        self.rounds = rounds
        self.seed = seed
    }

    /// As XGBoost names them. One thread: the same rows then give the same trees on every machine.
    var options: [(name: String, value: String)] {
        [
            ("booster", "gbtree"), ("objective", "reg:gamma"), ("tree_method", "exact"), ("base_score", "1"),
            ("max_depth", "\(depth)"), ("gamma", "\(leastGain)"), ("eta", "\(learningRate)"),
            ("lambda", "\(lambda)"), ("subsample", "\(rowShare)"), ("colsample_bytree", "\(featureShare)"),
            ("min_child_weight", "\(leastLeafWeight)"), ("seed", "\(seed % (1 << 31))"), ("nthread", "1"),
            ("verbosity", "0"),
        ]
    }
}
