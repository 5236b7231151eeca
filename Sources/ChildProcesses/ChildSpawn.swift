import CProcess
import Glibc
import Synchronization

/// What a child is to be: program, arguments, and the limits that the kernel holds it to.
public struct ChildOptions: Sendable {
    /// Path of the program; the search path is not used.
    public var program: String
    /// Arguments after the program's name.
    public var arguments: [String]
    /// Variables that are added to the parent's environment, or replace its own.
    public var environment: [String: String]
    /// Added to the parent's nice level; 0 to 19.
    public var niceLevel: Int
    /// The kernel's out-of-memory killer takes the higher score first (nil: the parent's; 0 to 1000).
    public var outOfMemoryScore: Int?
    /// Limit of the child's own memory, RLIMIT_DATA (nil: none): an allocation beyond it fails.
    public var memoryLimitBytes: Int?
    /// What becomes of standard error.
    public var standardError: StandardError
    /// A longer line of output is skipped and reported as `ChildEvent.lineTooLong`.
    public var maximumLineBytes: Int
    /// Bytes given to `send` that the child has not read yet; more are refused.
    public var maximumPendingInputBytes: Int

    public enum StandardError: Sendable {
        /// The parent's own.
        case inherited
        /// Read in lines, as `ChildEvent.errorLine`.
        case lines
        /// Added to the end of this file, which is made if missing.
        case file(String)
    }

    public init(
        program: String, arguments: [String] = [], environment: [String: String] = [:], niceLevel: Int = 0,
        outOfMemoryScore: Int? = nil, memoryLimitBytes: Int? = nil, standardError: StandardError = .inherited,
        maximumLineBytes: Int = 16 << 20, maximumPendingInputBytes: Int = 64 << 20
    ) {
        self.program = program
        self.arguments = arguments
        self.environment = environment
        self.niceLevel = niceLevel
        self.outOfMemoryScore = outOfMemoryScore
        self.memoryLimitBytes = memoryLimitBytes
        self.standardError = standardError
        self.maximumLineBytes = maximumLineBytes
        self.maximumPendingInputBytes = maximumPendingInputBytes
    }
}

/// How a child ended.
public enum ChildExit: Sendable, Equatable, CustomStringConvertible {
    case code(Int)
    case signal(Int)

    public var description: String {
        switch self {
        case .code(let code): "exit code \(code)"
        case .signal(let number):
            "signal \(number)" + (strsignal(Int32(number)).map { " (\(String(cString: $0)))" } ?? "")
        }
    }
}

/// Why a child could not be started or reached, in one sentence.
public struct ChildProcessError: Error, Equatable, CustomStringConvertible {
    public let description: String

    public init(_ description: String) { self.description = description }

    init(_ what: String, code: Int32) {
        self.init("\(what): \(strerror(code).map { String(cString: $0) } ?? "error \(code)")")
    }
}

/// A process id that is only ever signalled while it is ours: after the child is reaped the kernel may give the
/// number to another process.
final class ChildHandle: Sendable {
    private struct State {
        var processID: pid_t
        var exit: ChildExit?
        var waiters: [CheckedContinuation<ChildExit, Never>] = []
    }

    private let state: Mutex<State>
    let processID: pid_t

    init(processID: pid_t) {
        self.processID = processID
        self.state = Mutex(State(processID: processID))
    }

    /// Sends a signal unless the child has ended.
    func send(signal number: Int32) {
        state.withLock { state in
            if state.exit == nil { _ = kill(state.processID, number) }
        }
    }

    /// Nil while the child runs.
    var exit: ChildExit? { state.withLock { $0.exit } }

