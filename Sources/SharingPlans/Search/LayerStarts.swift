import Sharing

/// Where layers begin: at every operator but those that follow the one before element by element, as an activation
/// follows a convolution. To share such an operator otherwise than the one before could only add a transfer.
package enum LayerStarts {
    /// Positions of first operators, ascending, from 0.
    package static func positions(_ shared: SharedGraph) -> [Int] {
        shared.graph.operators.indices.filter { $0 == 0 || !follows($0, shared) }
    }

    /// Does an operator read the one before alone, which nobody else reads, and need the same region of it?
    private static func follows(_ position: Int, _ shared: SharedGraph) -> Bool {
        let step = shared.graph.operators[position]
        let before = shared.graph.operators[position - 1]
        guard step.activations == before.outputs, step.outputs.count == 1, let input = step.activations.first,
            shared.graph.tensors[input]?.consumers == [position], !shared.graph.outputs.contains(input),
            shared.shape(of: position) == shared.shape(ofTensor: input)
        else { return false }
        let shape = shared.shape(of: position)
        // An axis that the operator before has, and this one lacks, is a choice.
        for axis in shared.shareableAxes(of: position - 1) {
            let range = (shape[axis] / 2)..<(shape[axis] / 2 + 1)
            let part = Region.whole(shape).replacing(axis, with: range)
            guard let needs = try? shared.needs(position, part), needs.inputs == [TensorRegion(input, part)] else {
                return false
            }
        }
        return true
    }
}
