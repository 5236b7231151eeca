import Costs

/// Who should lead: the highest rank does. Compared in the order of the members.
public struct Rank: Hashable, Comparable, Sendable {
    public var mainsPower: Bool
    /// The highest class among the board's devices; nil without devices.
    public var deviceClass: DeviceClass?
    /// Binary logarithm of the free memory: a small change never decides.
    public var freeMemoryLog2: Int
    /// The first in the alphabet is the highest.
    public var node: NodeID

    public init(_ capabilities: NodeCapabilities) {
        mainsPower = capabilities.mainsPower
        deviceClass = capabilities.devices.map(\.deviceClass).max()
        let bytes = UInt64(max(0, capabilities.freeMemoryBytes))
        freeMemoryLog2 = bytes == 0 ? 0 : UInt64.bitWidth - bytes.leadingZeroBitCount
        node = capabilities.node
    }

    private var classRank: Int {
        switch deviceClass {
        case nil: 0
        case .edge: 1
        case .hub: 2
        case .cloud: 3
        }
    }

    public static func < (left: Rank, right: Rank) -> Bool {
        if left.mainsPower != right.mainsPower { return !left.mainsPower }
        if left.classRank != right.classRank { return left.classRank < right.classRank }
        if left.freeMemoryLog2 != right.freeMemoryLog2 { return left.freeMemoryLog2 < right.freeMemoryLog2 }
        return left.node > right.node
    }
}
