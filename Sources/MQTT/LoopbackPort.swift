import Glibc

/// TCP ports of 127.0.0.1.
package enum LoopbackPort {
    /// Below the ports that Linux gives to outgoing connections (32,768 to 60,999): one of those could take the port
    /// of a broker that is just being restarted.
    static let range = 20_000..<32_000
    /// Ports tried before giving up.
    static let maximumAttempts = 200

    /// A port that no one listens on now, taken at random so that programs that start together rarely collide.
    package static func free() throws(PrivateBrokerError) -> Int {
        for _ in 0..<maximumAttempts {
            let port = Int.random(in: range)
            if isFree(port) { return port }
        }
        throw .noFreePort("\(maximumAttempts) ports from \(range.lowerBound) to \(range.upperBound - 1) are all in use")
    }

    static func isFree(_ port: Int) -> Bool {
        guard let socket = bound(to: port) else { return false }
        defer { close(socket) }
        // Binding alone succeeds beside a listener that was bound with SO_REUSEADDR; listening does not.
        return listen(socket, 1) == 0
    }

    static func accepts(_ port: Int) -> Bool {
        let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard socket >= 0 else { return false }
        defer { close(socket) }
        return withAddress(port) { connect(socket, $0, $1) == 0 }
    }

    private static func bound(to port: Int) -> Int32? {
        let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard socket >= 0 else { return nil }
        var on: Int32 = 1
        setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
        guard withAddress(port, { bind(socket, $0, $1) == 0 }) else {
            close(socket)
            return nil
        }
        return socket
    }

    private static func withAddress(_ port: Int, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Bool) -> Bool {
        guard let number = UInt16(exactly: port) else { return false }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = number.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }
}
