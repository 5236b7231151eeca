import ChildProcesses
import Glibc
import NIOPosix
import Synchronization

/// A mosquitto of our own on a loopback port, for `lamella up` and for tests: nothing is kept on disk, everyone on
/// this machine may connect, and it ends with the object, or with this process, however that ends.
public final class PrivateBroker: Sendable {
    /// For the first connection after a start.
    public static let startTimeout: Duration = .seconds(10)
    /// For a broker that answers but does not say that it runs.
    public static let settleTime: Duration = .milliseconds(500)
    /// After this, a broker that was asked to end is killed.
    public static let stopTimeout: Duration = .seconds(3)
    /// Ports tried, where none was asked for and another program takes the free one first.
    public static let maximumPortAttempts = 8

    public let host = "127.0.0.1"
    public let port: Int
    /// Holds `mosquitto.conf` and `mosquitto.log`.
    public let folder: String
    private let executable: String
    private let process: Mutex<ChildProcess?>

    private init(port: Int, folder: String, executable: String, process: ChildProcess) {
        self.port = port
        self.folder = folder
        self.executable = executable
        self.process = Mutex(process)
    }

    /// Whoever drops the broker may want its port at once: this waits the millisecond that killing it takes.
    deinit {
        guard let process = take() else { return }
        process.send(signal: Int(SIGKILL))
        var waitedMS = 0
        while process.exit == nil, waitedMS < 1000 { waitedMS += poll(nil, 0, 1) == 0 ? 1 : 0 }
    }

    /// Starts a broker and returns when it accepts connections.
    ///
    /// - Parameters:
    ///   - folder: made if missing; configuration and log are written there.
    ///   - port: nil takes a free one.
    ///   - messageSizeLimit: longest payload in bytes that the broker takes.
    ///   - searchPath: folders for `mosquitto`, nil for `PATH`; `/usr/sbin` and `/usr/local/sbin` come after.
    /// - Throws: `PrivateBrokerError`.
    public static func start(
        in folder: String, port: Int? = nil, messageSizeLimit: Int = 256 * 1024, searchPath: String? = nil
    ) async throws -> PrivateBroker {
        let executable = try await OwnThread.run { try findExecutable(searchPath: searchPath) }
        var attempt = 0
        while true {
            attempt += 1
            do {
                let chosen = try await OwnThread.run {
                    let chosen = try port ?? LoopbackPort.free()
                    try writeConfiguration(folder: folder, port: chosen, messageSizeLimit: messageSizeLimit)
                    return chosen
                }
                let process = try await launch(executable: executable, folder: folder, port: chosen)
                return PrivateBroker(port: chosen, folder: folder, executable: executable, process: process)
            } catch PrivateBrokerError.portInUse where port == nil && attempt < maximumPortAttempts {
                continue
            }
        }
    }

    /// Is the process alive?
    public var isRunning: Bool { process.withLock { $0.map { $0.exit == nil } ?? false } }

    /// Asks the broker to end and returns when it has; safe to call again.
    public func stop() async { await take()?.terminate(grace: Self.stopTimeout) }

    /// Ends the broker as a power cut would; safe to call again.
    public func kill() async {
        guard let process = take() else { return }
        await Self.kill(process)
    }

    private static func kill(_ process: ChildProcess) async {
        process.send(signal: Int(SIGKILL))
        _ = await process.waitForExit()
    }

    /// Starts the broker again on the same port with an empty database, after stopping it if it still runs.
    ///
    /// - Throws: `PrivateBrokerError`.
    public func restart() async throws {
        await stop()
        let started = try await Self.launch(executable: executable, folder: folder, port: port)
        process.withLock { $0 = started }
    }

    private func take() -> ChildProcess? {
        process.withLock { process in
            let taken = process
            process = nil
            return taken
        }
    }

    /// Where mosquitto is.
    public static func findExecutable(searchPath: String? = nil) throws(PrivateBrokerError) -> String {
        let path = searchPath ?? getenv("PATH").map { String(cString: $0) } ?? ""
        var folders = path.split(separator: ":").map(String.init)
        if searchPath == nil {
            for folder in ["/usr/sbin", "/usr/local/sbin"] where !folders.contains(folder) { folders.append(folder) }
        }
        guard let found = folders.map({ $0 + "/mosquitto" }).first(where: { access($0, X_OK) == 0 }) else {
            throw .missing(tried: folders)
        }
        return found
    }

