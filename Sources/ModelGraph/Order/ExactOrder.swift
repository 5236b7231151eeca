/// The order of least peak, and of these the one of least area, with a proof or with a gap.
///
/// Operators that every other one must precede or follow split the problem. Each part is searched by levels
/// (`LevelSearch`): first for the least peak, then for the least area under the largest part's peak.
public struct ExactOrder: Sendable, Equatable {
    /// What the search may take; with less the best states remain and a gap is reported.
    public struct Limits: Sendable, Equatable {
        /// States of one level that are kept.
        public var levelWidth: Int
        /// After so many states of one part its levels are narrow.
        public var partStates: Int
        /// States of a narrow level; the first look at a part is as narrow, for something to compare with.
        var narrowWidth: Int { min(levelWidth, 16) }

        public static let usualLevelWidth = 2_000
        public static let usualPartStates = 10_000

        public init(levelWidth: Int = usualLevelWidth, partStates: Int = usualPartStates) {
            self.levelWidth = max(levelWidth, 1)
            self.partStates = max(partStates, 1)
        }

        var firstLook: Limits { Limits(levelWidth: narrowWidth, partStates: partStates) }
    }

    public let order: [Int]
    public let value: OrderValue
    /// No order has a lower peak than this, and none of this order's peak has a lower area.
    public let bound: OrderValue
    /// Parts that had to be searched, each with a choice between orders.
    public let parts: Int
    public let statesSearched: Int
    public let statesPruned: Int

    public var isProved: Bool { value == bound }
    /// How much lower the peak might be, as a share; then how much lower the area might be at this peak.
    public var peakGap: Double { Self.gap(value.peakBytes, bound.peakBytes) }
    public var areaGap: Double { Self.gap(value.areaBytes, bound.areaBytes) }

    private static func gap(_ value: Int, _ bound: Int) -> Double {
        value > bound ? Double(value - bound) / Double(value) : 0
    }

    /// Throws `GraphError` where a part's sizes are beyond counting, which those of a whole never are.
    public init(_ problem: OrderProblem, limits: Limits = Limits()) throws {
        var parts = try OrderPart.split(problem)
        var searched = 0
        var pruned = 0
        let floor = parts.map(\.peakBound).max() ?? 0
        var peakBound = floor
        for index in parts.indices {
            parts[index].start(floor: floor)
            let outcome = parts[index].lowerPeak(floor: floor, limits)
            searched += outcome.searched
            pruned += outcome.pruned
            peakBound = max(peakBound, outcome.bound)
        }
        let peak = parts.map(\.value.peakBytes).max() ?? 0
        var areaBound = 0
        var known: [OrderPart.AreaQuestion: OrderPart.AreaAnswer] = [:]
        for index in parts.indices {
            // Models repeat their layers.
            let question = parts[index].areaQuestion(limit: peak)
            if let answer = known[question] {
                parts[index].take(answer)
                areaBound += answer.bound + parts[index].areaBeside
                continue
            }
            let answer = parts[index].lowerArea(question, limits)
            known[question] = answer
            searched += answer.searched
            pruned += answer.pruned
            areaBound += answer.bound + parts[index].areaBeside
        }
        order = parts.flatMap { part in part.order.map { $0 + part.range.lowerBound } }
        value = OrderMemory(problem, order).value
        bound = OrderValue(peakBytes: min(peakBound, value.peakBytes), areaBytes: areaBound)
        self.parts = parts.count { $0.range.count > 1 }
        statesSearched = searched
        statesPruned = pruned
    }
}
