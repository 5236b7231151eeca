import Costs
import ModelGraph

extension OrderProblem {
    /// A random problem of 1 to 12 operators: several inputs and results, operators with several results, some of them
    /// never read, operators that may overwrite an input, tensors of no size.
    public static func random(using generator: inout SeededGenerator, maximumOperators: Int = 12) throws -> OrderProblem
    {
        let sizes = [0, 8, 8, 16, 16, 32, 40, 100]
        var tensors: [Tensor] = []
        func tensor(_ byteCount: Int? = nil, leaves: Double) {
            let size = byteCount ?? sizes[Int.random(in: sizes.indices, using: &generator)]
            tensors.append(Tensor(byteCount: size, leaves: generator.chance(leaves)))
        }
        for _ in 0..<Int.random(in: 1...3, using: &generator) { tensor(leaves: 0.12) }
        // Some are long and narrow, some wide.
        let reach = generator.chance(0.5) ? 4 : Int.max
        var operators: [Operator] = []
        for _ in 0..<Int.random(in: 1...maximumOperators, using: &generator) {
            var reads: [Int] = []
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                let read = Int.random(
                    in: max(0, tensors.count - min(reach, tensors.count))..<tensors.count, using: &generator)
                if !reads.contains(read) { reads.append(read) }
            }
            let worksInPlace = generator.chance(0.5)
            let first = tensors.count
            for _ in 0..<(generator.chance(0.2) ? Int.random(in: 2...3, using: &generator) : 1) {
                tensor(worksInPlace ? tensors[reads[0]].byteCount : nil, leaves: 0.16)
            }
            operators.append(
                Operator(
                    reads: reads, writes: Array(first..<tensors.count), worksInPlace: worksInPlace,
                    flop: Double(Int.random(in: 0...100, using: &generator))))
        }
        return try OrderProblem(tensors: tensors, operators: operators)
    }

    /// The best value of any order, by going through every set of operators that may have run and keeping every value
    /// that none beats in both figures. Shares no code with the searches.
    public func bruteForceValue() -> OrderValue {
        let everything = 1 << operators.count
        var fronts = [[OrderValue]](repeating: [], count: everything)
        fronts[0] = [OrderValue(peakBytes: 0, areaBytes: 0)]
        func isOver(_ tensor: Int, _ done: Int) -> Bool {
            !tensors[tensor].leaves && readers[tensor].allSatisfy { done >> $0 & 1 == 1 }
        }
        func bytes(_ chosen: [Int]) -> Int { chosen.reduce(0) { $0 + tensors[$1].byteCount } }
        for done in 0..<everything where !fronts[done].isEmpty {
            let live = bytes(
                tensors.indices.filter { tensor in
                    !isOver(tensor, done) && producers[tensor].map { done >> $0 & 1 == 1 } ?? true
                })
            for index in operators.indices where done >> index & 1 == 0 {
                guard predecessors[index].allSatisfy({ done >> $0 & 1 == 1 }) else { continue }
                let next = done | 1 << index
                let one = operators[index]
                let written = bytes(one.writes)
                let overwrites =
                    one.worksInPlace && one.writes.count == 1
                    && one.reads.contains { tensors[$0].byteCount == written && isOver($0, next) }
                let transient = live + (overwrites ? 0 : written)
                for value in fronts[done] {
                    let reached = OrderValue(
                        peakBytes: max(value.peakBytes, transient), areaBytes: value.areaBytes + transient)
                    let isBeaten = fronts[next].contains {
                        $0.peakBytes <= reached.peakBytes && $0.areaBytes <= reached.areaBytes
                    }
                    guard !isBeaten else { continue }
                    fronts[next].removeAll {
                        reached.peakBytes <= $0.peakBytes && reached.areaBytes <= $0.areaBytes
                    }
                    fronts[next].append(reached)
                }
            }
        }
        return fronts[everything - 1].min() ?? OrderValue(peakBytes: 0, areaBytes: 0)
    }
}
