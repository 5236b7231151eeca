import CMosquitto
import Glibc

/// One connection to the broker, from connect to its end, on the client's thread.
final class MQTTConnection {
    private let settings: MQTTSettings
    private let outbox: MQTTOutbox
    private let onEvent: MQTTClient.Handler
    private let client: OpaquePointer?
    /// Did the broker accept this connection at any time?
    private(set) var wasAccepted = false
    private var refusal: String?
    private var hasEnded = false
    private var unacknowledged: Set<Int32> = []
    private var pendingSubscriptions: [Int32: String] = [:]
    private var goodbyeQueued = false

    init(settings: MQTTSettings, outbox: MQTTOutbox, onEvent: @escaping MQTTClient.Handler) {
        self.settings = settings
        self.outbox = outbox
        self.onEvent = onEvent
        client = mosquitto_new(settings.clientID, true, nil)
        guard let client else { return }
        mosquitto_user_data_set(client, Unmanaged.passUnretained(self).toOpaque())
        mosquitto_connect_callback_set(client) { _, context, code in MQTTConnection.from(context)?.accepted(code) }
        mosquitto_disconnect_callback_set(client) { _, context, _ in MQTTConnection.from(context)?.hasEnded = true }
        mosquitto_publish_callback_set(client) { _, context, message in
            MQTTConnection.from(context)?.unacknowledged.remove(message)
        }
        mosquitto_subscribe_callback_set(client) { _, context, message, count, granted in
            MQTTConnection.from(context)?.subscribed(message, granted: count > 0 ? granted?[0] : nil)
        }
        mosquitto_message_callback_set(client) { _, context, message in
            if let message { MQTTConnection.from(context)?.received(message.pointee) }
        }
    }

    deinit { if let client { mosquitto_destroy(client) } }

    private static func from(_ context: UnsafeMutableRawPointer?) -> MQTTConnection? {
        context.map { Unmanaged<MQTTConnection>.fromOpaque($0).takeUnretainedValue() }
    }

    /// Runs until the connection ends, and says why it did.
    func run() -> String {
        guard let client else { return "libmosquitto refuses the client identifier '\(settings.clientID)'" }
        if let will = settings.will {
            let code = mosquitto_will_set(
                client, will.topic, Int32(will.payload.count), will.payload, will.qualityOfService.rawValue,
                will.retained)
            guard code == MOSQ_ERR_SUCCESS.code else {
                return "libmosquitto refuses the last will on \(will.topic): \(text(code))"
            }
        }
        let code = mosquitto_connect_async(
            client, settings.host, Int32(settings.port), Int32(max(5, settings.keepAliveS)))
        guard code == MOSQ_ERR_SUCCESS.code else { return unreachable(code, systemError: errno) }
        // A child process that inherits the socket would keep the connection alive after us, and the will unsent.
        _ = fcntl(mosquitto_socket(client), F_SETFD, FD_CLOEXEC)
        let reason = pump(client)
        outbox.setDisconnected()
        return reason
    }

    private func pump(_ client: OpaquePointer) -> String {
        let connectDeadline = ContinuousClock.now + settings.connectTimeout
        var stopDeadline: ContinuousClock.Instant?
        while true {
            let now = ContinuousClock.now
            if let stop = outbox.stopRequest {
                guard stop == .orderly, wasAccepted else { return "stopped" }
                let deadline = stopDeadline ?? now + settings.stopTimeout
                stopDeadline = deadline
                if now >= deadline { return "stopped" }
                if queueIsSent(client), sayGoodbye(client) { return "stopped" }
            }
            if !wasAccepted, now >= connectDeadline {
                return "the broker at \(address) did not answer within \(settings.connectTimeout)"
            }
            if wasAccepted { send(client) }
            if let reason = moveBytes(client) { return reason }
        }
    }

    /// Waits for the socket or a wake-up and lets libmosquitto work; says why, if the connection is over.
    private func moveBytes(_ client: OpaquePointer) -> String? {
        let socket = mosquitto_socket(client)
        guard socket >= 0 else { return lost() }
        var descriptors = [
            pollfd(
                fd: socket, events: Int16(POLLIN | (mosquitto_want_write(client) || !wasAccepted ? POLLOUT : 0)),
                revents: 0),
            pollfd(fd: outbox.wakeDescriptor, events: Int16(POLLIN), revents: 0),
        ]
        // A second at most: libmosquitto keeps the connection alive from `loop_misc`. An unanswered CONNECT leaves
        // the socket writable, so only poll for that until the connection is made.
        if !wasAccepted, !mosquitto_want_write(client) { descriptors[0].events = Int16(POLLIN) }
        let wait: Int32 = outbox.stopRequest == nil ? 500 : 20
        guard poll(&descriptors, 2, wait) >= 0 || errno == EINTR else {
            return "waiting for the broker failed: \(String(cString: strerror(errno)))"
        }
        if descriptors[1].revents != 0 { outbox.clearWake() }
        let ready = Int32(descriptors[0].revents)
        if !wasAccepted, ready & (POLLERR | POLLHUP) != 0, let error = pendingError(of: socket) {
            return unreachable(MOSQ_ERR_ERRNO.code, systemError: error)
        }
        var code = MOSQ_ERR_SUCCESS.code
        if ready & POLLOUT != 0 { code = mosquitto_loop_write(client, 1) }
        if code == MOSQ_ERR_SUCCESS.code, ready & (POLLIN | POLLERR | POLLHUP) != 0 {
            code = mosquitto_loop_read(client, 1)
        }
        let systemError = errno
        if code == MOSQ_ERR_SUCCESS.code { code = mosquitto_loop_misc(client) }
        if let refusal { return refusal }
        guard code == MOSQ_ERR_SUCCESS.code, !hasEnded else {
            return lost(code == MOSQ_ERR_ERRNO.code ? String(cString: strerror(systemError)) : text(code))
        }
        return nil
    }

