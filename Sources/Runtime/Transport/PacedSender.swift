import Costs
import NIOCore

/// Sends to one peer, at once or, under emulation, when a slower link would have delivered.
///
/// Shared by all connections with the peer, since they share the link that is emulated. Used on one event loop.
final class PacedSender {
    private let loop: any EventLoop
    private var pacer: LinkPacer?
    /// Bytes that the emulated link holds back.
    private(set) var heldBytes = 0

    init(loop: any EventLoop) { self.loop = loop }

    /// Sets, changes or ends (nil) the emulation.
    func emulate(_ link: RunnerEmulation.Link?) {
        guard let link else {
            pacer = nil
            return
        }
        if pacer == nil {
            pacer = LinkPacer(bandwidthBytesPerS: link.bandwidthBytesPerS, latencyS: link.latencyS)
        } else {
            pacer?.set(bandwidthBytesPerS: link.bandwidthBytesPerS, latencyS: link.latencyS)
        }
    }

    /// Runs the action when the bytes may leave.
    func send(bytes: Int, _ action: @escaping () -> Void) {
        guard pacer != nil || heldBytes > 0 else { return action() }
        let now = MonotonicClock.now
        let arrival = pacer?.arrival(of: bytes, now: now) ?? now
        heldBytes += bytes
        let delay = TimeAmount.nanoseconds((arrival - now).nanoseconds)
        loop.assumeIsolated().scheduleTask(in: delay) {
            self.heldBytes -= bytes
            action()
        }
    }
}

extension Duration {
    /// Whole nanoseconds, bounded by 64 bits.
    var nanoseconds: Int64 {
        let (seconds, overflow) = components.seconds.multipliedReportingOverflow(by: 1_000_000_000)
        return overflow ? .max : seconds + components.attoseconds / 1_000_000_000
    }
}
