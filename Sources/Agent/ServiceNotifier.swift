import Glibc

/// Tells the service manager how the agent is (the protocol of sd_notify(3)), without libsystemd.
///
/// Without `NOTIFY_SOCKET` in the environment nobody is told, and nothing fails.
public struct ServiceNotifier: Sendable, Equatable {
    public enum Message: Sendable, Equatable {
        case ready
        case stopping
        /// Configuration is being read again; followed by `ready`.
        ///
        /// - Parameter monotonicMicroseconds: CLOCK_MONOTONIC, so that the manager can tell it from an older one.
        case reloading(monotonicMicroseconds: UInt64)
        /// The loops advance.
        case watchdog
        /// One line for `systemctl status`.
        case status(String)

        /// The text of the datagram.
        public var text: String {
            switch self {
            case .ready: "READY=1"
            case .stopping: "STOPPING=1"
            case .reloading(let microseconds): "RELOADING=1\nMONOTONIC_USEC=\(microseconds)"
            case .watchdog: "WATCHDOG=1"
            // A newline would begin another assignment.
            case .status(let line): "STATUS=" + line.map { $0.isNewline ? " " : String($0) }.joined()
            }
        }
    }

    /// Path of the socket, or `@` and its abstract name; nil: there is no service manager.
    public let socketPath: String?
    /// The manager expects a `watchdog` message at least this often; nil: it does not watch.
    public let watchdogInterval: Duration?

    /// - Parameter environment: the process's own; `WATCHDOG_PID`, where set, must be `processID`.
    public init(environment: [String: String], processID: Int) {
        socketPath = environment["NOTIFY_SOCKET"].flatMap { $0.isEmpty ? nil : $0 }
        let watched = environment["WATCHDOG_PID"].flatMap { Int($0) } ?? processID
        if let text = environment["WATCHDOG_USEC"], let microseconds = Int64(text), microseconds > 0,
            watched == processID
        {
            watchdogInterval = .microseconds(microseconds)
        } else {
            watchdogInterval = nil
        }
    }

    /// For the process that runs.
    public init() {
        var environment: [String: String] = [:]
        for name in ["NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"] {
            if let value = getenv(name) { environment[name] = String(cString: value) }
        }
        self.init(environment: environment, processID: Int(getpid()))
    }

    /// Announces that the configuration is being read again, now.
    public func sendReloading() throws(ServiceNotifierError) {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        try send(.reloading(monotonicMicroseconds: UInt64(time.tv_sec) * 1_000_000 + UInt64(time.tv_nsec) / 1000))
    }

    /// Sends one datagram; it does not wait where the manager's queue is full.
    ///
    /// - Throws: `ServiceNotifierError` where the socket's name is invalid or nobody takes the message.
    public func send(_ message: Message) throws(ServiceNotifierError) {
        guard let socketPath else { return }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        var name = Array(socketPath.utf8)
        let capacity = MemoryLayout.size(ofValue: address.sun_path)
        guard let first = name.first, first == UInt8(ascii: "/") || first == UInt8(ascii: "@"), name.count < capacity
        else {
            throw ServiceNotifierError(
                "NOTIFY_SOCKET is '\(socketPath)': it must start with / or @ and have at most \(capacity - 1) bytes")
        }
        // An abstract name starts with a zero byte and has no zero byte at its end.
        let isAbstract = first == UInt8(ascii: "@")
        if isAbstract { name[0] = 0 }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name) }
        let pathOffset = MemoryLayout<sockaddr_un>.size - capacity
        let length = socklen_t(pathOffset + name.count + (isAbstract ? 0 : 1))
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw ServiceNotifierError("no socket for the service manager", code: errno) }
        defer { close(descriptor) }
        let bytes = Array(message.text.utf8)
        let flags = Int32(MSG_DONTWAIT | MSG_NOSIGNAL)
        let sent = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                sendto(descriptor, bytes, bytes.count, flags, pointer, length)
            }
        }
        guard sent == bytes.count else {
            throw ServiceNotifierError("the service manager at \(socketPath) cannot be told", code: errno)
        }
    }
}

/// Why the service manager was not told, in one sentence.
public struct ServiceNotifierError: Error, Sendable, Equatable, CustomStringConvertible {
    public let description: String

    init(_ description: String) { self.description = description }

    init(_ what: String, code: Int32) {
        self.init("\(what): \(strerror(code).map { String(cString: $0) } ?? "error \(code)")")
    }
}
