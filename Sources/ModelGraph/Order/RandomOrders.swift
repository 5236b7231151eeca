/// The baseline Random: orders in which each next operator is drawn from those that are ready.
public struct RandomOrders: Sendable, Equatable {
    public static let usualCount = 1000

    public let count: Int
    public let meanPeakBytes: Double
    public let meanAreaBytes: Double
    /// The best of them, by peak and then area.
    public let best: [Int]
    public let bestValue: OrderValue

    /// - Parameter count: how many are drawn, at least one.
    public init(_ problem: OrderProblem, count: Int = usualCount, using generator: inout some RandomNumberGenerator) {
        var best = Self.one(problem, using: &generator)
        var bestValue = OrderMemory(problem, best).value
        var peaks = Double(bestValue.peakBytes)
        var areas = Double(bestValue.areaBytes)
        for _ in 1..<max(count, 1) {
            let order = Self.one(problem, using: &generator)
            let value = OrderMemory(problem, order).value
            peaks += Double(value.peakBytes)
            areas += Double(value.areaBytes)
            if value < bestValue { (best, bestValue) = (order, value) }
        }
        self.count = max(count, 1)
        meanPeakBytes = peaks / Double(self.count)
        meanAreaBytes = areas / Double(self.count)
        self.best = best
        self.bestValue = bestValue
    }

    static func one(_ problem: OrderProblem, using generator: inout some RandomNumberGenerator) -> [Int] {
        var ready = ReadyOperators(problem)
        var order: [Int] = []
        order.reserveCapacity(problem.operators.count)
        while !ready.ready.isEmpty {
            order.append(ready.take(at: Int.random(in: ready.ready.indices, using: &generator)))
        }
        return order
    }
}