    private static func writeConfiguration(
        folder: String, port: Int, messageSizeLimit: Int
    ) throws(PrivateBrokerError) {
        guard mkdir(folder, 0o755) == 0 || errno == EEXIST else {
            throw .folder(path: folder, problem: String(cString: strerror(errno)))
        }
        // A broker that root starts would become another user, and the kernel then forgets that it shall die with us.
        let user = geteuid() == 0 ? "user root" : "# user is whoever started it"
        let text = """
            # Written anew at each start.
            listener \(port) 127.0.0.1
            allow_anonymous true
            \(user)
            persistence false
            message_size_limit \(messageSizeLimit)
            log_dest stderr
            log_type error
            log_type warning
            log_type notice
            log_type information

            """
        let path = folder + "/mosquitto.conf"
        guard let file = fopen(path, "we") else {
            throw .folder(path: path, problem: String(cString: strerror(errno)))
        }
        let written = fputs(text, file)
        guard fclose(file) == 0, written >= 0 else {
            throw .folder(path: path, problem: String(cString: strerror(errno)))
        }
    }

    /// Starts the process and waits until a connection is accepted.
    private static func launch(executable: String, folder: String, port: Int) async throws -> ChildProcess {
        let log = folder + "/mosquitto.log"
        try await OwnThread.run {
            // Asked first, so that no other program's answer is taken for the broker's.
            guard LoopbackPort.isFree(port) else { throw PrivateBrokerError.portInUse(port: port) }
            // What an earlier broker wrote would be taken for this one's.
            guard unlink(log) == 0 || errno == ENOENT else {
                throw PrivateBrokerError.folder(path: log, problem: String(cString: strerror(errno)))
            }
        }
        let process: ChildProcess
        do {
            process = try await ChildProcess.start(
                ChildOptions(
                    program: executable, arguments: ["-c", folder + "/mosquitto.conf"], standardError: .file(log)),
                group: MultiThreadedEventLoopGroup.singleton)
        } catch {
            throw PrivateBrokerError.notStarted(executable: executable, problem: error.description)
        }
        do {
            try await OwnThread.run { try waitUntilReady(process, port: port, log: log) }
        } catch {
            await kill(process)
            throw error
        }
        return process
    }

    private static func waitUntilReady(
        _ process: ChildProcess, port: Int, log: String
    ) throws(PrivateBrokerError) {
        let deadline = ContinuousClock.now + startTimeout
        var firstAnswer: ContinuousClock.Instant?
        while true {
            let now = ContinuousClock.now
            if LoopbackPort.accepts(port) { firstAnswer = firstAnswer ?? now }
            if let exit = process.exit {
                let lines = lastLines(of: log)
                if lines.contains("Address already in use") { throw .portInUse(port: port) }
                throw .ended(port: port, status: exit.description, log: lines)
            }
            // Another broker that took the port at the same moment answers too; ours says that it is the one, or,
            // if it is of a version that does not, it is still there after a while.
            if let firstAnswer, firstAnswer + settleTime <= now || lastLines(of: log).contains(" running") { return }
            guard now < deadline else {
                throw .notReady(port: port, waited: startTimeout, log: lastLines(of: log))
            }
            // The pause between two attempts to connect; the wait ends with the first that is accepted.
            _ = poll(nil, 0, 5)
        }
    }

    private static func lastLines(of path: String) -> String {
        guard let file = fopen(path, "re") else { return "" }
        defer { fclose(file) }
        _ = fseek(file, 0, SEEK_END)
        _ = fseek(file, max(0, ftell(file) - 1024), SEEK_SET)
        var bytes = [UInt8](repeating: 0, count: 1024)
        let count = fread(&bytes, 1, bytes.count, file)
        let lines = String(decoding: bytes.prefix(count), as: UTF8.self).split(whereSeparator: \.isNewline)
        return lines.suffix(3).joined(separator: "; ")
    }
}
