import Agent
import Glibc
import Testing

/// The service manager's end: a real datagram socket.
private final class Manager {
    let name: String
    private let descriptor: Int32

    init(abstract: Bool) throws {
        let unique = "lamella-test-\(getpid())-\(UInt64.random(in: 0 ..< .max))"
        name = abstract ? "@" + unique : "/tmp/" + unique
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        try #require(descriptor >= 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        var bytes = Array(name.utf8)
        if abstract { bytes[0] = 0 }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        let length = MemoryLayout<sa_family_t>.size + bytes.count + (abstract ? 0 : 1)
        let descriptor = self.descriptor
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, socklen_t(length)) }
        }
        try #require(bound == 0)
    }

    deinit {
        close(descriptor)
        if name.hasPrefix("/") { unlink(name) }
    }

    /// The next datagram, which has been sent already.
    func receive() -> String {
        var buffer = [UInt8](repeating: 0, count: 1024)
        let count = recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
        return String(decoding: buffer.prefix(max(0, count)), as: UTF8.self)
    }
}

@Suite struct ServiceNotifierTests {
    @Test(arguments: [false, true]) func everyMessageReachesTheManager(abstract: Bool) throws {
        let manager = try Manager(abstract: abstract)
        let notifier = ServiceNotifier(environment: ["NOTIFY_SOCKET": manager.name], processID: 1)
        try notifier.send(.ready)
        #expect(manager.receive() == "READY=1")
        try notifier.send(.watchdog)
        #expect(manager.receive() == "WATCHDOG=1")
        try notifier.send(.stopping)
        #expect(manager.receive() == "STOPPING=1")
        try notifier.send(.reloading(monotonicMicroseconds: 42))
        #expect(manager.receive() == "RELOADING=1\nMONOTONIC_USEC=42")
        try notifier.sendReloading()
        #expect(manager.receive().hasPrefix("RELOADING=1\nMONOTONIC_USEC="))
        try notifier.send(.status("leader\nREADY=0"))
        #expect(manager.receive() == "STATUS=leader READY=0")
    }

    @Test func withoutAManagerNothingIsSentAndNothingFails() throws {
        let notifier = ServiceNotifier(environment: [:], processID: 1)
        #expect(notifier.socketPath == nil)
        try notifier.send(.ready)
    }

    @Test(arguments: ["relative", "/" + String(repeating: "x", count: 200), "@nobody-is-there", "/nobody/is/there"])
    func aManagerThatCannotBeToldIsNamed(name: String) throws {
        let notifier = ServiceNotifier(environment: ["NOTIFY_SOCKET": name], processID: 1)
        let error = try #require(throws: ServiceNotifierError.self) { try notifier.send(.ready) }
        #expect(error.description.contains(name))
    }

    @Test func theWatchdogIsForTheProcessThatTheManagerMeans() {
        let environment = ["WATCHDOG_USEC": "2000000", "WATCHDOG_PID": "7"]
        #expect(ServiceNotifier(environment: environment, processID: 7).watchdogInterval == .seconds(2))
        #expect(ServiceNotifier(environment: environment, processID: 8).watchdogInterval == nil)
        #expect(ServiceNotifier(environment: ["WATCHDOG_USEC": "5"], processID: 1).watchdogInterval == .microseconds(5))
        for text in ["0", "-1", "soon", "99999999999999999999"] {
            #expect(ServiceNotifier(environment: ["WATCHDOG_USEC": text], processID: 1).watchdogInterval == nil)
        }
    }
}
