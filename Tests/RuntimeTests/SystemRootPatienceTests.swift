import Board
import Dispatch
import JSON
import Runtime
import TestKit
import Testing

@Suite struct SystemRootPatienceTests {
    /// Files that answer only once they are let go.
    private final class SilentFiles: SystemFiles {
        private let gate = DispatchSemaphore(value: 0)
        private let files = LinuxFiles()

        func letGo() { gate.signal() }

        func read(_ path: String, maximumBytes: Int) throws(SystemErrno) -> [UInt8] {
            gate.wait()
            gate.signal()
            return try files.read(path, maximumBytes: maximumBytes)
        }

        func writeAttribute(_ text: String, to path: String) throws(SystemErrno) { throw SystemErrno(5) }
        func checkWritable(_ path: String) throws(SystemErrno) { throw SystemErrno(5) }
        func exists(_ path: String) -> Bool { files.exists(path) }
        func names(in folder: String, maximumNames: Int) throws(SystemErrno) -> [String] { [] }
        func write(_ bytes: [UInt8], to path: String) throws(SystemErrno) { throw SystemErrno(5) }
        func sync(_ path: String) throws(SystemErrno) { throw SystemErrno(5) }
        func rename(_ path: String, to other: String) throws(SystemErrno) { throw SystemErrno(5) }
        func remove(_ path: String) throws(SystemErrno) { throw SystemErrno(5) }
    }

    @Test func `files that do not answer are given up, and answer again`() throws {
        let tree = try MadeUpTree(["/proc/meminfo": "MemTotal: 1048576 kB"])
        let files = SilentFiles()
        let root = SystemRoot(path: tree.path, files: files)
        #expect(root.answer(within: .milliseconds(20)) { try? $0.text("/proc/meminfo") } == nil)
        files.letGo()
        let text = root.answer(within: .seconds(60)) { try? $0.text("/proc/meminfo") } ?? nil
        #expect(text == "MemTotal: 1048576 kB")
        // A file that is missing answers too.
        let missing = root.answer(within: .seconds(60)) { (try? $0.text("/proc/nothing")) == nil }
        #expect(missing == true)
    }

    @Test func `figures of a board that nobody could name hold for nothing`() throws {
        func speed(_ fingerprint: String?) throws -> BoardSpeed {
            let rest = fingerprint.map { ",\"fingerprint\":\"\($0)\"}" } ?? "}"
            let fields = "{\"schema\":\"\(BoardSpeed.schema)\",\"flops\":1e9,\"threads\":1"
            return try JSON.decode(
                BoardSpeed.self, from: Array((fields + ",\"measured_at\":\"2026-01-01T00:00:00Z\"" + rest).utf8))
        }
        let nowS = 1_767_225_700.0
        #expect(try speed("a").holds(fingerprint: "a", nowS: nowS))
        #expect(try !speed("a").holds(fingerprint: "b", nowS: nowS) && !speed("a").holds(fingerprint: nil, nowS: nowS))
        #expect(try !speed(nil).holds(fingerprint: nil, nowS: nowS) && !speed(nil).holds(fingerprint: "a", nowS: nowS))
        #expect(try !speed("a").holds(fingerprint: "a", nowS: nowS + BoardSpeed.maximumAgeS + 60))
    }
}
