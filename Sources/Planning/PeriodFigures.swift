import Costs

/// What a plan comes to over a period, if inferences follow each other as fast as the plan lets them.
public struct PeriodFigures: Sendable, Equatable, Encodable {
    public var periodS: Double
    public var inferences: Double
    /// Over the devices that the plan's energy counts (nil: unknown).
    public var energyJ: Double?
    /// Grams of CO2 equivalent (nil: unknown).
    public var carbonG: Double?

    /// - Parameter periodS: above zero.
    public init(_ plan: Plan, periodS: Double) {
        let cycleS = plan.cycleS ?? plan.latencyS
        let inferences = cycleS > 0 ? periodS / cycleS : 0
        self.periodS = periodS
        self.inferences = inferences
        energyJ = plan.energyJ.map { $0 * inferences }
        carbonG = plan.carbonG.map { $0 * inferences }
    }

    enum CodingKeys: String, CodingKey {
        case inferences
        case periodS = "period_s"
        case energyJ = "energy_j"
        case carbonG = "carbon_g"
    }
}
