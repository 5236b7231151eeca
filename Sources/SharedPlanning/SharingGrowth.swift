import Planning
import SharingPlans

/// What sharing operators gains, and what it takes to plan, as boards and models grow.
public struct SharingGrowth: Sendable {
    /// A model planned for a number of boards.
    public struct Point: Sendable, Equatable {
        public var model: String
        public var operatorCount: Int
        public var boardCount: Int
        /// Of the plan by `unified`.
        public var latencyS: Double
        /// Of the best plan by any other system.
        public var otherLatencyS: Double
        public var other: SharingSystem
        /// Wall-clock time of `unified`, with every other system that it begins with.
        public var planningS: Double

        public init(
            model: String, operatorCount: Int, boardCount: Int, latencyS: Double, otherLatencyS: Double,
            other: SharingSystem, planningS: Double
        ) {
            self.model = model
            self.operatorCount = operatorCount
            self.boardCount = boardCount
            self.latencyS = latencyS
            self.otherLatencyS = otherLatencyS
            self.other = other
            self.planningS = planningS
        }

        /// Nil where no other system had a plan.
        public init?(
            model: String, operatorCount: Int, boardCount: Int, _ outcome: Unified.Outcome, planningS: Double
        ) {
            let others = outcome.candidates.filter { $0.system != .unified }
            guard let best = others.min(by: { $0.evaluation.latencyS < $1.evaluation.latencyS }) else { return nil }
            self.init(
                model: model, operatorCount: operatorCount, boardCount: boardCount,
                latencyS: outcome.plan.evaluation.latencyS, otherLatencyS: best.evaluation.latencyS,
                other: best.system, planningS: planningS)
        }
    }

    /// The boards, in words, for the titles.
    public var boards: String
    /// A few models on 1, 2, ... boards.
    public var overBoards: [Point]
    /// Many models on as many boards each.
    public var overOperators: [Point]

    public init(boards: String, overBoards: [Point], overOperators: [Point]) {
        self.boards = boards
        self.overBoards = overBoards
        self.overOperators = overOperators
    }

    /// Names of the models on several boards, in the order in which they came.
    private var models: [String] {
        var seen: Set<String> = []
        return overBoards.map(\.model).filter { seen.insert($0).inserted }
    }

    private var boardAxis: ChartAxis {
        ChartAxis(
            "number of boards", unit: "", startsAtZero: true,
            ticks: Set(overBoards.map(\.boardCount)).sorted().map {
                ChartAxis.Tick(value: Double($0), label: "\($0)")
            })
    }

    /// Latency against the number of boards: a chart for each model.
    public var latencyDrawing: ChartStack {
        ChartStack(
            models.map { model in
                let points = overBoards.filter { $0.model == model }
                return Chart(
                    "\(model): latency of one inference, \(boards)", horizontal: boardAxis,
                    vertical: ChartAxis("predicted latency", unit: "s", startsAtZero: true),
                    series: [
                        Chart.Series(
                            SharingSystem.unified.rawValue, .line,
                            points.map { (x: Double($0.boardCount), y: $0.latencyS) }),
                        Chart.Series(
                            "best of the other systems", .points,
                            points.map { (x: Double($0.boardCount), y: $0.otherLatencyS) },
                            hints: points.map { "\($0.other.rawValue): \(FigureText.seconds($0.otherLatencyS))" }),
                    ])
            })
    }

    /// Time of planning, against operators and against boards.
    public var planningDrawing: ChartStack {
        let counts = Set(overOperators.map(\.boardCount)).sorted().map { "\($0)" }.joined(separator: ", ")
        let seconds = ChartAxis("planning time", unit: "s", startsAtZero: true)
        return ChartStack([
            Chart(
                "Planning time over the size of the model, \(counts) boards",
                horizontal: ChartAxis("number of operators", unit: "", startsAtZero: true), vertical: seconds,
                series: [
                    Chart.Series(
                        "a model, by unified and all that it begins with", .points,
                        overOperators.map { (x: Double($0.operatorCount), y: $0.planningS) },
                        hints: overOperators.map { "\($0.model): \(FigureText.seconds($0.planningS))" })
                ]),
            Chart(
                "Planning time over the number of boards", horizontal: boardAxis, vertical: seconds,
                series: models.map { model in
                    let points = overBoards.filter { $0.model == model }
                    return Chart.Series(
                        "\(model), \(points.first?.operatorCount ?? 0) operators", .line,
                        points.map { (x: Double($0.boardCount), y: $0.planningS) })
                }),
        ])
    }
}
