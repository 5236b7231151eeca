import CMosquitto
import Glibc
import Synchronization

/// A program started by this one and ended by it. Its methods wait: call them on a thread of your own.
final class ChildProcess: Sendable {
    struct StartError: Error {
        var problem: String
    }

    private enum Life {
        case running(pid_t)
        case ended(String)
    }

    private let life: Mutex<Life>

    /// Starts the program in a process group of its own, so that a Ctrl-C in the terminal reaches only us.
    init(executable: String, arguments: [String], standardError path: String) throws(StartError) {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 2, path, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
        posix_spawn_file_actions_addclosefrom_np(&actions, 3)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        var all = sigset_t()
        sigemptyset(&none)
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))

        var pointers: [UnsafeMutablePointer<CChar>?] = ([executable] + arguments).map { strdup($0) }
        pointers.append(nil)
        defer { for pointer in pointers { free(pointer) } }
        var process: pid_t = 0
        let result = posix_spawn(&process, executable, &actions, &attributes, pointers, environ)
        guard result == 0 else { throw StartError(problem: String(cString: strerror(result))) }
        life = Mutex(.running(process))
    }

    deinit { kill() }

    var isRunning: Bool { exitStatus == nil }

    /// How the process ended; nil while it runs.
    var exitStatus: String? { reap(WNOHANG) }

    /// Asks the process to end, waits, and kills it if it does not.
    func terminate(within limit: Duration) {
        signal(SIGTERM)
        let deadline = ContinuousClock.now + limit
        while isRunning {
            guard ContinuousClock.now < deadline else { return kill() }
            _ = poll(nil, 0, 2)
        }
    }

    func kill() {
        signal(SIGKILL)
        _ = reap(0)
    }

    private func signal(_ number: Int32) {
        life.withLock { life in
            // The number names our child until it is reaped, which happens under the same lock.
            if case .running(let process) = life { _ = Glibc.kill(process, number) }
        }
    }

    private func reap(_ options: Int32) -> String? {
        life.withLock { life in
            guard case .running(let process) = life else {
                if case .ended(let status) = life { return status }
                return nil
            }
            var status: Int32 = 0
            var result: pid_t
            repeat { result = waitpid(process, &status, options) } while result < 0 && errno == EINTR
            guard result != 0 else { return nil }
            let signal = status & 0x7F
            let text =
                result < 0 ? "unknown status" : signal == 0 ? "exit code \(status >> 8 & 0xFF)" : "signal \(signal)"
            life = .ended(text)
            return text
        }
    }
}
