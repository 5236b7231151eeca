/// Operators of a graph as steps where a convolution adds its result to another tensor, in that tensor's place.
///
/// ONNX Runtime does so where it lays channels out in blocks (onnxruntime/core/optimizer/nchwc_transformer.cc): a
/// convolution whose result only one addition reads takes that addition over. A network with shortcuts then needs the
/// memory of one tensor less. Boards whose processor has no such layout need what `OrderProblem` alone says.
public struct FusedAdditions: Sendable {
    public let problem: OrderProblem
    /// The operators of each step, counted from the beginning of the range; a convolution stands before its addition.
    public let members: [[Int]]

    /// Throws `GraphError` where the sizes of the tensors are beyond counting.
    public init(_ graph: ModelGraph, _ range: Range<Int>) throws {
        let plain = try OrderProblem(graph, range)
        func type(_ index: Int) -> String { graph.operators[range.lowerBound + index].type }
        var adder: [Int: (convolution: Int, place: Int)] = [:]
        var isFused = [Bool](repeating: false, count: plain.operators.count)
        for (index, one) in plain.operators.enumerated() {
            guard type(index) == "Add", one.reads.count == 2, one.writes.count == 1 else { continue }
            for (result, place) in [(one.reads[0], one.reads[1]), (one.reads[1], one.reads[0])] {
                guard let producer = plain.producers[result], type(producer) == "Conv",
                    plain.operators[producer].writes == [result], plain.readers[result] == [index],
                    !plain.tensors[result].leaves,
                    plain.tensors[result].byteCount == plain.tensors[place].byteCount
                else { continue }
                adder[index] = (producer, place)
                isFused[producer] = true
                break
            }
        }
        var operators: [OrderProblem.Operator] = []
        var members: [[Int]] = []
        for (index, one) in plain.operators.enumerated() where !isFused[index] {
            guard let (convolution, place) = adder[index] else {
                operators.append(one)
                members.append([index])
                continue
            }
            let first = plain.operators[convolution]
            let dies = plain.readers[place].last == index && !plain.tensors[place].leaves
            operators.append(
                OrderProblem.Operator(
                    reads: [place] + first.reads.filter { $0 != place }, writes: one.writes, worksInPlace: dies,
                    flop: first.flop + one.flop))
            members.append([convolution, index])
        }
        problem = try OrderProblem(tensors: plain.tensors, operators: operators)
        self.members = members
    }

    /// How a file lists the operators so that ONNX Runtime runs the steps in an order that needs little memory.
    public func listing() throws -> [Int] {
        let order = DepthFirstOrder(problem, near: try ExactOrder(problem).order)
        return order.listing.flatMap { members[$0].reversed() }
    }
}
