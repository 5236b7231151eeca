import Cluster
import Costs
import NIOCore
import NIOPosix

/// What we send to one other runner, over one connection that is made when there is something to send.
///
/// Acknowledgements of what we sent measure the link. Used on one event loop.
final class PeerLink {
    /// What the owner is told.
    struct Callbacks {
        /// A frame came back: refusals and blobs.
        var frame: (FrameConnection, Frame) -> Void
        /// This frame did not reach the peer, or it is not known whether it did.
        var undelivered: (Frame, String) -> Void
        /// Transfers have shown another link than those before: nobody should wait to hear of it.
        var linkChanged: () -> Void
        /// Requests under way share operators, so that boards compute while they receive.
        var isSharing: () -> Bool
    }

    private enum State {
        case idle
        case connecting(waiting: [Frame], bytes: Int)
        case open(FrameConnection)
    }

    let peer: NodeID
    private(set) var endpoint: Endpoint
    let sender: PacedSender
    private(set) var estimator = LinkEstimator()

    private let own: NodeID
    private let loop: any EventLoop
    private let limits: TransportLimits
    private let callbacks: Callbacks
    private var state = State.idle
    /// Connections that were replaced report their end too; only the current one counts.
    private var generation = 0
    private var nextNumber: UInt64 = 1
    private var probedAt: Duration?
    /// Tensors that the peer has not acknowledged, without their payload; in order of sending.
    private var unacknowledged: [(number: UInt64, frame: Frame)] = []

    init(
        peer: PeerAddress, own: NodeID, loop: any EventLoop, limits: TransportLimits, sender: PacedSender,
        callbacks: Callbacks
    ) {
        self.peer = peer.node
        endpoint = peer.endpoint
        self.own = own
        self.loop = loop
        self.limits = limits
        self.sender = sender
        self.callbacks = callbacks
    }

    var isOpen: Bool { if case .open = state { true } else { false } }

    /// The peer moved: what comes next goes to the new place.
    func move(to endpoint: Endpoint) {
        guard endpoint != self.endpoint else { return }
        self.endpoint = endpoint
        disconnect("board \(peer) moved to \(endpoint)")
    }

    func disconnect(_ reason: String) {
        generation += 1
        if case .open(let connection) = state { connection.close(reason) }
        fail(reason)
    }

    /// Sends a frame, connecting first if need be.
    func send(_ frame: Frame) {
        let frame = numbered(frame)
        switch state {
        case .open(let connection):
            transmit(frame, over: connection)
        case .connecting(var waiting, let bytes):
            let more = bytes + frame.byteCountEstimate
            guard more <= limits.maximumPendingBytes else {
                return callbacks.undelivered(frame, "too much waits for board \(peer) at \(endpoint) to answer")
            }
            waiting.append(frame)
            state = .connecting(waiting: waiting, bytes: more)
        case .idle:
            state = .connecting(waiting: [frame], bytes: frame.byteCountEstimate)
            connect()
        }
    }

    /// A round trip of a small frame, to know the latency of an open connection.
    func ping() {
        guard isOpen, sender.heldBytes == 0 else { return }
        send(.ping(number: 0))
    }

    /// How the link stands for the next probe.
    var probed: ProbeSchedule.Link {
        ProbeSchedule.Link(
            peer: peer, measuredAt: estimator.measuredAt, bandwidthBytesPerS: estimator.bandwidthBytesPerS,
            probedAt: probedAt, isQuiet: isQuiet,
            isInDoubt: estimator.isInDoubt)
    }

    private var isQuiet: Bool {
        if case .connecting = state { return false }
        return unacknowledged.isEmpty && sender.heldBytes == 0 && !estimator.isWaiting
    }

    /// Loads an idle link for a moment, to know its bandwidth.
    func probe(bytes: Int) {
        probedAt = MonotonicClock.now
        send(.probe(number: 0, bytes: ByteBuffer(repeating: 0, count: bytes)))
    }

