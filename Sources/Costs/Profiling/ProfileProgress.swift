/// How long the rest of a profile takes, from how long what is done took.
///
/// A step counts as its share of the model's FLOP plus its share of the model's layers (loading and starting a bundle
/// take time as well), and at a lower clock as more of that.
public struct ProfileProgress: Sendable {
    private let shares: [Double]
    private let layerShare: Double
    private let highestHz: Double?
    private var leftWeight = 0.0
    private var doneWeight = 0.0
    private var doneS = 0.0
    public private(set) var leftCount: Int
    public let totalCount: Int

    /// - Parameter flop: operations of each layer, in the model's order.
    public init(_ plan: ProfilePlan, flop: [Double]) {
        let total = flop.reduce(0, +)
        // Sums up to each layer, so that the share of a bundle is a difference.
        var sums = [0.0]
        for value in flop { sums.append((sums.last ?? 0) + (total > 0 ? value / total : 0)) }
        shares = sums
        layerShare = flop.isEmpty ? 0 : 1 / Double(flop.count)
        highestHz = plan.steps.compactMap(\.frequencyHz).max()
        leftCount = plan.steps.count
        totalCount = plan.steps.count + plan.doneCount
        leftWeight = plan.steps.reduce(0) { $0 + weight(of: $1) }
    }

    /// A step is done, measured or not.
    ///
    /// - Parameter seconds: what it took, loading included; nil where it was left out, which says nothing of others.
    public mutating func finish(_ step: ProfilePlan.Step, tookS seconds: Double?) {
        let weight = weight(of: step)
        leftWeight = max(0, leftWeight - weight)
        leftCount = max(0, leftCount - 1)
        guard let seconds else { return }
        doneWeight += weight
        doneS += seconds
    }

    /// Seconds; nil until something was measured.
    public var leftS: Double? {
        guard doneWeight > 0 else { return nil }
        return leftCount == 0 ? 0 : doneS * leftWeight / doneWeight
    }

    private func weight(of step: ProfilePlan.Step) -> Double {
        let isKnown = step.first >= 0 && step.last + 1 < shares.count && step.first <= step.last
        let share = isKnown ? shares[step.last + 1] - shares[step.first] : 0
        let slowness = (step.frequencyHz.flatMap { own in highestHz.map { $0 / own } }) ?? 1
        return (share + layerShare * Double(step.layerCount)) * slowness
    }
}
