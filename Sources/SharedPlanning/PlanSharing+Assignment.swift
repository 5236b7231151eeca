import Costs
import Sharing

/// The layouts of a plan as they travel, and back.
extension Plan.Sharing {
    /// - Parameter devices: one for each number of the assignment.
    public init(_ assignment: SharedAssignment, devices: [DeviceID]) {
        self.init(
            devices: devices, source: assignment.source, destination: assignment.destination,
            layouts: assignment.layouts.map { layout in
                layout.regions.map { $0.isEmpty ? nil : $0.ranges.flatMap { [$0.lowerBound, $0.upperBound] } }
            })
    }

    /// The assignment; it is not checked against any graph yet.
    ///
    /// - Throws: where numbers make no ranges.
    public func assignment() throws(SharingError) -> SharedAssignment {
        var read: [SharedLayout] = []
        for (position, layout) in layouts.enumerated() {
            var regions: [Region] = []
            for bounds in layout {
                guard let bounds else {
                    regions.append(.empty(rank: 0))
                    continue
                }
                var ranges: [Range<Int>] = []
                for axis in 0..<bounds.count / 2 where bounds[2 * axis] <= bounds[2 * axis + 1] {
                    ranges.append(bounds[2 * axis]..<bounds[2 * axis + 1])
                }
                guard bounds.count == 2 * ranges.count else {
                    throw SharingError("the plan shares operator \(position) in regions whose bounds are no ranges")
                }
                regions.append(Region(ranges))
            }
            read.append(SharedLayout(regions))
        }
        return SharedAssignment(
            deviceCount: devices.count, source: source, destination: destination, layouts: read)
    }

    /// The same without devices that compute nothing and are neither source nor destination: nobody has to ask them.
    public var compacted: Plan.Sharing {
        let kept = devices.indices.filter { device in
            device == source || device == destination
                || layouts.contains { device < $0.count && $0[device] != nil }
        }
        var compacted = self
        compacted.devices = kept.map { devices[$0] }
        compacted.source = kept.firstIndex(of: source) ?? 0
        compacted.destination = kept.firstIndex(of: destination) ?? 0
        compacted.layouts = layouts.map { layout in kept.map { $0 < layout.count ? layout[$0] : nil } }
        return compacted
    }
}
