import CMosquitto
import Glibc
import Synchronization

/// What other threads hand to a client's thread: bounded, and with a descriptor that wakes it.
final class MQTTOutbox: Sendable {
    enum Stop: Sendable { case orderly, abrupt }

    private struct State {
        var isConnected = false
        var stop: Stop?
        var hasEnded = false
        var waiters: [CheckedContinuation<Void, Never>] = []
        var publications: [MQTTPublication] = []
        /// Index of the first publication that is not taken yet; the taken ones are removed in one go.
        var head = 0
        var queuedBytes = 0
        var newSubscriptions: [MQTTSubscription] = []
        var subscriptions: [MQTTSubscription] = []
    }

    private let settings: MQTTSettings
    private let state = Mutex(State())
    /// An eventfd that is readable while something is to be done.
    let wakeDescriptor: Int32

    init(settings: MQTTSettings) throws(MQTTError) {
        self.settings = settings
        wakeDescriptor = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
        guard wakeDescriptor >= 0 else {
            throw .system("no descriptor for the MQTT client: \(String(cString: strerror(errno)))")
        }
    }

    deinit { close(wakeDescriptor) }

    var isConnected: Bool { state.withLock { $0.isConnected } }
    var stopRequest: Stop? { state.withLock { $0.stop } }
    var subscriptions: [MQTTSubscription] { state.withLock { $0.subscriptions } }

    // MARK: Called by any thread

    func append(_ publication: MQTTPublication) throws(MQTTError) {
        try Self.check(publication, limit: settings.maximumPayloadBytes)
        let topic = publication.topic
        let settings = self.settings
        let problem: MQTTError? = state.withLock { state in
            if state.stop != nil { return .stopped(topic: topic) }
            guard state.isConnected else { return .notConnected(topic: topic) }
            guard state.publications.count - state.head < settings.maximumQueuedMessages else {
                return .queueFull(topic: topic, limit: settings.maximumQueuedMessages, unit: "messages")
            }
            guard state.queuedBytes + publication.payload.count <= settings.maximumQueuedBytes else {
                return .queueFull(topic: topic, limit: settings.maximumQueuedBytes, unit: "bytes")
            }
            state.publications.append(publication)
            state.queuedBytes += publication.payload.count
            return nil
        }
        if let problem { throw problem }
        wake()
    }

    func subscribe(_ subscription: MQTTSubscription) throws(MQTTError) {
        guard !subscription.filter.isEmpty, !subscription.filter.utf8.contains(0),
            mosquitto_sub_topic_check2(subscription.filter, subscription.filter.utf8.count) == MOSQ_ERR_SUCCESS.code
        else { throw .invalidTopic(topic: subscription.filter, reason: "not a topic filter of MQTT") }
        let limit = settings.maximumSubscriptions
        let problem: MQTTError? = state.withLock { state in
            if state.stop != nil { return .stopped(topic: subscription.filter) }
            if !state.subscriptions.contains(subscription) {
                guard state.subscriptions.count < limit else {
                    return .queueFull(topic: subscription.filter, limit: limit, unit: "subscriptions")
                }
                state.subscriptions.append(subscription)
            }
            if state.isConnected { state.newSubscriptions.append(subscription) }
            return nil
        }
        if let problem { throw problem }
        wake()
    }

    func requestStop(_ stop: Stop) {
        state.withLock { state in
            if state.stop == nil || stop == .abrupt { state.stop = stop }
        }
        wake()
    }

    /// Returns when the client's thread has ended.
    func stop(_ stop: Stop) async {
        requestStop(stop)
        await withCheckedContinuation { continuation in
            let hasEnded = state.withLock { state in
                if !state.hasEnded { state.waiters.append(continuation) }
                return state.hasEnded
            }
            if hasEnded { continuation.resume() }
        }
    }

    static func check(_ publication: MQTTPublication, limit: Int) throws(MQTTError) {
        guard !publication.topic.utf8.contains(0),
            mosquitto_pub_topic_check2(publication.topic, publication.topic.utf8.count) == MOSQ_ERR_SUCCESS.code,
            !publication.topic.isEmpty
        else {
            throw .invalidTopic(
                topic: publication.topic, reason: "it is empty, too long, or contains '+', '#' or a NUL character")
        }
        guard publication.payload.count <= limit else {
            throw .payloadTooLarge(topic: publication.topic, bytes: publication.payload.count, limit: limit)
        }
    }

    private func wake() {
        // Fails only when the counter is at its limit, and then the thread is awake anyway.
        _ = eventfd_write(wakeDescriptor, 1)
    }

    // MARK: Called by the client's thread

    func clearWake() {
        var count: eventfd_t = 0
        _ = eventfd_read(wakeDescriptor, &count)
    }

    func setConnected() {
        state.withLock { state in
            state.isConnected = true
            state.newSubscriptions = []
        }
    }

    /// Forgets what is queued: see `MQTTClient`.
    func setDisconnected() {
        state.withLock { state in
            state.isConnected = false
            state.publications = []
            state.head = 0
            state.queuedBytes = 0
            state.newSubscriptions = []
        }
    }

    func takeSubscriptions() -> [MQTTSubscription] {
        state.withLock { state in
            let taken = state.newSubscriptions
            state.newSubscriptions = []
            return taken
        }
    }

    func takePublication() -> MQTTPublication? {
        state.withLock { state in
            guard state.head < state.publications.count else { return nil }
            let taken = state.publications[state.head]
            state.head += 1
            state.queuedBytes -= taken.payload.count
            if state.head == state.publications.count || state.head >= settings.maximumQueuedMessages {
                state.publications.removeFirst(state.head)
                state.head = 0
            }
            return taken
        }
    }

    func setEnded() {
        let waiters = state.withLock { state in
            state.hasEnded = true
            let waiters = state.waiters
            state.waiters = []
            return waiters
        }
        for waiter in waiters { waiter.resume() }
    }
}
