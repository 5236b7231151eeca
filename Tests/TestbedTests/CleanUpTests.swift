import ChildProcesses
import Foundation
import NIOPosix
import TestbedKit
import Testing

extension OnThisMachine {
    @Suite struct CleanUpTests {
        /// Everything on the machine that a process's beds made.
        private static func traces(of process: Int) throws -> [String] {
            var found: [String] = []
            let files = FileManager.default
            for (folder, prefix) in [
                ("/run/netns", "lamella-\(process)-"), ("/sys/class/net", "lm\(process)n"),
                ("/tmp", "lamella-testbed-\(process)-"),
            ] {
                found += ((try? files.contentsOfDirectory(atPath: folder)) ?? []).filter { $0.hasPrefix(prefix) }
            }
            for place in try ControlGroupPlaces.ofThisMachine().all {
                found += try files.contentsOfDirectory(atPath: place).filter { $0.hasPrefix("lamella-\(process)-") }
            }
            let mounts = try String(contentsOfFile: "/proc/self/mounts", encoding: .utf8)
            found += mounts.split(separator: "\n").map(String.init).filter {
                $0.contains("lamella-testbed-\(process)-")
            }
            return found
        }

        @Test func `two beds live side by side and leave nothing`() async throws {
            let own = Int(getpid())
            try await Beds.with(1) { first in
                try await Beds.with(1) { second in
                    #expect(first.broker != second.broker && first.folder != second.folder)
                    let model = try second.board("pi").read("/proc/device-tree/model")
                    #expect(model.hasPrefix("Raspberry"))
                }
                let model = try first.board("pi").read("/proc/device-tree/model")
                #expect(model.hasPrefix("Raspberry"))
                #expect(try !Self.traces(of: own).isEmpty)
            }
            let left = try Self.traces(of: own)
            #expect(left.isEmpty, "\(left)")
        }

        @Test func `what a killed bed leaves is gone after the next start`() async throws {
            let process = try await ChildProcess.start(
                ChildOptions(
                    program: Files.path(".build/release/lamella-testbed"),
                    arguments: [
                        Files.path("Tests/Testbed/Scenarios/link.toml"), "--no-requests", "--no-system-root",
                        "--program",
                        Beds.program,
                    ],
                    standardError: .lines),
                group: MultiThreadedEventLoopGroup.singleton)
            let victim = process.processID
            for await event in process.events {
                // It says so when all of its boards are up.
                if case .errorLine(let line) = event, String(decoding: line, as: UTF8.self).contains("until Ctrl-C") {
                    let traces = try Self.traces(of: victim)
                    #expect(traces.count >= 4 + 5 + 1 + 4, "\(traces)")
                    process.send(signal: Int(SIGKILL))
                }
            }
            #expect(process.exit == .signal(9))
            #expect(try !Self.traces(of: victim).isEmpty)
            try await Beds.with(1) { bed in
                let left = try Self.traces(of: victim)
                #expect(left.isEmpty, "\(left)")
                let removed = bed.removedLeftovers
                #expect(removed.contains { $0.contains("-\(victim)-") }, "\(removed)")
            }
        }
    }
}
