import Agent
import Board
import Costs
import Foundation
import JSON
import NIOPosix
import Runtime
import TestKit
import Testing

@Suite struct BoardSpeedKeeperTests {
    /// A board's files, and a program in the place of `lamella runner --measure-board`.
    private final class Place {
        let tree: MadeUpTree
        let state: String
        let program: String
        private let runs: String

        /// - Parameter script: what the program does; `$output` of it is a correct answer.
        init(_ script: (String) -> String) throws {
            tree = try MadeUpTree([
                "/proc/cpuinfo": "processor : 0\nmodel name : Made Up\n",
                "/proc/meminfo": "MemTotal: 1048576 kB\nMemAvailable: 524288 kB",
            ])
            state = try Repository.makeTemporaryFolder("speed")
            (program, runs) = (state + "/program", state + "/runs")
            let fingerprint = BoardSpeed.fingerprint(threads: 2, root: SystemRoot(path: tree.path))
            let text = "#!/bin/sh\necho \"$*\" >>'\(runs)'\n" + script(try Self.answer(fingerprint))
            try text.write(toFile: program, atomically: true, encoding: .utf8)
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: program)
        }

        deinit { try? FileManager.default.removeItem(atPath: state) }

        static func answer(_ fingerprint: String?) throws -> String {
            let now = UTCTime.string(secondsSince1970: WallClock.secondsSince1970)
            let fields = """
                {"schema":"\(BoardSpeed.schema)","flops":2e9,"memory_bandwidth_bytes_per_s":3e9,\
                "runtime_bytes":4000000,"threads":2,"measured_at":"\(now)"
                """
            guard let fingerprint else { return fields + "}" }
            return fields + ",\"fingerprint\":\(try JSON.encode(fingerprint))}"
        }

        /// How often the program was started, and with what.
        var started: [String] {
            ((try? String(contentsOfFile: runs, encoding: .utf8)) ?? "").split(separator: "\n").map(String.init)
        }

        func speed(threads: Int = 2) async throws -> BoardSpeed {
            try await BoardSpeedKeeper(
                program: program, stateDirectory: state, systemRoot: tree.path, threads: threads,
                group: MultiThreadedEventLoopGroup.singleton
            ).speed()
        }
    }

    @Test func aBoardIsMeasuredOnceAndAgainWhenItIsAnother() async throws {
        let place = try Place { "echo '\($0)'" }
        #expect(BoardSpeedKeeper.kept(stateDirectory: place.state) == nil)
        let first = try await place.speed()
        #expect(first.flops == 2e9 && first.memoryBandwidthBytesPerS == 3e9 && first.runtimeBytes == 4_000_000)
        #expect(place.started.count == 1 && place.started[0].hasPrefix("runner --measure-board"))
        #expect(place.started[0].contains("--system-root \(place.tree.path)"))
        #expect(try await place.speed() == first && place.started.count == 1)
        #expect(BoardSpeedKeeper.kept(stateDirectory: place.state) == first)
        // Other threads, and another memory.
        _ = try await place.speed(threads: 1)
        #expect(place.started.count == 2)
        try place.tree.write("MemTotal: 2097152 kB\nMemAvailable: 524288 kB", to: "/proc/meminfo")
        _ = try await place.speed()
        #expect(place.started.count == 3)
    }

    @Test func figuresOfABoardThatDidNotAnswerAreUsedAndNotKept() async throws {
        let unknown = try Place.answer(nil)
        let place = try Place { _ in "echo '\(unknown)'" }
        let speed = try await place.speed()
        #expect(speed.fingerprint == nil && speed.flops == 2e9)
        #expect(BoardSpeedKeeper.kept(stateDirectory: place.state) == nil)
        _ = try await place.speed()
        #expect(place.started.count == 2)
    }

    @Test func aFileThatIsNoneIsMeasuredAnew() async throws {
        let place = try Place { "echo '\($0)'" }
        try "{".write(toFile: place.state + "/board-speed.json", atomically: true, encoding: .utf8)
        #expect(BoardSpeedKeeper.kept(stateDirectory: place.state) == nil)
        #expect(try await place.speed().flops == 2e9)
    }

    @Test(arguments: [
        ("echo 'no libonnxruntime' >&2; exit 3", "no libonnxruntime"), ("exit 0", "was not measured"),
        ("kill -9 $$", "signal 9"),
    ])
    func aMeasurementThatFailsSaysWhatToDo(script: String, why: String) async throws {
        let place = try Place { _ in script }
        let error = await #expect(throws: ConfigurationError.self) { try await place.speed() }
        let sentence = error?.description ?? ""
        #expect(sentence.contains(why) && sentence.contains("lamella profile --board"), "\(sentence)")
        #expect(BoardSpeedKeeper.kept(stateDirectory: place.state) == nil)
    }

    @Test func whatIsPrintedMustBeAnAnswer() async throws {
        let place = try Place { _ in "echo '{\"flops\":1}'" }
        await #expect(throws: (any Error).self) { try await place.speed() }
        #expect(BoardSpeedKeeper.kept(stateDirectory: place.state) == nil)
    }
}
