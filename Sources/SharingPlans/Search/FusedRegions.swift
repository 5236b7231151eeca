import Sharing

/// Regions of operators that are computed without an exchange between them, found backwards from the last one.
///
/// The last operator of a segment has the plain layout of the segment's scheme. One before it computes on each device
/// what the device's operators behind it in the segment need: halos grow with every operator that they are passed
/// through. A result that is read behind the segment too has its plain share besides; so has one of which nobody would
/// compute some part otherwise.
struct FusedRegions {
    /// Regions of inputs that a part needs; `RegionNeeds.inputs` unless somebody knows less.
    typealias Needed = (_ position: Int, _ region: Region, _ exact: RegionNeeds) -> [TensorRegion]

    /// One operator of the segment.
    struct Step {
        let position: Int
        let layout: SharedLayout
        /// By device (nil: idle).
        let needs: [RegionNeeds?]
        /// True where channel shares need all channels of an input.
        let gathersChannels: Bool
    }

    let shared: SharedGraph
    let plain: PlainLayouts
    let scheme: Int
    /// The operator behind the segment.
    let end: Int
    let needed: Needed
    /// From the last operator backwards.
    private(set) var steps: [Step] = []
    /// What the segment's operators so far need of each tensor, by device.
    private var wanted: [String: [Region]] = [:]

    init(
        _ shared: SharedGraph, _ plain: PlainLayouts, scheme: Int, end: Int,
        needed: @escaping Needed = { _, _, exact in exact.inputs }
    ) {
        self.shared = shared
        self.plain = plain
        self.scheme = scheme
        self.end = end
        self.needed = needed
    }

    /// Would a segment that ended in front of the operators so far leave the same layouts to what is in front of it?
    ///
    /// True where no halo reaches the last operator taken, and it is followed by others of the segment.
    var isPlainInside: Bool {
        guard let step = steps.last, steps.count > 1 else { return false }
        return step.layout == plain.layout(scheme, step.position)
    }

    /// The operator that would come next.
    var next: Int { end - 1 - steps.count }

    /// Takes one more operator in front; false where the segment cannot go on through its result.
    mutating func extend() -> Bool {
        let position = next
        let own = plain.layout(scheme, position)
        let step = shared.graph.operators[position]
        var layout = own
        if position < end - 1 {
            guard let fused = fusedLayout(position, own) else { return false }
            layout = fused
        }
        var needs: [RegionNeeds?] = []
        for region in layout.regions {
            guard !region.isEmpty else {
                needs.append(nil)
                continue
            }
            guard let need = try? shared.needs(position, region) else { return false }
            needs.append(need)
        }
        var gathers = false
        for (device, need) in needs.enumerated() {
            guard let need else { continue }
            gathers = gathers || gathersChannels(need, layout.regions[device])
            for input in needed(position, layout.regions[device], need) {
                let rank = input.region.rank
                var regions =
                    wanted[input.tensor] ?? [Region](repeating: .empty(rank: rank), count: layout.deviceCount)
                regions[device] = regions[device].hull(input.region)
                wanted[input.tensor] = regions
            }
        }
        if !step.outputs.isEmpty { for output in step.outputs { wanted[output] = nil } }
        steps.append(Step(position: position, layout: layout, needs: needs, gathersChannels: gathers))
        return true
    }

    private func fusedLayout(_ position: Int, _ own: SharedLayout) -> SharedLayout? {
        let step = shared.graph.operators[position]
        // Which part of an operator's first result a part of another one needs is not known.
        guard step.outputs.count == 1, let output = step.outputs.first, let tensor = shared.graph.tensors[output],
            plain.isRefused(scheme, position) == plain.isRefused(scheme, position + 1)
        else { return nil }
        let inside = tensor.consumers.filter { $0 < end }
        guard !inside.contains(where: { steps[end - 1 - $0].gathersChannels }) else { return nil }
        let isReadBehind = inside.count < tensor.consumers.count || shared.graph.outputs.contains(output)
        guard let regions = wanted[output] else { return own }
        if isReadBehind { return hull(regions, own) }
        let covered = Region.whole(shared.shape(of: position)).subtracting(regions.filter { !$0.isEmpty })
        return covered.isEmpty ? SharedLayout(regions) : hull(regions, own)
    }

    private func hull(_ regions: [Region], _ own: SharedLayout) -> SharedLayout {
        SharedLayout(zip(regions, own.regions).map { $0.hull($1) })
    }

    /// A dense operator behind a share of channels needs what all devices have: nothing is saved by computing it again.
    private func gathersChannels(_ need: RegionNeeds, _ region: Region) -> Bool {
        guard plain.schemes[scheme].cut == .channels, !region.isWhole(of: shared.shape(of: need.position)) else {
            return false
        }
        return need.inputs.contains { input in
            guard let axis = shared.axisRoles[input.tensor]?.firstIndex(of: .channels) else { return false }
            let extent = shared.shape(ofTensor: input.tensor)[axis]
            return extent > 1 && input.region[axis] == 0..<extent
        }
    }
}
