import ModelGraph

/// What an axis of an activation stands for.
public enum AxisRole: String, Sendable, Hashable, CaseIterable {
    case batch, channels, height, width, length

    /// Roles of all activations, in the graph's order: images are [batch, channels, height, width], sequences
    /// [batch, length, channels]; other operators pass on what they get.
    static func roles(_ graph: ModelGraph, _ operators: [SharedOperator]) -> [String: [AxisRole?]] {
        var roles: [String: [AxisRole?]] = [:]
        for name in graph.inputs {
            guard let tensor = graph.tensors[name] else { continue }
            let isImage = tensor.consumers.contains { isOverImages(graph.operators[$0].type) }
            roles[name] = isImage || tensor.type.rank == 4 ? image(tensor.type.rank) : sequence(tensor.type.rank)
        }
        for shared in operators {
            for (output, type) in zip(shared.node.outputs, shared.outputs) {
                guard let type else { continue }
                let found = result(shared, rank: type.rank, roles)
                roles[output] = found.count == type.rank ? found : [AxisRole?](repeating: nil, count: type.rank)
            }
        }
        return roles
    }

    private static func isOverImages(_ type: String) -> Bool {
        switch type {
        case "Conv", "ConvTranspose", "MaxPool", "AveragePool", "LpPool", "GlobalAveragePool", "GlobalMaxPool",
            "BatchNormalization", "InstanceNormalization", "GroupNormalization", "LRN", "DepthToSpace", "SpaceToDepth":
            true
        default: false
        }
    }

    private static func image(_ rank: Int) -> [AxisRole?] {
        switch rank {
        case 3: [.batch, .channels, .length]
        case 4: [.batch, .channels, .height, .width]
        case 5: [.batch, .channels, nil, .height, .width]
        default: [.batch, .channels] + [AxisRole?](repeating: nil, count: max(0, rank - 2))
        }
    }

    private static func sequence(_ rank: Int) -> [AxisRole?] {
        switch rank {
        case 0: []
        case 1: [.length]
        case 2: [.batch, .length]
        default: [.batch] + [AxisRole?](repeating: nil, count: rank - 3) + [.length, .channels]
        }
    }

    private static func result(_ shared: SharedOperator, rank: Int, _ roles: [String: [AxisRole?]]) -> [AxisRole?] {
        let names = shared.node.inputs
        let type = shared.node.type
        func input(_ position: Int) -> [AxisRole?]? { position < names.count ? roles[names[position]] : nil }
        if isOverImages(type) { return image(rank) }
        switch type {
        case "Gemm": return [.length, .channels]
        case "MatMul": return product(rank, left: input(0), right: input(1))
        case "Transpose":
            guard let given = input(0) else { return [] }
            let order = (try? shared.call.integers("perm")) ?? Array(given.indices.reversed())
            return order.map { given[$0] }
        case "Reshape", "Flatten", "Squeeze", "Unsqueeze": return reshaped(shared, input(0) ?? [])
        case "Gather":
            guard
                let axis = try? shared.call.axis(
                    shared.call.integer("axis", default: 0), rank: shared.inputShape(0).count)
            else { return [] }
            let indices = input(1) ?? [AxisRole?](repeating: nil, count: shared.inputShape(1).count)
            // Rows of a table of weights are embeddings: their elements are channels.
            let data = input(0) ?? shared.inputShape(0).indices.map { $0 > axis ? .channels : nil }
            return data[..<axis] + indices + data[(axis + 1)...]
        default:
            if let rule = RuleSelection.rule(for: shared) as? ReductionSharing, !rule.keepsDimensions {
                return (input(0) ?? []).enumerated().filter { !rule.axes.contains($0.offset) }.map(\.element)
            }
            let passed = passed(shared, rank, roles)
            return type == "LayerNormalization" && passed.allSatisfy { $0 == nil } ? sequence(rank) : passed
        }
    }

    /// For each axis the role in the first operand that has one there; axes are counted from the innermost.
    private static func passed(
        _ shared: SharedOperator, _ rank: Int, _ roles: [String: [AxisRole?]]
    ) -> [AxisRole?] {
        var result = [AxisRole?](repeating: nil, count: rank)
        for name in shared.node.inputs {
            guard let given = roles[name], given.count <= rank else { continue }
            let offset = rank - given.count
            for (axis, role) in given.enumerated() where result[axis + offset] == nil {
                if let role, !result.contains(role) { result[axis + offset] = role }
            }
        }
        return result
    }

    private static func product(_ rank: Int, left: [AxisRole?]?, right: [AxisRole?]?) -> [AxisRole?] {
        guard rank >= 2 else { return [AxisRole?](repeating: nil, count: rank) }
        var result = [AxisRole?](repeating: nil, count: rank)
        for given in [left, right].compactMap(\.self) where given.count == rank {
            for axis in 0..<(rank - 2) where result[axis] == nil { result[axis] = given[axis] }
        }
        let row = left.flatMap { $0.count >= 2 ? $0[$0.count - 2] : nil } ?? .length
        if !result.contains(row) { result[rank - 2] = row }
        let column = right.map { $0.last ?? nil } ?? .channels
        if let column, !result.contains(column) { result[rank - 1] = column }
        return result
    }

    /// The leading axis of a group keeps the role of the leading axis that it came from.
    private static func reshaped(_ shared: SharedOperator, _ given: [AxisRole?]) -> [AxisRole?] {
        var result = [AxisRole?](repeating: nil, count: shared.shape.count)
        let from = shared.inputShape(0)
        guard given.count == from.count else { return result }
        for group in AxisGroup.groups(from, shared.shape) {
            guard let (source, target) = group.leading(from, shared.shape) else { continue }
            result[target] = given[source]
        }
        return result
    }
}
