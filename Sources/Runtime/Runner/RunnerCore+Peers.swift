import Cluster
import Costs
import NIOCore

/// Who we talk to: links to other runners, connections that others made, blobs in both directions.
extension RunnerCore {
    /// The one piece of a blob that the loader waits for.
    struct BlobWaiter {
        var peer: NodeID
        var sha256: String
        var promise: EventLoopPromise<BlobPiece>
        var timeout: Scheduled<Void>
    }

    /// Pieces that are being read from disk for one connection.
    private static let maximumServedBlobs = 4

    func configure(_ configuration: RunnerConfiguration) {
        self.configuration = configuration
        executor.flops = configuration.emulation?.flops
        let emulated = configuration.emulation?.links ?? []
        for link in emulated { sender(for: link.peer).emulate(link) }
        for (peer, sender) in senders where !emulated.contains(where: { $0.peer == peer }) { sender.emulate(nil) }
        for peer in configuration.peers { add(peer) }
    }

    func add(_ peer: PeerAddress) {
        guard peer.node != node else { return }
        if let link = links[peer.node] { return link.move(to: peer.endpoint) }
        links[peer.node] = PeerLink(
            peer: peer, own: node, loop: loop, limits: limits, sender: sender(for: peer.node),
            callbacks: .init(
                frame: { [weak self] in self?.receive($1, over: $0) },
                undelivered: { [weak self] in self?.undelivered($0, to: peer.node, $1) },
                linkChanged: { [weak self] in self?.reportLink(to: peer.node) },
                isSharing: { [weak self] in self?.isSharing ?? false }))
    }

    private func sender(for peer: NodeID) -> PacedSender {
        if let sender = senders[peer] { return sender }
        let sender = PacedSender(loop: loop)
        senders[peer] = sender
        return sender
    }

    /// A connection that somebody made to us.
    func accept(_ channel: any Channel) throws {
        guard accepted.count < limits.maximumConnections else {
            logger.warning("a connection was refused: \(limits.maximumConnections) are open, the most")
            throw TransportError("too many connections")
        }
        let connection = FrameConnection(
            channel: channel, limits: limits,
            onFrame: { [weak self] in self?.receive($1, over: $0) },
            onClose: { [weak self] in self?.closed($0, $1) })
        try channel.pipeline.syncOperations.addHandler(connection)
        accepted[ObjectIdentifier(connection)] = connection
        loop.assumeIsolated().scheduleTask(in: .nanoseconds(Int64(limits.helloTimeoutS * 1e9))) { [weak connection] in
            guard let connection, connection.peer == nil else { return }
            connection.close("\(connection.remote) did not say who it is for too long")
        }
    }

    private func closed(_ connection: FrameConnection, _ reason: String) {
        accepted[ObjectIdentifier(connection)] = nil
        held = held.filter { $0.value !== connection }
        logger.info(
            "a connection with \(connection.peer?.node ?? "a stranger") at \(connection.remote) ended: \(reason)")
    }

    func receive(_ frame: Frame, over connection: FrameConnection) {
        switch frame {
        case .hello:
            connection.send(.hello(node: node, role: .runner))
        case .ping(let number):
            reply(.pong(number: number), over: connection)
        case .tensor(let number, let model, let key, let stop, let tensor):
            if connection.peer?.role == .client {
                submit(key, model: model, tensor, from: connection)
            } else {
                reply(.acknowledgement(number: number), over: connection)
                arrived(key, model: model, stop: stop, tensor, from: connection)
            }
        case .probe(let number, _):
            reply(.acknowledgement(number: number), over: connection)
        case .refusal(let key, let code, let sentence):
            refuse(key, code, sentence, from: nil)
        case .blobRequest(let sha256, let offset):
            serve(sha256, offset: offset, over: connection)
        case .blobChunk(let sha256, let offset, let totalBytes, let bytes):
            answerBlobWaiter(sha256, connection, .success(.init(offset: offset, totalBytes: totalBytes, bytes: bytes)))
        case .blobRefusal(let sha256, let sentence):
            answerBlobWaiter(sha256, connection, .failure(TransportError(sentence)))
        case .pong, .acknowledgement:
            break
        }
    }

    /// Sends back on the connection that something came by, as fast as the link to that peer may be.
    func reply(_ frame: Frame, over connection: FrameConnection) {
        guard let peer = connection.peer, peer.role == .runner, let sender = senders[NodeID(peer.node)] else {
            connection.send(frame)
            return
        }
        sender.send(bytes: frame.byteCountEstimate) { connection.send(frame) }
    }

    private func undelivered(_ frame: Frame, to peer: NodeID, _ reason: String) {
        switch frame {
        case .tensor(_, _, let key, _, _): refuse(key, .unreachable, reason, from: nil)
        case .blobRequest: failBlobWaiter(reason)
        default: logger.info("something for board \(peer) was lost: \(reason)")
        }
    }
}

/// Blobs: what we ask for and what we are asked for.
extension RunnerCore {
    /// Asks a peer for a piece of a blob. One is asked for at a time.
    func requestBlob(_ sha256: String, offset: UInt64, from peer: NodeID) -> EventLoopFuture<BlobPiece> {
        guard let link = links[peer] else {
            return loop.makeFailedFuture(TransportError("no address of board \(peer) is known"))
        }
        failBlobWaiter("another blob was asked for")
        let promise = loop.makePromise(of: BlobPiece.self)
        let timeoutS = limits.blobTimeoutS
        let timeout = loop.assumeIsolated().scheduleTask(in: .nanoseconds(Int64(timeoutS * 1e9))) {
            self.failBlobWaiter("board \(peer) did not answer within \(timeoutS) s")
        }
        blobWaiter = BlobWaiter(peer: peer, sha256: sha256, promise: promise, timeout: timeout)
        link.send(.blobRequest(sha256: sha256, offset: offset))
        return promise.futureResult
    }

    private func answerBlobWaiter(
        _ sha256: String, _ connection: FrameConnection, _ answer: Result<BlobPiece, any Error>
    ) {
        guard let waiter = blobWaiter, waiter.sha256 == sha256, connection.peer?.node == waiter.peer.name else {
            return
        }
        blobWaiter = nil
        waiter.timeout.cancel()
        waiter.promise.completeWith(answer)
    }

    func failBlobWaiter(_ reason: String) {
        guard let waiter = blobWaiter else { return }
        blobWaiter = nil
        waiter.timeout.cancel()
        waiter.promise.fail(TransportError(reason))
    }

    private func serve(_ sha256: String, offset: UInt64, over connection: FrameConnection) {
        guard connection.servedBlobs < Self.maximumServedBlobs else {
            return reply(
                .blobRefusal(sha256: sha256, sentence: "too many pieces are asked for at once"), over: connection)
        }
        connection.servedBlobs += 1
        let store = store
        let pieceBytes = limits.maximumBlobChunkBytes
        reader.runIfActive(eventLoop: loop) {
            try store.read(sha256, offset: Int(clamping: offset), maximumBytes: pieceBytes)
        }
        .assumeIsolated()
        .whenComplete { result in
            connection.servedBlobs -= 1
            switch result {
            case .success(let (bytes, totalBytes)):
                self.reply(
                    .blobChunk(sha256: sha256, offset: offset, totalBytes: UInt64(totalBytes), bytes: bytes),
                    over: connection)
            case .failure(let error):
                self.reply(.blobRefusal(sha256: sha256, sentence: "\(error)"), over: connection)
            }
        }
    }
}
