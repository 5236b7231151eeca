import Costs
import ModelGraph

/// The order of least memory beside those of the other systems, for one model.
public struct OrderComparison: Sendable {
    /// One system's order, with what it needs.
    public struct System: Sendable {
        public let name: String
        public let order: [Int]
        public let memory: OrderMemory
        public let timeS: Double
    }

    public struct Settings: Sendable, Equatable {
        public var limits = ExactOrder.Limits()
        public var randomCount = RandomOrders.usualCount
        public var seed: UInt64 = 1
        public var backtrackingSteps = BacktrackingOrder.usualSteps

        public init() {}
    }

    public let model: String
    /// Operators of the model in its own order.
    public let operators: [GraphOperator]
    public let exact: System
    public let search: ExactOrder
    public let random: RandomOrders
    public let randomBest: System
    public let peft: System
    public let greedy: System
    public let backtracking: System
    public let backtrackingSearch: BacktrackingOrder
    public let settings: Settings
    /// The tensors of the exact order in one piece of memory.
    public let arena: ArenaLayout

    public var systems: [System] { [exact, randomBest, peft, greedy, backtracking] }

    /// How much less area the exact order has than random ones in the mean, as a share.
    public var areaGain: Double {
        random.meanAreaBytes > 0 ? 1 - Double(exact.memory.areaBytes) / random.meanAreaBytes : 0
    }

    /// - Parameter elapsed: time since some origin, for how long each system took.
    /// - Throws: `GraphError` where the model's sizes are beyond counting.
    public init(
        _ graph: ModelGraph, model: String, settings: Settings = Settings(), elapsed: () -> Duration
    ) throws {
        let problem = try OrderProblem(graph)
        func timed<Result>(_ work: () throws -> Result) rethrows -> (result: Result, timeS: Double) {
            let start = elapsed()
            let result = try work()
            return (result, (elapsed() - start).inSeconds)
        }
        func system(_ name: String, _ timeS: Double, _ order: [Int]) -> System {
            System(name: name, order: order, memory: OrderMemory(problem, order), timeS: timeS)
        }
        let searched = try timed { try ExactOrder(problem, limits: settings.limits) }
        var generator = SeededGenerator(seed: settings.seed)
        let drawn = timed { RandomOrders(problem, count: settings.randomCount, using: &generator) }
        let backtracked = timed { BacktrackingOrder(problem, maximumSteps: settings.backtrackingSteps) }
        let early = timed { PEFTOrder.order(problem) }
        let large = timed { GreedyOrder.order(problem) }
        self.model = model
        operators = graph.operators
        search = searched.result
        exact = system("exact", searched.timeS, searched.result.order)
        random = drawn.result
        randomBest = system("random, best of \(drawn.result.count)", drawn.timeS, drawn.result.best)
        peft = system("peft", early.timeS, early.result)
        greedy = system("greedy", large.timeS, large.result)
        backtracking = system("btsearch", backtracked.timeS, backtracked.result.order)
        backtrackingSearch = backtracked.result
        self.settings = settings
        arena = ArenaLayout(problem, searched.result.order)
    }
}

extension OrderComparison: Encodable {
    private enum CodingKeys: String, CodingKey {
        case model, operators
        case peakUnit = "peak_unit"
        case areaUnit = "area_unit"
        case peak, area, search, btsearch
        case randomCount = "random_orders"
        case seed
        case timeS = "time_s"
        case arenaBytes = "arena_bytes"
        case arenaLeastBytes = "arena_least_bytes"
        case order
    }

    private struct Figures: Encodable {
        var exact: Int
        var randomMean: Double
        var randomBest: Int
        var peft: Int
        var greedy: Int
        var btsearch: Int

        enum CodingKeys: String, CodingKey {
            case exact
            case randomMean = "random_mean"
            case randomBest = "random_best"
            case peft, greedy, btsearch
        }
    }

    private struct Search: Encodable {
        var isProved: Bool
        var peakGap: Double
        var areaGap: Double
        var statesSearched: Int
        var statesPruned: Int
        var parts: Int

        enum CodingKeys: String, CodingKey {
            case isProved = "proved"
            case peakGap = "peak_gap"
            case areaGap = "area_gap"
            case statesSearched = "states_searched"
            case statesPruned = "states_pruned"
            case parts
        }
    }

    private struct Backtracking: Encodable {
        var isComplete: Bool
        var steps: Int
        var states: Int
        var prunedByBest: Int
        var prunedByTable: Int

        enum CodingKeys: String, CodingKey {
            case isComplete = "complete"
            case steps, states
            case prunedByBest = "pruned_by_best"
            case prunedByTable = "pruned_by_table"
        }
    }

    private struct Times: Encodable {
        var exact: Double
        var random: Double
        var peft: Double
        var greedy: Double
        var btsearch: Double
    }

    private func figures(_ mean: Double, _ figure: (OrderMemory) -> Int) -> Figures {
        Figures(
            exact: figure(exact.memory), randomMean: mean, randomBest: figure(randomBest.memory),
            peft: figure(peft.memory), greedy: figure(greedy.memory), btsearch: figure(backtracking.memory))
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(model, forKey: .model)
        try container.encode(operators.count, forKey: .operators)
        try container.encode("bytes", forKey: .peakUnit)
        try container.encode("bytes times steps", forKey: .areaUnit)
        try container.encode(figures(random.meanPeakBytes, \.peakBytes), forKey: .peak)
        try container.encode(figures(random.meanAreaBytes, \.areaBytes), forKey: .area)
        try container.encode(
            Search(
                isProved: search.isProved, peakGap: search.peakGap, areaGap: search.areaGap,
                statesSearched: search.statesSearched, statesPruned: search.statesPruned, parts: search.parts),
            forKey: .search)
        let found = backtrackingSearch
        try container.encode(
            Backtracking(
                isComplete: found.isComplete, steps: found.steps, states: found.states,
                prunedByBest: found.prunedByBest, prunedByTable: found.prunedByTable), forKey: .btsearch)
        try container.encode(random.count, forKey: .randomCount)
        try container.encode(settings.seed, forKey: .seed)
        try container.encode(
            Times(
                exact: exact.timeS, random: randomBest.timeS, peft: peft.timeS, greedy: greedy.timeS,
                btsearch: backtracking.timeS), forKey: .timeS)
        try container.encode(arena.byteCount, forKey: .arenaBytes)
        try container.encode(arena.leastBytes, forKey: .arenaLeastBytes)
        try container.encode(exact.order.map { operators[$0].name }, forKey: .order)
    }
}
