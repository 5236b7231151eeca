/// Consecutive operators between two that every other one must precede or follow, and the best order known for them.
struct OrderPart {
    let range: Range<Int>
    let problem: OrderProblem
    /// Nil where the part is too large to search.
    private let search: (states: OrderStates, bounds: OrderBounds)?
    /// Neither the peak nor, for its steps together, the area of any order of the part is less.
    let peakBound: Int
    private let areaBound: Int
    /// Bytes that live beside all the time.
    let beside: Int
    /// Positions in the part.
    private(set) var order: [Int]
    private(set) var value: OrderValue

    /// Larger parts get the best of the simple orders: sets of operators and their neighbours would not fit.
    static let maximumSearched = 2048

    private init(_ whole: OrderProblem, _ range: Range<Int>, liveAtStart: Int) throws {
        self.range = range
        let problem = try whole.part(range)
        self.problem = problem
        let beside = liveAtStart - problem.enteringBytes
        self.beside = beside
        if range.count <= Self.maximumSearched {
            let states = OrderStates(problem, beside: beside)
            let bounds = OrderBounds(problem, states, beside: beside)
            search = (states, bounds)
            peakBound = bounds.transients.max() ?? 0
            areaBound = bounds.transients.reduce(0, +)
        } else {
            search = nil
            // A step holds at least what its operator reads.
            let least = problem.operators.map { one in
                one.reads.reduce(beside) { $0 + problem.tensors[$1].byteCount }
            }
            peakBound = least.max() ?? 0
            areaBound = least.reduce(0, +)
        }
        order = Array(problem.operators.indices)
        value = OrderValue(peakBytes: 0, areaBytes: 0)
        value = price(order)
    }

    /// The parts in their order; operators that stand alone are parts of one.
    static func split(_ problem: OrderProblem) throws -> [OrderPart] {
        let count = problem.operators.count
        guard count > 0 else { return [] }
        // All before an operator lead to it where each has a successor not beyond it; the same backwards.
        var leads = [Bool](repeating: false, count: count)
        var farthest = 0
        for index in 0..<count {
            leads[index] = farthest <= index
            farthest = max(farthest, problem.successors[index].first ?? .max)
        }
        var nearest = Int.max
        var starts: [Int] = []
        for index in (0..<count).reversed() {
            if leads[index], nearest >= index { starts += [index + 1, index] }
            nearest = min(nearest, problem.predecessors[index].last ?? -1)
        }
        let borders = Set(starts + [0, count]).sorted()
        let memory = OrderMemory.liveBefore(problem)
        return try zip(borders, borders.dropFirst()).map { start, end in
            try OrderPart(problem, start..<end, liveAtStart: memory[start])
        }
    }

    private func price(_ order: [Int]) -> OrderValue {
        let memory = OrderMemory(problem, order)
        return OrderValue(
            peakBytes: memory.peakBytes + beside, areaBytes: memory.areaBytes + beside * order.count)
    }

    private mutating func take(_ order: [Int]) {
        let value = price(order)
        if value < self.value { (self.order, self.value) = (order, value) }
    }

    /// The quick orders.
    mutating func start(floor: Int) {
        guard range.count > 1 else { return }
        take(GreedyOrder.order(problem))
        take(PEFTOrder.order(problem))
        let written = problem.operators.map { one in one.writes.reduce(0) { $0 + problem.tensors[$1].byteCount } }
        take(problem.order { -written[$0] })
    }

    mutating func lowerPeak(floor: Int, _ limits: ExactOrder.Limits) -> LevelSearch.Result {
        var total = LevelSearch.Result(value: value.peakBytes, bound: max(floor, peakBound))
        guard value.peakBytes > floor, let (states, bounds) = search else { return total }
        for limits in [limits.firstLook, limits] where value.peakBytes > floor {
            let search = LevelSearch(states: states, bounds: bounds, goal: .peak(floor: floor), limits: limits)
            let result = search.run(below: value.peakBytes)
            total.searched += result.searched
            total.pruned += result.pruned
            total.bound = max(total.bound, result.bound)
            if let order = result.order { take(order) }
            if result.bound >= value.peakBytes { break }
        }
        return total
    }

    /// What decides the order of least area: equal questions have equal answers.
    struct AreaQuestion: Hashable {
        var problem: OrderProblem
        /// What lives beside all the time does not count.
        var limit: Int?
        /// Where the part starts from: a good order prunes more.
        var order: [Int]
    }

    struct AreaAnswer {
        var order: [Int]
        /// Without what lives beside.
        var bound: Int
        var searched = 0
        var pruned = 0
    }

    /// The area of what lives beside all the time.
    var areaBeside: Int { beside * range.count }

    func areaQuestion(limit: Int) -> AreaQuestion {
        let highest = search.map { MergedChains.highestPeak(problem, $0.states, beside: beside) }
        let mayBind = highest.map { $0 > limit } ?? true
        return AreaQuestion(problem: problem, limit: mayBind ? limit - beside : nil, order: order)
    }

    mutating func take(_ answer: AreaAnswer) {
        order = answer.order
        value = price(order)
    }

    mutating func lowerArea(_ question: AreaQuestion, _ limits: ExactOrder.Limits) -> AreaAnswer {
        var answer = AreaAnswer(order: order, bound: value.areaBytes - areaBeside)
        guard range.count > 1 else { return answer }
        answer.bound = areaBound - areaBeside
        guard let (states, bounds) = search else { return answer }
        let limit = question.limit.map { $0 + beside }
        let merged = limit == nil ? MergedChains(problem, states) : nil
        for limits in [limits.firstLook, limits] {
            let search = LevelSearch(
                states: states, bounds: bounds, goal: .area(limit: limit ?? .max), limits: limits, merged: merged)
            let result = search.run(below: value.areaBytes)
            answer.searched += result.searched
            answer.pruned += result.pruned
            answer.bound = max(answer.bound, result.bound - areaBeside)
            if let order = result.order {
                self.order = order
                value = price(order)
            }
            if result.bound >= value.areaBytes { break }
        }
        answer.order = order
        return answer
    }
}

extension OrderMemory {
    /// Bytes that live before each operator when all run in the problem's order.
    static func liveBefore(_ problem: OrderProblem) -> [Int] {
        var live = problem.enteringBytes
        var unread = problem.readers.map(\.count)
        return problem.operators.map { step in
            let before = live
            for tensor in step.writes where problem.tensors[tensor].leaves || !problem.readers[tensor].isEmpty {
                live += problem.tensors[tensor].byteCount
            }
            for tensor in step.reads {
                unread[tensor] -= 1
                if unread[tensor] == 0, !problem.tensors[tensor].leaves { live -= problem.tensors[tensor].byteCount }
            }
            return before
        }
    }
}