    private func numbered(_ frame: Frame) -> Frame {
        switch frame {
        case .tensor(_, let model, let key, let stop, let tensor):
            nextNumber += 1
            return .tensor(number: nextNumber, model: model, key: key, stop: stop, tensor: tensor)
        case .ping:
            nextNumber += 1
            return .ping(number: nextNumber)
        case .probe(_, let bytes):
            nextNumber += 1
            return .probe(number: nextNumber, bytes: bytes)
        default:
            return frame
        }
    }

    private func transmit(_ frame: Frame, over connection: FrameConnection) {
        let byteCount = frame.byteCountEstimate
        guard sender.heldBytes + byteCount <= limits.maximumPendingBytes else {
            return callbacks.undelivered(frame, "too much waits for the link to board \(peer)")
        }
        switch frame {
        case .tensor(let number, let model, let key, let stop, var tensor):
            measure(number, byteCount)
            tensor.bytes = ByteBuffer()
            unacknowledged.append(
                (number, .tensor(number: number, model: model, key: key, stop: stop, tensor: tensor)))
        case .ping(let number), .probe(let number, _):
            measure(number, byteCount)
        default:
            break
        }
        let generation = generation
        sender.send(bytes: byteCount) { [weak self] in
            guard let self, generation == self.generation else { return }
            if !connection.send(frame) { connection.close("board \(self.peer) takes too little too slowly") }
        }
    }

    private func measure(_ number: UInt64, _ byteCount: Int) {
        estimator.sent(
            number: number, bytes: byteCount, now: MonotonicClock.now, isDisturbed: callbacks.isSharing())
    }

    private func connect() {
        generation += 1
        let generation = generation
        let bootstrap = TransportSockets.configure(ClientBootstrap(group: loop), limits: limits)
        let bound = NIOLoopBound(self, eventLoop: loop)
        bootstrap.channelInitializer { channel in
            channel.eventLoop.makeCompletedFuture {
                let link = bound.value
                try channel.pipeline.syncOperations.addHandler(
                    FrameConnection(
                        channel: channel, limits: link.limits,
                        onFrame: { link.receive($1, over: $0) },
                        onClose: { if generation == link.generation { link.fail($1) } }))
            }
        }
        .connect(host: endpoint.host, port: endpoint.port)
        .flatMapThrowing { channel in
            NIOLoopBound(
                try channel.pipeline.syncOperations.handler(type: FrameConnection.self), eventLoop: channel.eventLoop)
        }
        .assumeIsolated()
        .whenComplete { result in
            guard generation == self.generation else { return }
            switch result {
            case .success(let connection): self.opened(connection.value)
            case .failure(let error): self.fail("\(error)")
            }
        }
    }

    private func opened(_ connection: FrameConnection) {
        guard case .connecting(let waiting, _) = state else { return }
        state = .open(connection)
        connection.send(.hello(node: own, role: .runner))
        send(.ping(number: 0))
        for frame in waiting { transmit(frame, over: connection) }
    }

    /// The connection is gone: whatever was on its way may or may not have arrived.
    private func fail(_ reason: String) {
        estimator.disconnected()
        var lost = unacknowledged.map(\.frame)
        if case .connecting(let waiting, _) = state { lost += waiting }
        unacknowledged = []
        state = .idle
        generation += 1
        for frame in lost {
            callbacks.undelivered(frame, "board \(peer) at \(endpoint) cannot be reached: \(reason)")
        }
    }

    private func receive(_ frame: Frame, over connection: FrameConnection) {
        switch frame {
        case .acknowledgement(let number):
            unacknowledged.removeAll { $0.number == number }
            let changes = estimator.changes
            estimator.acknowledged(number: number, now: MonotonicClock.now, isDisturbed: callbacks.isSharing())
            if estimator.changes != changes { callbacks.linkChanged() }
        case .pong(let number):
            estimator.acknowledged(number: number, now: MonotonicClock.now)
        case .hello(let node, _):
            if node != peer {
                connection.close("at \(endpoint) board \(node) answers, not \(peer)")
            }
        default:
            callbacks.frame(connection, frame)
        }
    }
}

extension Frame {
    /// Bytes on the wire, near enough for bounds and pacing.
    var byteCountEstimate: Int { FrameFormat.prefixBytes + 112 + (payload?.readableBytes ?? 0) }
}
