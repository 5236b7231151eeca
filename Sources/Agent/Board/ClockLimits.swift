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
        /// The configuration's wish, which does not end by itself.
        var isLasting = false
    }

    private var entries: [DeviceID: Entry] = [:]

    package init() {}

    /// - Parameter isLasting: it is the configuration's wish.
    /// - Returns: true where the board has something else to promise than before.
    package mutating func limit(_ device: DeviceID, to limit: Limit, isLasting: Bool = false) -> Bool {
        let before = entries[device]?.limit
        entries[device] = Entry(limit: limit, until: nil, isLasting: isLasting)
        return before != limit
    }

    /// Nothing shows any more that the clock is held back; the limit stays for a while.
    package mutating func ended(_ device: DeviceID, now: Duration) {
        guard let entry = entries[device], entry.until == nil, !entry.isLasting else { return }
        entries[device]?.until = now + Self.hold
    }

    /// What was refused before was done now.
    ///
    /// - Returns: true where there was such a limit.
    package mutating func lift(_ device: DeviceID) -> Bool {
        guard let entry = entries[device], case .fixed = entry.limit, !entry.isLasting else { return false }
        entries[device] = nil
        return true
    }

    /// - Returns: devices whose limits are over.
    package mutating func forget(now: Duration) -> [DeviceID] {
        let over = entries.filter { $0.value.until.map { $0 <= now } ?? false }.map(\.key).sorted()
        for device in over { entries[device] = nil }
        return over
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
