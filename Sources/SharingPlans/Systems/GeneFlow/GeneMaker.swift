import Costs

/// Draws, crosses and mutates cut points: `deviceCount - 1` ascending units for each layer.
struct GeneMaker: Sendable {
    typealias Genes = UnsafeMutableBufferPointer<UInt8>

    private let units: [Int]
    private let cuts: Int

    init(_ pattern: CutPattern, deviceCount: Int) {
        units = pattern.layers.map(\.units)
        cuts = deviceCount - 1
    }

    /// Every cut anywhere.
    func draw(_ random: inout SeededGenerator, into child: Genes) {
        for layer in units.indices { draw(layer, &random, child) }
    }

    private func draw(_ layer: Int, _ random: inout SeededGenerator, _ child: Genes) {
        for cut in 0..<cuts { child[layer * cuts + cut] = UInt8(Int.random(in: 0...units[layer], using: &random)) }
        sort(layer, child)
    }

    /// The first parent with some layers of the second: a run of them, or each by the toss of a coin.
    func cross(
        _ first: UnsafeBufferPointer<UInt8>, _ second: UnsafeBufferPointer<UInt8>, _ random: inout SeededGenerator,
        into child: Genes
    ) {
        for index in child.indices { child[index] = first[index] }
        switch Int.random(in: 0..<10, using: &random) {
        case 0..<5:
            let one = Int.random(in: 0...units.count, using: &random)
            let other = Int.random(in: 0...units.count, using: &random)
            for index in min(one, other) * cuts..<max(one, other) * cuts { child[index] = second[index] }
        case 5..<9:
            for layer in units.indices where random.next() & 1 == 1 {
                for index in layer * cuts..<(layer + 1) * cuts { child[index] = second[index] }
            }
        default: break
        }
    }

    /// Each layer with a probability of one over their number, one at least.
    func mutate(_ random: inout SeededGenerator, _ child: Genes) {
        guard cuts > 0 else { return }
        let always = Int.random(in: 0..<units.count, using: &random)
        for layer in units.indices
        where layer == always || random.next() % UInt64(units.count) == 0 { mutate(layer, &random, child) }
    }

    private func mutate(_ layer: Int, _ random: inout SeededGenerator, _ child: Genes) {
        switch Int.random(in: 0..<8, using: &random) {
        case 0: draw(layer, &random, child)
        case 1, 2, 3:
            let other = random.next() & 1 == 0 ? layer - 1 : layer + 1
            guard units.indices.contains(other) else { return draw(layer, &random, child) }
            for cut in 0..<cuts {
                let scaled = Int(child[other * cuts + cut]) * units[layer] + units[other] / 2
                child[layer * cuts + cut] = UInt8(scaled / units[other])
            }
        default:
            let index = layer * cuts + Int.random(in: 0..<cuts, using: &random)
            var distance = 1
            while distance < units[layer], random.next() & 1 == 0 { distance *= 2 }
            let moved = Int(child[index]) + (random.next() & 1 == 0 ? distance : -distance)
            child[index] = UInt8(min(max(moved, 0), units[layer]))
            sort(layer, child)
        }
    }

    private func sort(_ layer: Int, _ child: Genes) {
        guard cuts > 1 else { return }
        for end in layer * cuts + 1..<(layer + 1) * cuts {
            var index = end
            while index > layer * cuts, child[index - 1] > child[index] {
                child.swapAt(index - 1, index)
                index -= 1
            }
        }
    }
}
