import ChildProcesses
import Glibc
import NIOPosix

/// The machine's own programs: `ip`, `tc` and the like.
package enum SystemCommand {
    /// Lines of output that are kept; more than any of these programs says about one bed.
    static let maximumLines = 4096

    /// Runs a program to its end and returns what it printed.
    ///
    /// - Parameters:
    ///   - command: the program, looked for in `PATH` and the folders for root, and its arguments.
    ///   - input: lines for its standard input.
    /// - Throws: `TestbedError` with the command and what it said.
    @discardableResult
    package static func run(_ command: [String], input: [String] = []) async throws -> [String] {
        let text = command.joined(separator: " ")
        guard let name = command.first, let program = find(name) else {
            throw TestbedError("'\(text)' cannot run: there is no program '\(command.first ?? "")'; install it")
        }
        let process: ChildProcess
        do {
            process = try await ChildProcess.start(
                ChildOptions(program: program, arguments: Array(command.dropFirst()), standardError: .lines),
                group: MultiThreadedEventLoopGroup.singleton)
            for line in input { try await process.send(line: Array(line.utf8)) }
        } catch {
            throw TestbedError("'\(text)' cannot run: \(error)")
        }
        process.closeInput()
        var output: [String] = []
        var errors: [String] = []
        var exit: ChildExit?
        for await event in process.events {
            switch event {
            case .line(let bytes):
                if output.count < maximumLines { output.append(String(decoding: bytes, as: UTF8.self)) }
            case .errorLine(let bytes):
                if errors.count < maximumLines { errors.append(String(decoding: bytes, as: UTF8.self)) }
            case .exited(let status): exit = status
            case .lineTooLong, .outputEnded: break
            }
        }
        guard exit == .code(0) else {
            let words = errors.isEmpty ? output : errors
            let said = words.isEmpty ? "it said nothing" : words.joined(separator: "; ")
            let given = input.isEmpty ? "" : " with \(input.joined(separator: " | "))"
            throw TestbedError("'\(text)'\(given) failed with \(exit.map { "\($0)" } ?? "an unknown status"): \(said)")
        }
        return output
    }

    /// Where a program is; nil where it is not installed.
    package static func find(_ name: String) -> String? {
        if name.contains("/" as Character) { return access(name, X_OK) == 0 ? name : nil }
        let path = getenv("PATH").map { String(cString: $0) } ?? ""
        let folders = path.split(separator: ":").map(String.init) + ["/usr/sbin", "/sbin", "/usr/bin", "/bin"]
        return folders.map { "\($0)/\(name)" }.first { access($0, X_OK) == 0 }
    }
}