    /// Blocks the calling thread until the child ends.
    func reap() -> ChildExit {
        var information = siginfo_t()
        // Left as a zombie first, so that the number stays ours until nobody can signal it any more.
        while waitid(P_PID, id_t(processID), &information, WEXITED | WNOWAIT) < 0 && errno == EINTR {}
        let (exit, waiters) = state.withLock { state in
            var status: Int32 = 0
            while waitpid(state.processID, &status, 0) < 0 && errno == EINTR {}
            // The layout of a wait status: low seven bits the signal, then the exit code.
            let exit: ChildExit = status & 0x7f == 0 ? .code(Int((status >> 8) & 0xff)) : .signal(Int(status & 0x7f))
            state.exit = exit
            let waiters = state.waiters
            state.waiters = []
            return (exit, waiters)
        }
        for waiter in waiters { waiter.resume(returning: exit) }
        return exit
    }

    func waitForExit() async -> ChildExit {
        await withCheckedContinuation { continuation in
            let exit = state.withLock { state in
                if state.exit == nil { state.waiters.append(continuation) }
                return state.exit
            }
            if let exit { continuation.resume(returning: exit) }
        }
    }
}

/// Starts children, each from a thread of its own that then waits for it.
///
/// The thread matters twice: waiting blocks, and the kernel sends a child its death signal when the *thread* that
/// started it ends, so that no thread of a pool, which may go at any time, can start one.
enum ChildSpawn {
    static func start(
        _ options: ChildOptions, standardInput: Int32, standardOutput: Int32, standardError: Int32,
        onExit: @escaping @Sendable (ChildExit) -> Void
    ) async -> Result<ChildHandle, ChildProcessError> {
        await withCheckedContinuation { continuation in
            let started = Thread.detach {
                switch spawn(options, input: standardInput, output: standardOutput, error: standardError) {
                case .failure(let error): continuation.resume(returning: .failure(error))
                case .success(let processID):
                    let handle = ChildHandle(processID: processID)
                    continuation.resume(returning: .success(handle))
                    onExit(handle.reap())
                }
            }
            if let started {
                continuation.resume(
                    returning: .failure(
                        ChildProcessError("cannot start a thread for \(options.program)", code: started)))
            }
        }
    }

    private static func spawn(
        _ options: ChildOptions, input: Int32, output: Int32, error: Int32
    ) -> Result<pid_t, ChildProcessError> {
        var variables: [String] = []
        var entry = environ
        while let variable = entry.pointee {
            let text = String(cString: variable)
            let name = text.prefix { $0 != "=" }
            if options.environment[String(name)] == nil { variables.append(text) }
            entry += 1
        }
        variables += options.environment.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        let arguments = ([options.program] + options.arguments).map { strdup($0) } + [nil]
        let environment = variables.map { strdup($0) } + [nil]
        defer { for string in arguments + environment { free(string) } }
        return options.program.withCString { program in
            arguments.withUnsafeBufferPointer { arguments in
                environment.withUnsafeBufferPointer { environment in
                    var child = lamella_child(
                        program: program, arguments: arguments.baseAddress, environment: environment.baseAddress,
                        standard_input: input, standard_output: output, standard_error: error,
                        nice_level: Int32(clamping: options.niceLevel),
                        out_of_memory_score: Int32(clamping: options.outOfMemoryScore ?? -1001),
                        data_limit: UInt64(clamping: options.memoryLimitBytes ?? 0))
                    var step: UnsafePointer<CChar>?
                    let processID = lamella_start_child(&child, &step)
                    guard processID < 0 else { return .success(processID) }
                    let code = errno
                    let place = step.map { String(cString: $0) } ?? "start"
                    return .failure(ChildProcessError("cannot start \(options.program): \(place)", code: code))
                }
            }
        }
    }
}

/// A thread of the operating system that runs one closure.
enum Thread {
    private final class Body {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    /// Returns nil, or the error code where there can be no further thread.
    static func detach(_ body: @escaping @Sendable () -> Void) -> Int32? {
        var thread = pthread_t()
        let retained = Unmanaged.passRetained(Body(body))
        let code = pthread_create(
            &thread, nil,
            { argument in
                guard let argument else { return nil }
                Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run()
                return nil
            }, retained.toOpaque())
        guard code == 0 else {
            retained.release()
            return code
        }
        pthread_detach(thread)
        return nil
    }
}
