import Sharing

/// One axis for each layer, and ranges of it for the devices, one after the other: the plans that an integer for each
/// cut can say.
///
/// A layer's operators (`LayerStarts`) have the same shape and the same cuts. Axes of many elements are cut in
/// multiples, so that there are no more than `unitsMost` places. An operator that cannot be shared has an axis of one
/// unit: whose range holds it computes all.
struct CutPattern: Sendable {
    struct Layer: Sendable {
        let positions: Range<Int>
        /// Axis that is cut (nil: computed whole).
        let axis: Int?
        let extent: Int
        /// Elements of the axis in one unit.
        let unit: Int
        /// Units of the axis.
        let units: Int
    }

    /// So that a cut is a byte.
    static let unitsMost = 255

    let layers: [Layer]
    let shared: SharedGraph

    /// Takes for each layer the first of the dimensions named along which all of its operators can be shared.
    init(_ shared: SharedGraph, dimensions: (_ layer: Int) -> [SharingDimension]) {
        self.shared = shared
        let starts = LayerStarts.positions(shared)
        let bounds = starts + [shared.graph.operators.count]
        layers = zip(bounds, bounds.dropFirst()).enumerated().map { index, pair in
            let positions = pair.0..<pair.1
            for dimension in dimensions(index) where dimension != .grid {
                let axes = positions.map { (try? shared.axes(of: $0, dimension))?.first }
                guard let axis = axes.first ?? nil, axes.allSatisfy({ $0 == axis }) else { continue }
                let extent = shared.shape(of: positions.lowerBound)[axis]
                guard positions.allSatisfy({ shared.shape(of: $0)[axis] == extent }) else { continue }
                let unit = (extent + Self.unitsMost - 1) / Self.unitsMost
                return Layer(
                    positions: positions, axis: axis, extent: extent, unit: unit, units: (extent + unit - 1) / unit)
            }
            return Layer(positions: positions, axis: nil, extent: 1, unit: 1, units: 1)
        }
    }

    /// GenEFlow's dimension by the class of the operator: rows of images, positions of sequences, else channels.
    static func byClass(_ shared: SharedGraph) -> CutPattern {
        CutPattern(shared) { _ in [.height, .length, .channels] }
    }

    /// Operators that one device computes whole, with the reason.
    var refusals: [CannotShare] {
        var found: [CannotShare] = []
        for position in layers.filter({ $0.axis == nil }).flatMap(\.positions) {
            do { _ = try shared.axes(of: position, .channels) } catch { found.append(error) }
        }
        return found
    }

    /// The region of an operator of a layer from one unit to another.
    func region(_ layer: Int, _ position: Int, _ low: Int, _ high: Int) -> Region {
        let one = layers[layer]
        let shape = shared.shape(of: position)
        guard low < high else { return .empty(rank: shape.count) }
        guard let axis = one.axis else { return .whole(shape) }
        return Region.whole(shape).replacing(axis, with: low * one.unit..<min(one.extent, high * one.unit))
    }
}

/// The numbers of a pattern's parts, looked up by layer and units; not for several threads at once.
struct CutParts {
    private static let unknown: Int32 = -2
    /// Entries of all tables together, beyond which they are kept by hash.
    private static let entriesMost = 4_000_000

    let pattern: CutPattern
    let table: PartTable
    let deviceCount: Int
    /// By operator, then by low and high unit; empty where there would be too many.
    private var dense: [[Int32]] = []
    private var sparse: [Int: Int32] = [:]

    init(_ pattern: CutPattern, _ table: PartTable, deviceCount: Int) {
        self.pattern = pattern
        self.table = table
        self.deviceCount = deviceCount
        let sizes = pattern.layers.flatMap { layer in
            layer.positions.map { _ in (layer.units + 1) * (layer.units + 1) }
        }
        if sizes.reduce(0, +) <= Self.entriesMost {
            dense = sizes.map { [Int32](repeating: Self.unknown, count: $0) }
        }
    }

    /// Writes the parts that cuts stand for; false where a rule refuses one.
    ///
    /// - Parameter cuts: `deviceCount - 1` ascending units for each layer.
    mutating func write(_ cuts: UnsafeBufferPointer<UInt8>, into numbers: inout [Int32]) -> Bool {
        var place = 0
        var cut = 0
        for (index, layer) in pattern.layers.enumerated() {
            var low = 0
            for device in 0..<deviceCount {
                var high = layer.units
                if device < deviceCount - 1 {
                    high = min(Int(cuts[cut]), layer.units)
                    cut += 1
                }
                var slot = place + device
                for position in layer.positions {
                    guard let number = number(index, position, low, high) else { return false }
                    numbers[slot] = number
                    slot += deviceCount
                }
                low = max(low, high)
            }
            place += layer.positions.count * deviceCount
        }
        return true
    }

    private mutating func number(_ layer: Int, _ position: Int, _ low: Int, _ high: Int) -> Int32? {
        guard low < high else { return PartTable.idle }
        let entry = low * (pattern.layers[layer].units + 1) + high
        let key = position * (CutPattern.unitsMost + 1) * (CutPattern.unitsMost + 1) + entry
        let found = dense.isEmpty ? sparse[key] ?? Self.unknown : dense[position][entry]
        if found != Self.unknown { return found }
        guard let number = try? table.part(position, pattern.region(layer, position, low, high)) else { return nil }
        if dense.isEmpty { sparse[key] = number } else { dense[position][entry] = number }
        return number
    }
}
