import Costs
import ModelGraph
import Sharing

/// What of an operator its parts have in common, as traces of shares know them.
struct OperatorWindow {
    let inputChannels: Int
    let kernel: Int
    let stride: Int
    let isDepthwise: Bool
    let isLinear: Bool

    /// Nil for what traces do not know.
    init?(_ shared: SharedGraph, _ position: Int) {
        let call = shared.graph.call(of: position)
        let shapes = call.inputs.prefix(2).compactMap { $0?.type.shape }
        guard shapes.count == 2, let last = shapes[0].last else { return nil }
        func integers(_ name: String) -> [Int64]? {
            guard case .integers(let values)? = call.node.attributes[name] else { return nil }
            return values
        }
        func integer(_ name: String) -> Int64? {
            guard case .integer(let value)? = call.node.attributes[name] else { return nil }
            return value
        }
        switch call.node.type {
        case "Conv":
            guard shapes[0].count == 4, shapes[0][0] == 1 else { return nil }
            let groups = Int(integer("group") ?? 1)
            let weights = shapes[1]
            isLinear = false
            isDepthwise = groups > 1 && weights[1] == 1 && groups == shapes[0][1]
            guard groups == 1 || isDepthwise else { return nil }
            if isDepthwise {
                let strides = Set(integers("strides") ?? [1])
                guard weights[2] == weights[3], strides.count == 1 else { return nil }
                (inputChannels, kernel, stride) = (1, weights[2], Int(strides.first ?? 1))
            } else {
                (inputChannels, kernel, stride) = (weights[1] * weights[2] * weights[3], 1, 1)
            }
        case "Gemm", "MatMul":
            isLinear = true
            isDepthwise = false
            let isTransposed = integer("transA") ?? 0 != 0
            (inputChannels, kernel, stride) = (isTransposed ? shapes[0][0] : last, 1, 1)
        default: return nil
        }
    }

    /// Bandwidth and topology are in no row of compute traces.
    func features(_ region: Region) -> ShareFeatures? {
        let shape = region.shape
        guard let columns = shape.last, isLinear || shape.count == 4 else { return nil }
        let rows = shape.dropLast().reduce(1, *)
        return ShareFeatures(
            height: isLinear ? rows : shape[2], width: isLinear ? 1 : shape[3],
            outputChannels: isLinear ? columns : shape[1], inputChannels: inputChannels, kernel: kernel,
            stride: stride, padding: 0, isDepthwise: isDepthwise, bandwidthBitPerS: 0)
    }
}
