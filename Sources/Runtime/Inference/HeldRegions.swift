import ModelGraph
import NIOCore
import Sharing

/// Regions of tensors that one device holds during one inference.
///
/// A region that is asked for is put together from all that hold a part of it.
public struct HeldRegions: Sendable {
    private var held: [String: [(region: Region, tensor: Tensor)]] = [:]

    public init() {}

    /// Keeps a region. Throws where the tensor's shape is not the region's.
    public mutating func put(_ named: TensorRegion, _ tensor: Tensor) throws(InferenceError) {
        guard tensor.shape == named.region.shape,
            Tensor.byteCount(of: tensor.elementType, shape: tensor.shape) == tensor.bytes.readableBytes
        else {
            throw InferenceError(
                .input, "\(named) came as \(Tensor.describe(tensor.elementType, tensor.shape)), which does not fit it")
        }
        held[named.tensor, default: []].append((named.region, tensor))
    }

    /// Drops all regions of a tensor.
    public mutating func drop(_ tensor: String) { held[tensor] = nil }

    /// The region, without a copy where it is held as it is. Throws where a part of it is not held.
    public func tensor(_ named: TensorRegion) throws(InferenceError) -> Tensor {
        let pieces = held[named.tensor] ?? []
        if let same = pieces.first(where: { $0.region == named.region }) { return same.tensor }
        if let missing = named.region.subtracting(pieces.map(\.region)).first {
            throw InferenceError(.input, "\(missing) of tensor '\(named.tensor)' is not held")
        }
        guard let elementType = pieces.first?.tensor.elementType,
            pieces.allSatisfy({ $0.tensor.elementType == elementType }),
            let byteCount = Tensor.byteCount(of: elementType, shape: named.region.shape)
        else { throw InferenceError(.input, "tensor '\(named.tensor)' is held with several element types") }
        var bytes = ByteBufferAllocator().buffer(capacity: max(byteCount, 1))
        bytes.writeWithUnsafeMutableBytes(minimumWritableBytes: byteCount) { target in
            for piece in pieces {
                let common = piece.region.intersection(named.region)
                guard !common.isEmpty else { continue }
                piece.tensor.bytes.withUnsafeReadableBytes { source in
                    Self.copy(
                        common, width: elementType.byteCount, from: (source, piece.region),
                        to: (target, named.region))
                }
            }
            return byteCount
        }
        return Tensor(elementType: elementType, shape: named.region.shape, bytes: bytes)
    }

    /// Copies a region between two buffers that hold larger ones in row-major order.
    private static func copy(
        _ common: Region, width: Int, from source: (bytes: UnsafeRawBufferPointer, region: Region),
        to target: (bytes: UnsafeMutableRawBufferPointer, region: Region)
    ) {
        // Inner axes that both hold in one piece are one run with the innermost axis that is not.
        var runAxis = common.rank
        var run = width
        while runAxis > 0 {
            runAxis -= 1
            run *= common[runAxis].count
            if common[runAxis] != source.region[runAxis] || common[runAxis] != target.region[runAxis] { break }
        }
        let sourceStrides = strides(source.region.shape, width)
        let targetStrides = strides(target.region.shape, width)
        var index = common.ranges.map(\.lowerBound)
        while true {
            var from = 0
            var to = 0
            for axis in index.indices {
                from += (index[axis] - source.region[axis].lowerBound) * sourceStrides[axis]
                to += (index[axis] - target.region[axis].lowerBound) * targetStrides[axis]
            }
            UnsafeMutableRawBufferPointer(rebasing: target.bytes[to..<to + run])
                .copyMemory(from: UnsafeRawBufferPointer(rebasing: source.bytes[from..<from + run]))
            var axis = runAxis - 1
            while axis >= 0 {
                index[axis] += 1
                if index[axis] < common[axis].upperBound { break }
                index[axis] = common[axis].lowerBound
                axis -= 1
            }
            if axis < 0 { return }
        }
    }

    private static func strides(_ shape: [Int], _ width: Int) -> [Int] {
        var strides = [Int](repeating: width, count: shape.count)
        for axis in shape.indices.dropLast().reversed() { strides[axis] = strides[axis + 1] * shape[axis + 1] }
        return strides
    }
}
