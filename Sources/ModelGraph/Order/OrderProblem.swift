/// Operators and tensors as numbers: all that matters for the memory of an order.
///
/// A tensor lives from the start of its producer to the end of its last reader; what enters lives from the start, what
/// leaves lives to the end. Weights are no tensors here: they are there whatever the order.
public struct OrderProblem: Sendable, Hashable {
    /// An operator; tensors are positions in `OrderProblem.tensors`.
    public struct Operator: Sendable, Hashable {
        /// Tensors that it reads, each once, in the order of its inputs.
        public var reads: [Int]
        /// Tensors that it writes.
        public var writes: [Int]
        /// Element-wise or reshape-like: its only result may take the place of an input of equal size that dies.
        public var worksInPlace: Bool
        /// Operations, in FLOP.
        public var flop: Double

        public init(reads: [Int], writes: [Int], worksInPlace: Bool = false, flop: Double = 0) {
            self.reads = reads
            self.writes = writes
            self.worksInPlace = worksInPlace
            self.flop = flop
        }
    }

    public struct Tensor: Sendable, Hashable {
        public var byteCount: Int
        /// Lives to the end: a result of the whole.
        public var leaves: Bool

        public init(byteCount: Int, leaves: Bool = false) {
            self.byteCount = byteCount
            self.leaves = leaves
        }
    }

    public let tensors: [Tensor]
    /// In an order in which every tensor is written before it is read.
    public let operators: [Operator]
    /// The operator that writes a tensor; nil: it enters.
    public let producers: [Int?]
    /// Operators that read a tensor, ascending.
    public let readers: [[Int]]
    /// Operators that must run before an operator, each once, ascending.
    public let predecessors: [[Int]]
    /// Operators that need an operator, each once, ascending.
    public let successors: [[Int]]

    /// Throws `GraphError` where operators are not in a possible order, where a tensor is written twice, or where sums
    /// over all tensors and steps would be beyond counting.
    public init(tensors: [Tensor], operators: [Operator]) throws {
        var producers = [Int?](repeating: nil, count: tensors.count)
        var readers = [[Int]](repeating: [], count: tensors.count)
        var predecessors: [[Int]] = []
        var successors = [[Int]](repeating: [], count: operators.count)
        let writers = Set(operators.flatMap(\.writes))
        for (index, one) in operators.enumerated() {
            var before = Set<Int>()
            for tensor in one.reads {
                guard tensors.indices.contains(tensor), !writers.contains(tensor) || producers[tensor] != nil else {
                    throw GraphError.missingTensor(node: "operator \(index)", tensor: "\(tensor)")
                }
                guard readers[tensor].last != index else { throw GraphError.duplicateName("tensor \(tensor)") }
                readers[tensor].append(index)
                if let producer = producers[tensor] { before.insert(producer) }
            }
            for tensor in one.writes {
                guard tensors.indices.contains(tensor) else {
                    throw GraphError.missingTensor(node: "operator \(index)", tensor: "\(tensor)")
                }
                guard producers[tensor] == nil else { throw GraphError.duplicateName("tensor \(tensor)") }
                producers[tensor] = index
            }
            predecessors.append(before.sorted())
            for earlier in predecessors[index] { successors[earlier].append(index) }
        }
        try Self.requireCountable(tensors, steps: operators.count)
        self.tensors = tensors
        self.operators = operators
        self.producers = producers
        self.readers = readers
        self.predecessors = predecessors
        self.successors = successors
    }

    /// Sums over all tensors and steps stay far below what an integer holds.
    private static func requireCountable(_ tensors: [Tensor], steps: Int) throws {
        var total = 0
        for tensor in tensors {
            let (sum, overflow) = total.addingReportingOverflow(tensor.byteCount)
            guard tensor.byteCount >= 0, !overflow else {
                throw GraphError.limitExceeded(
                    what: "the size of a tensor, or of all of them,", value: "beyond counting", limit: "\(Int.max)")
            }
            total = sum
        }
        guard !total.multipliedReportingOverflow(by: 4 * max(steps, 1)).overflow else {
            throw GraphError.limitExceeded(
                what: "the size of all tensors times the number of operators", value: "beyond counting",
                limit: "\(Int.max / 4) bytes")
        }
    }

    /// All else follows from these two.
    public static func == (left: OrderProblem, right: OrderProblem) -> Bool {
        left.tensors == right.tensors && left.operators == right.operators
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(tensors)
        hasher.combine(operators)
    }

    /// Bytes of the tensors that enter.
    public var enteringBytes: Int {
        tensors.indices.reduce(0) { sum, tensor in
            let isRead = producers[tensor] == nil && (!readers[tensor].isEmpty || tensors[tensor].leaves)
            return sum + (isRead ? tensors[tensor].byteCount : 0)
        }
    }

    /// Consecutive operators alone: what they read from before enters, what is read after them leaves.
    func part(_ range: Range<Int>) throws -> OrderProblem {
        var kept: [Int] = []
        var position: [Int: Int] = [:]
        for tensor in operators[range].flatMap({ $0.reads + $0.writes }) where position[tensor] == nil {
            position[tensor] = kept.count
            kept.append(tensor)
        }
        return try OrderProblem(
            tensors: kept.map { tensor in
                Tensor(
                    byteCount: tensors[tensor].byteCount,
                    leaves: tensors[tensor].leaves || (readers[tensor].last ?? -1) >= range.upperBound)
            },
            operators: operators[range].map { one in
                Operator(
                    reads: one.reads.compactMap { position[$0] }, writes: one.writes.compactMap { position[$0] },
                    worksInPlace: one.worksInPlace, flop: one.flop)
            })
    }
}
