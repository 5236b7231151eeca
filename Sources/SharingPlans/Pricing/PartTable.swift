import ModelGraph
import Sharing

/// The parts of operators that a search has met, by number, with what each needs: asked of the rules once.
///
/// Not for several threads at once: each has a table of its own.
package final class PartTable {
    /// A box of a tensor.
    struct Piece {
        let tensor: Int32
        let elementBytes: Int32
        let box: Box

        var byteCount: Int { box.elementCount * Int(elementBytes) }
    }

    struct Part {
        let flop: Double
        /// Into `pieces`.
        let inputs: Range<Int>
        let outputs: Range<Int>
        /// Weights that other operators read as well, into `pieces`.
        let commonWeights: Range<Int>
        /// Bytes of weights that no other operator reads.
        let ownWeightBytes: Int
        /// True where two pieces of one input are needed.
        let readsTwice: Bool
    }

    struct Tensor {
        /// -1 for an input of the graph.
        let producer: Int
        /// True where one operator reads it, and it is no result.
        let isReadOnce: Bool
        let byteCount: Int
        let whole: Box
        let elementBytes: Int32
    }

    /// Stands for a device that has nothing to do.
    static let idle: Int32 = -1

    let shared: SharedGraph
    private(set) var parts: [Part] = []
    private(set) var pieces: [Piece] = []
    /// Activations, inputs of the graph first.
    let tensors: [Tensor]
    let inputs: [Int32]
    let outputs: [Int32]
    /// Number of the first input of each operator whose place its result may take (-1: none).
    let overwritten: [Int32]
    private let numbers: [String: Int32]
    private let weightNumbers: [String: Int32]
    private let isCommon: [Bool]
    private var known: [[Region: Int32]]
    private var regions: [Region] = []
    /// About as many bytes as the parts take.
    private(set) var byteCount = 0

    /// Nil where a tensor has more axes or elements than `Box` has room for.
    package init?(_ shared: SharedGraph) {
        self.shared = shared
        let graph = shared.graph
        var numbers: [String: Int32] = [:]
        var tensors: [Tensor] = []
        let results = Set(graph.outputs)
        let names = graph.inputs + graph.operators.flatMap(\.outputs)
        for name in names where numbers[name] == nil {
            guard let tensor = graph.tensors[name], let whole = Box(.whole(tensor.type.shape)) else { return nil }
            numbers[name] = Int32(tensors.count)
            tensors.append(
                Tensor(
                    producer: tensor.producer ?? -1,
                    isReadOnce: tensor.consumers.count == 1 && !results.contains(name),
                    byteCount: tensor.byteCount, whole: whole,
                    elementBytes: Int32(tensor.type.elementType.byteCount)))
        }
        self.numbers = numbers
        self.tensors = tensors
        inputs = graph.inputs.compactMap { numbers[$0] }
        outputs = graph.outputs.compactMap { numbers[$0] }
        overwritten = graph.operators.map { step in
            guard step.worksInPlace, step.outputs.count == 1, let input = step.activations.first else { return -1 }
            return numbers[input] ?? -1
        }
        known = graph.operators.map { _ in [:] }
        var readers: [String: Int] = [:]
        for position in graph.operators.indices {
            let whole = Region.whole(shared.shape(of: position))
            guard let needs = try? shared.needs(position, whole) else { return nil }
            for name in Set(needs.weights.map(\.tensor)) { readers[name, default: 0] += 1 }
        }
        var weightNumbers: [String: Int32] = [:]
        var isCommon: [Bool] = []
        for name in readers.keys.sorted() {
            weightNumbers[name] = Int32(isCommon.count)
            isCommon.append(readers[name] ?? 0 > 1)
        }
        self.weightNumbers = weightNumbers
        self.isCommon = isCommon
    }

    /// The number of an operator's part; `idle` for an empty one.
    func part(_ position: Int, _ region: Region) throws(CannotShare) -> Int32 {
        guard !region.isEmpty else { return Self.idle }
        if let number = known[position][region] { return number }
        let needs = try shared.needs(position, region)
        let inputs = append(needs.inputs, numbers)
        let outputs = append(needs.outputs, numbers)
        var own: [String: [Region]] = [:]
        var ownBytes = 0
        var common: [TensorRegion] = []
        for weight in needs.weights {
            if let number = weightNumbers[weight.tensor], isCommon[Int(number)] {
                common.append(weight)
                continue
            }
            for piece in weight.region.subtracting(own[weight.tensor] ?? []) {
                own[weight.tensor, default: []].append(piece)
                ownBytes += shared.byteCount(TensorRegion(weight.tensor, piece))
            }
        }
        let names = needs.inputs.map(\.tensor)
        parts.append(
            Part(
                flop: needs.flop, inputs: inputs, outputs: outputs, commonWeights: append(common, weightNumbers),
                ownWeightBytes: ownBytes, readsTwice: Set(names).count < names.count))
        let number = Int32(parts.count - 1)
        regions.append(region)
        // The region is kept twice, for the number and by the number; numbers in hash tables have room to spare.
        byteCount +=
            MemoryLayout<Part>.stride + (inputs.count + outputs.count) * MemoryLayout<Piece>.stride
            + 2 * (MemoryLayout<Region>.stride + 32 + 16 * region.rank) + 64
        known[position][region] = number
        return number
    }

    /// The parts of a layout, one for each device.
    package func parts(_ position: Int, _ layout: SharedLayout) throws(CannotShare) -> [Int32] {
        var numbers: [Int32] = []
        for region in layout.regions { numbers.append(try part(position, region)) }
        return numbers
    }

    /// The parts of layouts of all operators (nil: a rule refuses one).
    func numbers(_ layouts: [SharedLayout]) -> [Int32]? {
        var numbers: [Int32] = []
        for (position, layout) in layouts.enumerated() {
            guard let parts = try? parts(position, layout) else { return nil }
            numbers += parts
        }
        return numbers
    }

    /// The region of a part, empty for `idle`.
    func region(_ part: Int32, of position: Int) -> Region {
        part == Self.idle ? .empty(rank: shared.shape(of: position).count) : regions[Int(part)]
    }

    /// The layouts that parts stand for, by operator and device.
    func layouts(_ numbers: [Int32], deviceCount: Int) -> [SharedLayout] {
        shared.graph.operators.indices.map { position in
            SharedLayout(
                numbers[position * deviceCount..<(position + 1) * deviceCount].map { region($0, of: position) })
        }
    }

    private func append(_ named: [TensorRegion], _ numbers: [String: Int32]) -> Range<Int> {
        let start = pieces.count
        for one in named {
            // A tensor of more axes was refused when the table was made.
            guard let number = numbers[one.tensor], let box = Box(one.region) else { continue }
            let elementBytes = shared.graph.tensorType(named: one.tensor)?.elementType.byteCount ?? 0
            pieces.append(Piece(tensor: number, elementBytes: Int32(elementBytes), box: box))
        }
        return start..<pieces.count
    }
}
