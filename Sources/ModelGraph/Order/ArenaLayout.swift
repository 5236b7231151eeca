/// Places for the tensors of an order in one piece of memory.
public struct ArenaLayout: Sendable, Equatable {
    /// Memory for a tensor, or for several of which each takes the place of the one before.
    public struct Buffer: Sendable, Equatable {
        public var tensors: [Int]
        /// Rounded up to the alignment.
        public var byteCount: Int
        /// Steps in which it is in use.
        public var steps: ClosedRange<Int>
        public var offset = 0

        var end: Int { offset + byteCount }
    }

    /// What vector instructions like best, and more than any element needs.
    public static let usualAlignment = 64

    public let buffers: [Buffer]
    public let byteCount: Int
    /// The largest sum of buffers in use in one step: no layout of this order is smaller.
    public let leastBytes: Int

    /// Where each tensor begins; nil: it is never live.
    public func offsets(tensorCount: Int) -> [Int?] {
        var offsets = [Int?](repeating: nil, count: tensorCount)
        for buffer in buffers { for tensor in buffer.tensors { offsets[tensor] = buffer.offset } }
        return offsets
    }

    /// - Parameters:
    ///   - order: a possible order of the problem's operators.
    ///   - alignment: offsets are multiples of it, in bytes.
    public init(_ problem: OrderProblem, _ order: [Int], alignment: Int = usualAlignment) {
        let lives = Self.buffers(problem, order, alignment: max(alignment, 1))
        leastBytes = Self.load(lives, steps: order.count)
        buffers = ArenaPacking.pack(lives, least: leastBytes)
        byteCount = buffers.map(\.end).max() ?? 0
    }

    /// Places for pieces of memory of which only sizes and lives are known, such as those of a run that was recorded.
    ///
    /// - Parameters:
    ///   - lives: sizes in bytes, and the steps in which each is in use, counted from 0; `buffers` keeps their order.
    ///   - alignment: offsets are multiples of it, in bytes.
    public init(lives: [(byteCount: Int, steps: ClosedRange<Int>)], alignment: Int = usualAlignment) {
        let alignment = max(alignment, 1)
        let unplaced = lives.map { life in
            Buffer(
                tensors: [], byteCount: (life.byteCount + alignment - 1) / alignment * alignment, steps: life.steps)
        }
        leastBytes = Self.load(unplaced, steps: (unplaced.map(\.steps.upperBound).max() ?? -1) + 1)
        buffers = ArenaPacking.pack(unplaced, least: leastBytes)
        byteCount = buffers.map(\.end).max() ?? 0
    }

    private static func load(_ buffers: [Buffer], steps: Int) -> Int {
        var change = [Int](repeating: 0, count: steps + 1)
        for buffer in buffers {
            change[buffer.steps.lowerBound] += buffer.byteCount
            change[buffer.steps.upperBound + 1] -= buffer.byteCount
        }
        var live = 0
        return change.reduce(0) { highest, one in
            live += one
            return max(highest, live)
        }
    }

    /// The tensors of an order with the steps in which they live.
    private static func buffers(_ problem: OrderProblem, _ order: [Int], alignment: Int) -> [Buffer] {
        guard !order.isEmpty else { return [] }
        var step = [Int](repeating: 0, count: problem.operators.count)
        for (position, index) in order.enumerated() { step[index] = position }
        let overwritten = OrderMemory(problem, order).overwritten
        var buffers: [Buffer] = []
        var place = [Int?](repeating: nil, count: problem.tensors.count)
        func add(_ tensor: Int, from first: Int, over earlier: Int?) {
            let last =
                problem.tensors[tensor].leaves
                ? order.count - 1 : problem.readers[tensor].map { step[$0] }.max() ?? first
            if let buffer = earlier.flatMap({ place[$0] }) {
                buffers[buffer].tensors.append(tensor)
                buffers[buffer].steps = buffers[buffer].steps.lowerBound...last
                place[tensor] = buffer
                return
            }
            let size = problem.tensors[tensor].byteCount
            guard size > 0 else { return }
            place[tensor] = buffers.count
            buffers.append(
                Buffer(
                    tensors: [tensor], byteCount: (size + alignment - 1) / alignment * alignment, steps: first...last))
        }
        for tensor in problem.tensors.indices where problem.producers[tensor] == nil {
            let isUsed = problem.tensors[tensor].leaves || !problem.readers[tensor].isEmpty
            if isUsed { add(tensor, from: 0, over: nil) }
        }
        for (position, index) in order.enumerated() {
            for tensor in problem.operators[index].writes {
                add(tensor, from: position, over: overwritten[position])
            }
        }
        return buffers
    }
}
