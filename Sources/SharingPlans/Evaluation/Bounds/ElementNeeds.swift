import ModelGraph
import Sharing

/// How many elements of an input a set of an operator's elements needs, whatever the set is: at least so large a part
/// of the input for each part of the result.
///
/// To each element of the result elements of the input are assigned that it needs, so that no two results that lie at
/// different places along the axes that move the input have one in common. A part x of the result then has elements at
/// a part x of these places or more, and needs what is assigned to them. Along an axis of window w and step s these are
/// min(w, s) elements, fewer at the ends; along an axis of which every element needs all, all.
///
/// Windows and steps are found by asking the rules for single elements (all along axes that cannot be shared), in the
/// middle, beside it, and at both ends. As in `MeetingBound` it is taken for granted that what an element needs moves
/// along the axes as the element does; where the four answers do not agree on that, nothing is said.
package struct ElementNeeds {
    /// Operators whose result has the elements of its first input in another order or under other names.
    private static let movers: Set<String> = [
        "Reshape", "Flatten", "Squeeze", "Unsqueeze", "Transpose", "Identity", "Split",
    ]

    private let shared: SharedGraph

    package init(_ shared: SharedGraph) { self.shared = shared }

    /// The part of each input and weight that is needed for all of an operator, in proportion to what is computed of
    /// it. Tensors of which nothing is known are left out.
    package func parts(_ position: Int) -> [String: Double] {
        let step = shared.graph.operators[position]
        let inputs = Set(step.activations)
        if Self.movers.contains(step.type) {
            guard let input = step.activations.first, inputs.count == 1,
                shared.shape(ofTensor: input).reduce(1, *)
                    == step.outputs.reduce(0, { $0 + shared.shape(ofTensor: $1).reduce(1, *) })
            else { return [:] }
            return [input: 1]
        }
        let shape = shared.shape(of: position)
        guard step.outputs.count == 1, shape.allSatisfy({ $0 > 0 }) else { return [:] }
        let middle = shape.map { $0 / 2 }
        var probes = [middle, shape.map { _ in 0 }, shape.map { $0 - 1 }]
        let moving = shared.shareableAxes(of: position)
        /// An element along the axes that can be shared, all along the others.
        func region(_ place: [Int]) -> Region {
            Region(shape.indices.map { moving.contains($0) ? place[$0]..<place[$0] + 1 : 0..<shape[$0] })
        }
        for axis in moving {
            var place = middle
            // The middle is never the first of an axis of several.
            place[axis] -= 1
            probes.append(place)
        }
        var answers: [[TensorRegion]] = []
        for place in probes {
            guard let needs = try? shared.needs(position, region(place)) else { return [:] }
            answers.append(needs.inputs + needs.weights)
        }
        var parts: [String: Double] = [:]
        for name in Set(answers[0].map(\.tensor)) {
            let regions = answers.map { answer in answer.filter { $0.tensor == name }.map(\.region) }
            guard regions.allSatisfy({ $0.count == 1 }), let whole = shared.graph.tensorType(named: name)?.shape else {
                continue
            }
            let part = part(regions.map { $0[0] }, of: whole, shape, middle, moving)
            if let part, part > 0 { parts[name] = min(1, part) }
        }
        return parts
    }

    /// - Parameter answers: for the middle, the first and the last element, and for those in front of the middle.
    private func part(
        _ answers: [Region], of input: [Int], _ shape: [Int], _ middle: [Int], _ moving: [Int]
    ) -> Double? {
        let (base, first, last) = (answers[0], answers[1], answers[2])
        var part = 1.0
        var used = Set<Int>()
        for axis in input.indices {
            let range = base[axis]
            if range == 0..<input[axis] {
                guard answers.allSatisfy({ $0[axis] == range }) else { return nil }
                continue
            }
            let movers = moving.indices.filter { answers[3 + $0][axis] != range }
            guard movers.count <= 1 else { return nil }
            guard let mover = movers.first.map({ moving[$0] }) else {
                guard answers.allSatisfy({ $0[axis] == range }) else { return nil }
                part *= Double(range.count) / Double(input[axis])
                continue
            }
            // One axis that moves two would count its places twice.
            guard used.insert(mover).inserted, let index = moving.firstIndex(of: mover) else { return nil }
            let beside = answers[3 + index][axis]
            let pace = max(range.lowerBound - beside.lowerBound, range.upperBound - beside.upperBound)
            guard pace > 0 else { return nil }
            let window = Window(
                low: range.lowerBound - pace * middle[mover], high: range.upperBound - pace * middle[mover],
                pace: pace, extent: input[axis])
            guard window.range(0) == first[axis], window.range(shape[mover] - 1) == last[axis],
                window.range(middle[mover] - 1) == beside
            else { return nil }
            part *= Double(window.ownLeast(shape[mover]) * shape[mover]) / Double(input[axis])
        }
        return part
    }

    /// What elements along an axis need along another: `low + i * pace ..< high + i * pace`, as far as it is there.
    private struct Window {
        let low: Int
        let high: Int
        let pace: Int
        let extent: Int

        func range(_ index: Int) -> Range<Int> {
            let start = min(max(0, low + pace * index), extent)
            return start..<max(start, min(extent, high + pace * index))
        }

        /// Elements that each of `count` has for itself at least, with the best choice of them.
        func ownLeast(_ count: Int) -> Int {
            let size = min(high - low, pace)
            var best = 0
            for start in low...(high - size) {
                func own(_ index: Int) -> Int {
                    let begin = start + pace * index
                    return max(0, min(extent, begin + size) - max(0, begin))
                }
                best = max(best, min(own(0), own(count - 1)))
            }
            return best
        }
    }
}
