import Costs

/// What a board may promise of its memory after the kernel killed its runner for it. Pure.
///
/// What was planned did not fit, whatever the configuration says the board has: so less is offered, and again less
/// after each further kill. After a while without one the whole is offered again, since what took the memory may be
/// gone; a board that is then killed again is believed for twice as long.
package struct MemoryOffer: Sendable {
    /// Part of what did not fit that is offered next.
    package static let keptPart = 0.75
    package static let firstHold: Duration = .seconds(600)
    package static let maximumHold: Duration = .seconds(86_400)

    /// Bytes that all devices of the board together may promise; nil: as configured.
    package private(set) var limitBytes: Int?
    private var until: Duration = .zero
    private var hold = MemoryOffer.firstHold

    package init() {}

    /// - Parameters:
    ///   - plannedBytes: what plans gave the board; 0 where none did.
    ///   - offeredBytes: what it had offered.
    ///   - controlBytes: the limit of its control group (nil: none).
    package mutating func killed(plannedBytes: Int, offeredBytes: Int, controlBytes: Int?, now: Duration) {
        if limitBytes == nil, until > .zero { hold = min(Self.maximumHold, hold * 2) }
        let tooMuch = min(plannedBytes > 0 ? plannedBytes : offeredBytes, offeredBytes, controlBytes ?? .max)
        limitBytes = Int(Double(tooMuch) * Self.keptPart)
        until = now + hold
    }

    /// - Returns: true where the whole is offered again from now on.
    package mutating func forget(now: Duration) -> Bool {
        guard limitBytes != nil, now >= until else { return false }
        limitBytes = nil
        return true
    }

    /// The devices as they can be planned with: of several each has its part.
    package func offered(_ devices: [Device]) -> [Device] {
        let wholeBytes = devices.reduce(0) { $0 + $1.memoryBytes }
        guard let limitBytes, wholeBytes > limitBytes else { return devices }
        return devices.map { device in
            var device = device
            device.memoryBytes = Int(Double(device.memoryBytes) / Double(wholeBytes) * Double(limitBytes))
            return device
        }
    }
}