    // MARK: Sending

    private func send(_ client: OpaquePointer) {
        for subscription in outbox.takeSubscriptions() { subscribe(subscription, client) }
        while unacknowledged.count < settings.maximumUnacknowledgedMessages, !mosquitto_want_write(client),
            let publication = outbox.takePublication()
        {
            send(publication, client)
        }
    }

    private func send(_ publication: MQTTPublication, _ client: OpaquePointer) {
        var message: Int32 = 0
        let code = mosquitto_publish(
            client, &message, publication.topic, Int32(publication.payload.count), publication.payload,
            publication.qualityOfService.rawValue, publication.retained)
        if code == MOSQ_ERR_SUCCESS.code {
            if publication.qualityOfService == .atLeastOnce { unacknowledged.insert(message) }
        } else {
            onEvent(.undeliverable(topic: publication.topic, reason: text(code)))
        }
    }

    private func subscribe(_ subscription: MQTTSubscription, _ client: OpaquePointer) {
        var message: Int32 = 0
        let code = mosquitto_subscribe(
            client, &message, subscription.filter, subscription.qualityOfService.rawValue)
        if code == MOSQ_ERR_SUCCESS.code {
            pendingSubscriptions[message] = subscription.filter
        } else {
            onEvent(.undeliverable(topic: subscription.filter, reason: text(code)))
        }
    }

    /// Is everything that was queued before the stop with the broker?
    private func queueIsSent(_ client: OpaquePointer) -> Bool {
        send(client)
        return unacknowledged.isEmpty && !mosquitto_want_write(client)
    }

    /// Publishes the will, then takes leave; true when both are done.
    private func sayGoodbye(_ client: OpaquePointer) -> Bool {
        if !goodbyeQueued {
            goodbyeQueued = true
            if let will = settings.will {
                send(will, client)
                return false
            }
        }
        mosquitto_disconnect(client)
        return true
    }

    // MARK: Callbacks of libmosquitto, on this thread

    private func accepted(_ code: Int32) {
        guard code == 0 else {
            refusal =
                "the broker at \(address) refuses the connection: "
                + lowercasingSentence(String(cString: mosquitto_connack_string(code)))
            return
        }
        wasAccepted = true
        // In this order a subscription from another thread is sent by one of the two, and not by none.
        outbox.setConnected()
        if let client { for subscription in outbox.subscriptions { subscribe(subscription, client) } }
        onEvent(.connected)
    }

    private func subscribed(_ message: Int32, granted: Int32?) {
        guard let filter = pendingSubscriptions.removeValue(forKey: message) else { return }
        onEvent((granted ?? 128) >= 128 ? .subscriptionRefused(filter: filter) : .subscribed(filter: filter))
    }

    private func received(_ message: mosquitto_message) {
        guard let name = message.topic else { return }
        let topic = String(cString: name)
        let bytes = Int(message.payloadlen)
        guard bytes <= settings.maximumPayloadBytes else {
            onEvent(.oversized(topic: topic, bytes: bytes, limit: settings.maximumPayloadBytes))
            return
        }
        let payload = [UInt8](UnsafeRawBufferPointer(start: message.payload, count: message.payload == nil ? 0 : bytes))
        onEvent(.message(topic: topic, payload: payload, retained: message.retain))
    }

    // MARK: Sentences

    private var address: String {
        settings.host.contains(":") ? "[\(settings.host)]:\(settings.port)" : "\(settings.host):\(settings.port)"
    }

    private func lost(_ detail: String = "the connection was closed") -> String {
        wasAccepted
            ? "the connection to the broker at \(address) was lost: \(detail)"
            : "the broker at \(address) closed the connection before it answered: \(detail)"
    }

    private func unreachable(_ code: Int32, systemError: Int32) -> String {
        let detail =
            switch code {
            case MOSQ_ERR_ERRNO.code: String(cString: strerror(systemError))
            case MOSQ_ERR_EAI.code: "the host name is unknown"
            default: text(code)
            }
        return "no broker answers at \(address): \(lowercasingSentence(detail)); is mosquitto running there?"
    }

    private func text(_ code: Int32) -> String { lowercasingSentence(String(cString: mosquitto_strerror(code))) }

    /// libmosquitto's texts are sentences of their own; these become parts of ours.
    private func lowercasingSentence(_ sentence: String) -> String {
        var text = sentence.hasPrefix("Connection Refused: ") ? String(sentence.dropFirst(20)) : sentence
        if text.last == "." { text.removeLast() }
        return text.prefix(1).lowercased() + text.dropFirst()
    }

    private func pendingError(of socket: Int32) -> Int32? {
        var error: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        guard getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &size) == 0, error != 0 else { return nil }
        return error
    }
}
