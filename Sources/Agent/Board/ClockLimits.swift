import Costs

/// What clocks cannot reach for now, and what a board may promise meanwhile. Pure.
///
/// A board that was too hot is not asked for its highest clock the moment it has cooled: it would be too hot again,
/// and every plan would follow it to and fro.
package struct ClockLimits: Sendable {
    /// For so long after a clock could reach what was planned again, nothing higher is promised.
    package static let hold: Duration = .seconds(60)
    /// Frequencies this close, as a part, are one.
    package static let samePart = 0.005

    package enum Limit: Sendable, Equatable {
        /// The clock reaches no more than this.
        case upTo(Double)
        /// The clock is not ours to change: it is what it is (nil: and nobody knows what that is).
        case fixed(Double?)
    }

    private struct Entry {
        var limit: Limit
        /// From then on it is not in force any more; nil: until it ends.
        var until: Duration?
    }

    private var entries: [DeviceID: Entry] = [:]

    package init() {}

    /// - Returns: true where the board has something else to promise than before.
    package mutating func limit(_ device: DeviceID, to limit: Limit) -> Bool {
        let before = entries[device]?.limit
        entries[device] = Entry(limit: limit, until: nil)
        return before != limit
    }

    /// The clock reaches what was planned; the limit stays for a while.
    package mutating func ended(_ device: DeviceID, now: Duration) {
        guard let entry = entries[device], case .upTo = entry.limit, entry.until == nil else { return }
        entries[device]?.until = now + Self.hold
    }

    /// - Returns: true where a limit is over.
    package mutating func forget(now: Duration) -> Bool {
        let over = entries.filter { $0.value.until.map { $0 <= now } ?? false }
        for device in over.keys { entries[device] = nil }
        return !over.isEmpty
    }

    /// What the device can be planned with.
    package func offered(_ device: Device) -> Device {
        guard let limit = entries[device.id]?.limit, let points = device.operatingPoints, !points.isEmpty else {
            return device
        }
        var device = device
        switch limit {
        case .upTo(let limitHz):
            var within = points.filter { ($0.frequencyHz ?? 0) <= limitHz * (1 + Self.samePart) }
            // Below its lowest clock a board does not go by itself; if it does, that is the nearest to be said of it.
            if within.isEmpty {
                within = points.min { ($0.frequencyHz ?? 0) < ($1.frequencyHz ?? 0) }.map { [$0] } ?? []
            }
            device.operatingPoints = within
        case .fixed(let frequencyHz?):
            let nearest = points.min {
                abs(($0.frequencyHz ?? 0) - frequencyHz) < abs(($1.frequencyHz ?? 0) - frequencyHz)
            }
            device.operatingPoints = nearest.map { [$0] }
        case .fixed(nil): device.operatingPoints = nil
        }
        if let fastest = device.operatingPoints?.map(\.flops).max() { device.flops = fastest }
        return device
    }
}
