import Costs

/// What plans would have emitted, period by period.
public struct DayReport: Codable, Sendable, Equatable {
    /// One strategy in one period.
    public struct Entry: Codable, Sendable, Equatable {
        /// Grams for a thousand inferences, at the pace of the plan itself.
        public var carbonGPerThousand: Double
        /// Grams for a thousand inferences where just the wanted number is done and the boards wait in between.
        public var waitingCarbonGPerThousand: Double
        /// Joule for a thousand inferences, at the pace of the plan itself.
        public var energyJPerThousand: Double
        /// Inferences in the period, at the pace of the plan itself.
        public var inferences: Double
        /// The first layer that is not on the source's device (nil: all are).
        public var cutLayer: Int?

        enum CodingKeys: String, CodingKey {
            case inferences
            case carbonGPerThousand = "carbon_g_per_1000"
            case waitingCarbonGPerThousand = "waiting_carbon_g_per_1000"
            case energyJPerThousand = "energy_j_per_1000"
            case cutLayer = "cut_layer"
        }
    }

    public struct Period: Codable, Sendable, Equatable {
        public var at: String
        /// In the order of `zones`.
        public var intensitiesGPerKwh: [Double]
        /// In the order of `strategies`; nil where a strategy has no plan.
        public var entries: [Entry?]

        enum CodingKeys: String, CodingKey {
            case at, entries
            case intensitiesGPerKwh = "intensities_g_per_kwh"
        }
    }

    public var model: String
    public var zones: [String]
    public var strategies: [DayStrategy]
    /// Inferences per second that every plan must do.
    public var throughputPerS: Double
    public var periodS: Double
    public var periods: [Period]
    /// Periods in which a zone's intensity is unknown, with the reason of the first.
    public var unknownCount: Int
    public var unknownReason: String?
    /// Why the exact planner had no plan in the first period in which it had none (nil: it always had one).
    public var noPlanReason: String?

    enum CodingKeys: String, CodingKey {
        case model, zones, strategies, periods
        case throughputPerS = "throughput_per_s"
        case periodS = "period_s"
        case unknownCount = "unknown_count"
        case unknownReason = "unknown_reason"
        case noPlanReason = "no_plan_reason"
    }

    /// Sums over the periods in which the strategy has a plan.
    public struct Total: Sendable, Equatable {
        public var periodCount: Int
        /// Grams for a thousand inferences, at the plans' own pace.
        public var carbonGPerThousand: Double
        /// Grams for a thousand inferences, at the wanted throughput.
        public var waitingCarbonGPerThousand: Double
        public var energyJPerThousand: Double
        public var inferences: Double
        /// Times that the cut changed from one period to the next.
        public var moveCount: Int
    }

    /// Nil where the strategy never had a plan.
    public func total(_ strategy: DayStrategy) -> Total? {
        guard let index = strategies.firstIndex(of: strategy) else { return nil }
        let own = periods.compactMap { $0.entries[index] }
        guard !own.isEmpty else { return nil }
        // Every period counts the same: the means are those of an inference at a random time.
        func mean(_ figure: (Entry) -> Double) -> Double { own.reduce(0) { $0 + figure($1) } / Double(own.count) }
        return Total(
            periodCount: own.count, carbonGPerThousand: mean(\.carbonGPerThousand),
            waitingCarbonGPerThousand: mean(\.waitingCarbonGPerThousand),
            energyJPerThousand: mean(\.energyJPerThousand),
            inferences: own.reduce(0) { $0 + $1.inferences },
            moveCount: zip(own, own.dropFirst()).reduce(0) { $0 + ($1.0.cutLayer == $1.1.cutLayer ? 0 : 1) })
    }

    /// Periods in which a strategy is better than the exact one at its own pace, or than the waiting one at the wanted
    /// throughput: there are none, or the planner is wrong.
    public func periodsLost(tolerance: Double = 1e-9) -> [(period: Int, strategy: DayStrategy)] {
        guard let exact = strategies.firstIndex(of: .exact), let waiting = strategies.firstIndex(of: .waiting) else {
            return []
        }
        var lost: [(Int, DayStrategy)] = []
        for (index, period) in periods.enumerated() {
            for (strategy, entry) in zip(strategies, period.entries) {
                guard let entry else { continue }
                let best = (
                    period.entries[exact]?.carbonGPerThousand, period.entries[waiting]?.waitingCarbonGPerThousand
                )
                if let own = best.0, entry.carbonGPerThousand < own * (1 - tolerance) { lost.append((index, strategy)) }
                if let own = best.1, entry.waitingCarbonGPerThousand < own * (1 - tolerance) {
                    lost.append((index, strategy))
                }
                if best.0 == nil || best.1 == nil { lost.append((index, strategy)) }
            }
        }
        return lost
    }
}
