import ModelGraph
import Sharing

/// What DeepThings takes the input of a tile to be (its "fused tile partitioning").
///
/// For rows o1...o2 of a result over an input of h rows, with window k and stride s, both ends counted:
///
///     convolution   max(0, o1 * s - floor(k / 2)) ... min(h - 1, o2 * s + floor(k / 2))
///     pooling       o1 * s ... min(h - 1, o2 * s + s - 1)
///
/// and columns alike. This is what the operator needs where a convolution is padded by floor(k / 2), and a pooling
/// window is as large as its stride. Where it is not, a tile computes more than it needs, or fetches what it lacks.
package enum FusedTile {
    package static func convolution(_ rows: Range<Int>, kernel: Int, stride: Int, extent: Int) -> Range<Int> {
        clamped(rows.lowerBound * stride - kernel / 2, (rows.upperBound - 1) * stride + kernel / 2, extent)
    }

    package static func pooling(_ rows: Range<Int>, stride: Int, extent: Int) -> Range<Int> {
        clamped(rows.lowerBound * stride, (rows.upperBound - 1) * stride + stride - 1, extent)
    }

    private static func clamped(_ first: Int, _ last: Int, _ extent: Int) -> Range<Int> {
        let start = min(max(0, first), extent)
        return start..<max(start, min(extent - 1, last) + 1)
    }

    /// The tile's input of an operator over images; what it needs exactly for every other operator.
    static func inputs(
        _ position: Int, _ region: Region, _ exact: RegionNeeds, in graph: ModelGraph
    ) -> [TensorRegion] {
        let step = graph.operators[position]
        let node = graph.nodes[step.node]
        guard region.rank == 4, exact.inputs.count == 1, let input = exact.inputs.first,
            let shape = graph.tensors[input.tensor]?.type.shape, shape.count == 4
        else { return exact.inputs }
        let strides = integers(node, "strides") ?? [1, 1]
        var kernel: [Int]?
        switch step.type {
        case "Conv": kernel = node.inputs.count > 1 ? graph.tensorType(named: node.inputs[1])?.shape.suffix(2) : nil
        case "MaxPool", "AveragePool": break
        default: return exact.inputs
        }
        guard strides.count == 2, step.type != "Conv" || kernel?.count == 2 else { return exact.inputs }
        var tile = input.region
        for axis in 0..<2 {
            let range = region[axis + 2]
            let extent = shape[axis + 2]
            tile = tile.replacing(
                axis + 2,
                with: kernel.map {
                    convolution(range, kernel: $0[$0.startIndex + axis], stride: strides[axis], extent: extent)
                }
                    ?? pooling(range, stride: strides[axis], extent: extent))
        }
        return [TensorRegion(input.tensor, tile)]
    }

    private static func integers(_ node: NodeDescription, _ name: String) -> [Int]? {
        guard case .integers(let values)? = node.attributes[name] else { return nil }
        return values.map { Int($0) }
    }
}
