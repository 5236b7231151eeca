import CMosquitto
import Glibc
import Synchronization

/// A connection to a broker that keeps itself alive.
///
/// One thread of its own owns libmosquitto. Other threads only put messages into a bounded queue and wake it, and
/// its callbacks only hand events to the handler, which must not block. After a loss the client connects again with
/// growing delays, subscribes again, and says `connected`; what was still queued is dropped then, because it may no
/// longer be true: publish what holds now.
///
/// Keep the client as long as it is needed: one that is given up ends at once, as `stopAbruptly` does.
public final class MQTTClient: Sendable {
    public typealias Handler = @Sendable (MQTTEvent) -> Void

    public let settings: MQTTSettings
    let outbox: MQTTOutbox

    /// Starts the client's thread, which connects at once.
    ///
    /// - Parameter onEvent: called on that thread, in order; the last event is `stopped`.
    /// - Throws: `MQTTError.system` where the system gives no thread or descriptor, `invalidTopic` for the will.
    public init(_ settings: MQTTSettings, onEvent: @escaping Handler) throws(MQTTError) {
        self.settings = settings
        if let will = settings.will { try MQTTOutbox.check(will, limit: settings.maximumPayloadBytes) }
        outbox = try MQTTOutbox(settings: settings)
        try MQTTThread.start(MQTTLoop(settings: settings, outbox: outbox, onEvent: onEvent))
    }

    /// Is the broker there? By the time the answer is read it may no longer hold.
    public var isConnected: Bool { outbox.isConnected }

    /// Queues a message for the broker.
    ///
    /// - Throws: `MQTTError`: not connected, stopped, queue full, payload too large, invalid topic.
    public func publish(_ publication: MQTTPublication) throws(MQTTError) {
        try outbox.append(publication)
    }

    /// Queues a message for the broker; see the overload for publications.
    public func publish(
        _ topic: String, _ text: String, qualityOfService: QualityOfService = .atLeastOnce, retained: Bool = false
    ) throws(MQTTError) {
        try publish(
            MQTTPublication(topic: topic, text: text, qualityOfService: qualityOfService, retained: retained))
    }

    /// Subscribes now, if connected, and after each new connection.
    ///
    /// - Throws: `MQTTError` where the filter is invalid or too many are kept.
    public func subscribe(_ filter: String, qualityOfService: QualityOfService = .atLeastOnce) throws(MQTTError) {
        try outbox.subscribe(MQTTSubscription(filter: filter, qualityOfService: qualityOfService))
    }

    /// Sends what is queued and the will, says goodbye, and ends, within `stopTimeout`. `stopped` is the last event.
    public func stop() async { await outbox.stop(.orderly) }

    /// Ends at once without goodbye, as a crash would; the broker then publishes the will.
    public func stopAbruptly() async { await outbox.stop(.abrupt) }

    deinit { outbox.requestStop(.abrupt) }
}

/// A topic filter that is subscribed again after each connection.
struct MQTTSubscription: Sendable, Equatable {
    var filter: String
    var qualityOfService: QualityOfService
}

/// Runs a loop on a thread of its own: libmosquitto blocks, so it never runs on the cooperative pool.
private enum MQTTThread {
    private final class Box {
        let loop: MQTTLoop
        init(_ loop: MQTTLoop) { self.loop = loop }
    }

    private static let libraryReady: Bool = mosquitto_lib_init() == MOSQ_ERR_SUCCESS.code

    static func start(_ loop: sending MQTTLoop) throws(MQTTError) {
        guard libraryReady else { throw .system("libmosquitto could not be set up") }
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        var thread = pthread_t()
        let box = Unmanaged.passRetained(Box(loop))
        let result = pthread_create(
            &thread, &attributes,
            { argument in
                if let argument { Unmanaged<Box>.fromOpaque(argument).takeRetainedValue().loop.run() }
                return nil
            }, box.toOpaque())
        guard result == 0 else {
            box.release()
            throw .system("no thread for the MQTT client: \(String(cString: strerror(result)))")
        }
    }
}

extension mosq_err_t {
    /// The value as the functions of libmosquitto return it.
    var code: Int32 { Int32(rawValue) }
}
