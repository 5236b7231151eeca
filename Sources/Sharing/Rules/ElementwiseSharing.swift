import ModelGraph

/// Operators that work on each element, or on each index of some axes: an element of the result needs those elements
/// of the operands that broadcast to it. Axes along which elements depend on each other stay whole.
struct ElementwiseSharing: SharingRule {
    let shared: SharedOperator
    /// Axes of the result that stay whole, ascending.
    let wholeAxes: [Int]
    let reason: String
    /// Inputs of this position and further ones do not broadcast: they are needed whole.
    let broadcastInputs: Int

    init(_ shared: SharedOperator, wholeAxes: [Int] = [], reason: String = "", broadcastInputs: Int = .max) {
        self.shared = shared
        self.wholeAxes = wholeAxes
        self.reason = reason
        self.broadcastInputs = broadcastInputs
    }

    func nodes(for region: Region) throws(CannotShare) -> [LocalNode] {
        try shared.requireWhole(wholeAxes, of: region, reason)
        let count = shared.call.inputs.count
        let split = min(count, broadcastInputs)
        let operands =
            shared.broadcastOperands(region, positions: 0..<split) + (split..<count).map { shared.wholeOperand($0) }
        return [try shared.local(region, operands: operands)]
    }
}

/// BatchNormalization at inference, and InstanceNormalization: parameters for each channel (axis 1).
struct ChannelParameterSharing: SharingRule {
    let shared: SharedOperator
    /// True where the statistics are those of the input's own spatial axes.
    let needsSpatial: Bool

    func nodes(for region: Region) throws(CannotShare) -> [LocalNode] {
        if needsSpatial {
            try shared.requireWhole(2..<max(2, region.rank), of: region, "its statistics are over the spatial axes")
        }
        let channels = Region([region[1]])
        let operands =
            [shared.operand(0, region)] + shared.call.inputs.indices.dropFirst().map { shared.operand($0, channels) }
        return [try shared.local(region, operands: operands)]
    }
}

/// Local response normalization: each element needs its neighbours across channels.
struct NeighbourChannelSharing: SharingRule {
    let shared: SharedOperator
    /// Channels that enter each sum.
    let size: Int

    func nodes(for region: Region) throws(CannotShare) -> [LocalNode] {
        let below = (size - 1) / 2
        let above = size - 1 - below
        let channels =
            max(0, region[1].lowerBound - below)..<min(shared.shape[1], region[1].upperBound + above)
        let computed = region.replacing(1, with: channels)
        return [try shared.local(region, computed: computed, operands: [shared.operand(0, computed)])]
    }
}
