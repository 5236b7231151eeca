import Foundation
import Testing

/// The machine's processes, as a person at the shell sees and handles them.
enum Processes {
    /// Process ids of the children of `parent` whose first argument is `command`.
    static func children(of parent: Int, running command: String) -> [Int] {
        let entries = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return entries.compactMap(Int.init).filter { process in
            guard let status = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8),
                let line = try? String(contentsOfFile: "/proc/\(process)/cmdline", encoding: .utf8),
                let afterName = status.lastIndex(of: ")")
            else { return false }
            let fields = status[status.index(after: afterName)...].split(separator: " ")
            let arguments = line.split(separator: "\0")
            return fields.count > 1 && Int(fields[1]) == parent
                && arguments.dropFirst().first.map(String.init) == command
        }
    }

    /// False for one that ended, also where nobody has asked for its status yet.
    static func isAlive(_ process: Int) -> Bool {
        guard let status = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8),
            let afterName = status.lastIndex(of: ")")
        else { return false }
        let state = status[status.index(after: afterName)...].split(separator: " ").first
        return state != "Z" && state != "X"
    }

    struct Result: Sendable {
        var exitCode: Int32
        var output: String
        var errors: String
    }

    /// Runs a program to its end; with `requireSuccess` a failure fails the test.
    @discardableResult
    static func run(
        _ program: String, _ arguments: [String], input: String? = nil, environment: [String: String] = [:],
        requireSuccess: Bool = true
    ) throws -> Result {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [program] + arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("lamella-run-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        // Through files, not pipes: nobody has to read while it runs.
        for name in ["in", "out", "err"] {
            try Data((name == "in" ? input ?? "" : "").utf8).write(to: folder.appendingPathComponent(name))
        }
        process.standardInput = try FileHandle(forReadingFrom: folder.appendingPathComponent("in"))
        process.standardOutput = try FileHandle(forWritingTo: folder.appendingPathComponent("out"))
        process.standardError = try FileHandle(forWritingTo: folder.appendingPathComponent("err"))
        try process.run()
        process.waitUntilExit()
        func text(_ name: String) throws -> String {
            String(decoding: try Data(contentsOf: folder.appendingPathComponent(name)), as: UTF8.self)
        }
        let result = Result(exitCode: process.terminationStatus, output: try text("out"), errors: try text("err"))
        if requireSuccess {
            try #require(result.exitCode == 0, "\(program) \(arguments.joined(separator: " ")): \(result.errors)")
        }
        return result
    }
}
