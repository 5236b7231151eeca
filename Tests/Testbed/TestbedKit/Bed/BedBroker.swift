import ChildProcesses
import Glibc
import MQTT
import NIOPosix

/// The bed's mosquitto, on the address of its bridge.
final class BedBroker: Sendable {
    static let startTimeout: Duration = .seconds(10)
    static let stopTimeout: Duration = .seconds(3)

    let address: BrokerAddress
    private let process: ChildProcess

    private init(address: BrokerAddress, process: ChildProcess) {
        self.address = address
        self.process = process
    }

    /// Starts the broker and returns when it accepts connections.
    ///
    /// - Parameters:
    ///   - folder: exists; configuration and log are written there.
    ///   - group: the broker's control group, so that it waits for nobody else on the machine.
    static func start(host: String, folder: String, group: ControlGroup) async throws -> BedBroker {
        guard let program = SystemCommand.find("mosquitto") else {
            throw TestbedError("there is no program 'mosquitto'; install it")
        }
        let address = BrokerAddress(host: host, port: BrokerAddress.standardPort)
        let log = "\(folder)/mosquitto.log"
        let configuration = "\(folder)/mosquitto.conf"
        let text = """
            listener \(address.port) \(host)
            allow_anonymous true
            user root
            persistence false
            message_size_limit 262144
            log_dest stderr

            """
        try await NIOThreadPool.singleton.runIfActive {
            guard let file = fopen(configuration, "we") else {
                throw TestbedError("cannot write \(configuration)", code: errno)
            }
            let written = fputs(text, file)
            guard fclose(file) == 0, written >= 0 else {
                throw TestbedError("cannot write \(configuration)", code: errno)
            }
        }
        let child = try await ChildProcess.start(
            ChildOptions(
                program: "/bin/sh",
                arguments: ["-c", "\(group.joining) && exec \"$0\" \"$@\"", program, "-c", configuration],
                standardError: .file(log)),
            group: MultiThreadedEventLoopGroup.singleton)
        Task { for await _ in child.events {} }
        do {
            try await NIOThreadPool.singleton.runIfActive { try waitUntilReady(address, child, log: log) }
        } catch {
            await child.terminate(grace: stopTimeout)
            throw error
        }
        return BedBroker(address: address, process: child)
    }

    func stop() async { await process.terminate(grace: Self.stopTimeout) }

    private static func waitUntilReady(_ address: BrokerAddress, _ process: ChildProcess, log: String) throws {
        let deadline = ContinuousClock.now + startTimeout
        while !accepts(address) {
            if let exit = process.exit {
                let text = (try? KernelFile.read(log)) ?? ""
                throw TestbedError("mosquitto at \(address) ended with \(exit): \(text.suffix(300))")
            }
            guard ContinuousClock.now < deadline else {
                throw TestbedError("mosquitto at \(address) did not answer within \(startTimeout)")
            }
            // The pause between two attempts to connect.
            _ = poll(nil, 0, 5)
        }
    }

    private static func accepts(_ address: BrokerAddress) -> Bool {
        let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard socket >= 0 else { return false }
        defer { close(socket) }
        var name = sockaddr_in()
        name.sin_family = sa_family_t(AF_INET)
        name.sin_port = UInt16(truncatingIfNeeded: address.port).bigEndian
        guard inet_pton(AF_INET, address.host, &name.sin_addr) == 1 else { return false }
        return withUnsafePointer(to: &name) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }
}
