import Costs

/// Every plan of a problem that no other plan beats in one of two figures without losing in the other.
///
/// Found by the epsilon-constraint method: the second figure is made least under an ever tighter limit on the first.
/// Where two solves give the same second figure the later one has less of the first, so the earlier is dropped: what
/// stays is the lexicographic front. Each solve is exact, so is the front; it ends when the limit cannot be kept.
public struct ParetoFront: Sendable, Equatable {
    /// Points that are looked for at most.
    public static let maximumPoints = 500
    /// Relative difference below which two figures are one; above what limits take for rounding (1e-9).
    public static let resolution = 1e-7

    public struct Point: Sendable, Equatable {
        /// The two figures, in the order of the front's objectives.
        public var x: Double
        public var y: Double
        public var plan: Plan
    }

    /// The figures compared; on the axes in this order.
    public let horizontal: Objective
    public let vertical: Objective
    /// From the least of the horizontal figure to the least of the vertical one.
    public let points: [Point]
    /// False where `maximumPoints` ended the search, or where a plan is not proved.
    public let isComplete: Bool
    /// Index of the point to take, and why it.
    public let chosen: Int
    public let chosenWhy: String

    /// - Parameters:
    ///   - plan: the planner; asked for one of the two objectives with limits on the other.
    ///   - onPoint: told how many points there are, as they are found.
    /// - Throws: where the two figures are the same, and what the planner throws for the first point.
    public init(
        _ problem: Problem, _ horizontal: Objective, _ vertical: Objective, maximumPoints: Int = Self.maximumPoints,
        plan: (Problem) throws(PlanningError) -> Plan, onPoint: (Int) -> Void = { _ in }
    ) throws(PlanningError) {
        guard horizontal != vertical else {
            throw .limit("a front needs two different figures, not \(horizontal.rawValue) twice")
        }
        guard problem.wantedThroughputPerS == nil || (horizontal != .throughput && vertical != .throughput) else {
            throw .limit(
                "a front over the throughput needs it free; leave the wanted throughput out and give a minimum")
        }
        // The energy of a whole plan has no limit of its own, so it is the figure that is made least.
        let (limited, minimal) = horizontal == .energy ? (vertical, horizontal) : (horizontal, vertical)
        var asked = problem
        asked.objective = minimal
        var found: [Point] = []
        var isComplete = true
        while true {
            let next: Plan
            do {
                next = try plan(asked)
            } catch {
                if case .infeasible = error, !found.isEmpty { break }
                throw error
            }
            guard let value = next.value, let other = next.figure(limited) else {
                throw .limit("the figures \(horizontal.rawValue) and \(vertical.rawValue) are not both known")
            }
            if next.gap ?? 1 > Self.resolution { isComplete = false }
            if let last = found.last, value <= (last.plan.value ?? 0) * (1 + Self.resolution) { found.removeLast() }
            let isTurned = limited != horizontal
            found.append(Point(x: isTurned ? value : other, y: isTurned ? other : value, plan: next))
            onPoint(found.count)
            guard found.count < maximumPoints else {
                isComplete = false
                break
            }
            guard other > 0 else { break }
            asked.limit(limited, to: other * (1 - Self.resolution))
        }
        self.horizontal = horizontal
        self.vertical = vertical
        // Tightening the limit walks from the most of the limited figure to its least.
        points = limited == horizontal ? found.reversed() : found
        self.isComplete = isComplete
        (chosen, chosenWhy) = Self.choice(points, problem, horizontal, vertical)
    }

    /// The point to take: the best within a limit on one of the two figures, or else the knee.
    private static func choice(
        _ points: [Point], _ problem: Problem, _ horizontal: Objective, _ vertical: Objective
    ) -> (Int, String) {
        if problem.hasLimit(on: horizontal) {
            return (points.count - 1, "least \(vertical.figureName) within the limit on the \(horizontal.figureName)")
        }
        if problem.hasLimit(on: vertical) {
            return (0, "least \(horizontal.figureName) within the limit on the \(vertical.figureName)")
        }
        guard points.count > 2, let first = points.first, let last = points.last, last.x > first.x, first.y > last.y
        else {
            let index = problem.objective == vertical ? points.count - 1 : 0
            return (index, "least \(problem.objective == vertical ? vertical.figureName : horizontal.figureName)")
        }
        var best = (index: 0, share: -Double.infinity)
        for (index, point) in points.enumerated() {
            // Distance below the line between both ends, each figure as a part of its range.
            let share = 1 - (point.x - first.x) / (last.x - first.x) - (point.y - last.y) / (first.y - last.y)
            if share > best.share { best = (index, share) }
        }
        return (best.index, "the knee: farthest below the line between both ends")
    }
}

extension Plan {
    /// The plan's figure of an objective, in its unit (nil: unknown).
    public func figure(_ objective: Objective) -> Double? {
        switch objective {
        case .latency: latencyS
        case .energy: energyJ
        case .carbon: carbonG
        case .throughput: cycleS
        }
    }
}

extension Problem {
    /// Limits a figure of the whole plan, unless the limit is as tight already; the energy has no such limit.
    mutating func limit(_ objective: Objective, to value: Double) {
        switch objective {
        case .latency: constraints.maximumLatencyS = min(constraints.maximumLatencyS ?? .infinity, value)
        case .carbon: constraints.maximumCarbonG = min(constraints.maximumCarbonG ?? .infinity, value)
        case .throughput: constraints.minimumThroughputPerS = max(constraints.minimumThroughputPerS ?? 0, 1 / value)
        case .energy: break
        }
    }

    func hasLimit(on objective: Objective) -> Bool {
        switch objective {
        case .latency: constraints.maximumLatencyS != nil
        case .carbon: constraints.maximumCarbonG != nil
        case .throughput: constraints.minimumThroughputPerS != nil
        case .energy: !constraints.maximumEnergy.isEmpty
        }
    }
}

extension ParetoFront: Encodable {
    private enum CodingKeys: String, CodingKey {
        case objectives
        case isComplete = "complete"
        case chosen
        case chosenWhy = "chosen_why"
        case points
    }

    /// A point as it is printed: the figures that are known, and the plan.
    private struct Printed: Encodable {
        var point: Point
        var objectives: [Objective]

        struct Key: CodingKey {
            var stringValue: String
            var intValue: Int? { nil }
            init(_ name: String) { stringValue = name }
            init?(stringValue: String) { self.stringValue = stringValue }
            init?(intValue: Int) { nil }
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: Key.self)
            for (objective, value) in zip(objectives, [point.x, point.y]) {
                try container.encode(value, forKey: Key(objective.figureKey))
            }
            try container.encode(point.plan, forKey: Key("plan"))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode([horizontal, vertical], forKey: .objectives)
        try container.encode(isComplete, forKey: .isComplete)
        try container.encode(chosen, forKey: .chosen)
        try container.encode(chosenWhy, forKey: .chosenWhy)
        try container.encode(
            points.map { Printed(point: $0, objectives: [horizontal, vertical]) }, forKey: .points)
    }
}

extension Objective {
    /// As the figure is called in JSON and CSV.
    public var figureKey: String {
        switch self {
        case .latency: "latency_s"
        case .energy: "energy_j"
        case .carbon: "carbon_g"
        case .throughput: "cycle_s"
        }
    }

    /// As the figure is called in text: the objective throughput makes the cycle least.
    public var figureName: String { self == .throughput ? "cycle" : rawValue }
}
