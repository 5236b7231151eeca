import ChildProcesses
import Costs
import Foundation
import TestbedKit
import Testing

/// Beds on this machine: they need root, and say so where they are skipped.
enum Beds {
    static let obstacle = Testbed.obstacle
    static let isPossible = obstacle == nil
    static let why = Comment(rawValue: "skipped: \(obstacle ?? "nothing is missing")")

    static let measures = ProcessInfo.processInfo.environment["LAMELLA_MEASURE"] != nil
    /// `LAMELLA_KEEP` leaves logs behind, below the temporary folder.
    static let keepsFolders = ProcessInfo.processInfo.environment["LAMELLA_KEEP"] != nil

    static let program =
        ProcessInfo.processInfo.environment["LAMELLA_PROGRAM"] ?? Files.path(".build/release/lamella")

    /// The first boards of a shipped scenario, without agents.
    static func prepare(_ boards: Int, adjust: (inout Scenario) -> Void = { _ in }) async throws -> Testbed {
        var scenario = try Scenario.load(Files.path("Tests/Testbed/Scenarios/link.toml"))
        scenario.boards = Array(scenario.boards.prefix(boards))
        let nodes = Set(scenario.boards.map(\.node))
        scenario.cluster.devices.removeAll { !nodes.contains($0.node) }
        let ids = Set(scenario.cluster.devices.map(\.id))
        scenario.cluster.links.removeAll { !ids.isSuperset(of: $0.between) }
        scenario.events = []
        adjust(&scenario)
        return try await Testbed.prepare(
            scenario, options: TestbedOptions(program: program, tellsSystemRoot: false))
    }

    /// Hands a bed to the body, and takes it away whatever happens.
    static func with(
        _ boards: Int, adjust: (inout Scenario) -> Void = { _ in }, body: (Testbed) async throws -> Void
    ) async throws {
        let bed = try await prepare(boards, adjust: adjust)
        do {
            try await body(bed)
        } catch {
            await bed.stop()
            throw error
        }
        await bed.stop()
    }

    /// What a board's program prints, and how it ends.
    static func run(
        _ board: TestbedBoard, _ command: [String]
    ) async throws -> (output: String, errors: String, exit: ChildExit?) {
        let process = try await board.start(command[0], Array(command.dropFirst()))
        process.closeInput()
        var (output, errors, exit) = ("", "", nil as ChildExit?)
        for await event in process.events {
            switch event {
            case .line(let bytes): output += String(decoding: bytes, as: UTF8.self) + "\n"
            case .errorLine(let bytes): errors += String(decoding: bytes, as: UTF8.self) + "\n"
            case .exited(let status): exit = status
            default: break
            }
        }
        return (output, errors, exit)
    }
}

/// One bed after the other: each takes most of the machine.
@Suite(.serialized, .enabled(if: Beds.isPossible, Beds.why)) enum OnThisMachine {}

extension OnThisMachine {
    @Suite struct RealBoardTests {
        static let policy = "/sys/devices/system/cpu/cpufreq/policy0"

        /// Fixed work, twice; prints the seconds that each took, and the CPU time that it needed.
        /// Each round takes many times a quota of one period, which it may begin with unused.
        private static let work = """
            import time
            for _ in range(2):
                start, cpu = time.monotonic(), time.thread_time()
                total = 0
                for number in range(1000000):
                    total += number
                print(time.monotonic() - start, time.thread_time() - cpu)
            """

        /// What a board got at one of its clocks.
        private struct AtClock: CustomStringConvertible {
            /// Beside other programs the same work may need more CPU time: what holds is how much it gets of a second.
            var cores: [Double] = []
            var usedJ = 0.0
            var expectedJ = 0.0

            mutating func run(on board: TestbedBoard, kilohertz: Int) async throws {
                try board.write("\(policy)/scaling_max_freq", "\(kilohertz)")
                let (energyJ, cpuS, start) = (board.energyJ(), try board.cpuSeconds(), ContinuousClock.now)
                let result = try await Beds.run(board, ["/usr/bin/python3", "-c", work])
                try #require(result.exit == .code(0), "\(result.errors)")
                let passedS = (ContinuousClock.now - start).inSeconds
                usedJ += board.energyJ() - energyJ
                let busyS = (try board.cpuSeconds() - cpuS) / board.speedCores()
                let index = try #require(
                    board.hardware.processor.points.firstIndex { $0.frequencyHz == Double(kilohertz) * 1000 })
                expectedJ +=
                    board.hardware.staticPowerW * passedS + board.hardware.compute.dynamicPowerW(at: index) * busyS
                cores += result.output.split(separator: "\n").compactMap { line in
                    let fields = line.split(separator: " ").compactMap { Double($0) }
                    return fields.count == 2 ? fields[1] / fields[0] : nil
                }
            }

            var medianCores: Double { RunningBed.median(cores.sorted()) }
            var description: String { "\(medianCores) cores, \(usedJ) of \(expectedJ) J" }
        }

        @Test func `files answer as the kernel's do`() async throws {
            try await Beds.with(1) { bed in
                let board = try bed.board("pi")
                let root = board.systemRoot
                func shell(_ script: String) async throws -> (output: String, errors: String, exit: ChildExit?) {
                    try await Beds.run(board, ["/bin/sh", "-c", "cd '\(root)\(Self.policy)' && \(script)"])
                }
                #expect(try await shell("cat scaling_available_frequencies").output.hasPrefix("600000 700000"))
                let invalid = try await shell("echo turbo | tee scaling_governor")
                #expect(invalid.errors.contains("Invalid argument"), "\(invalid)")
                #expect(try await shell("echo fast | tee scaling_max_freq").errors.contains("Invalid argument"))
                #expect(try await shell("echo 1 >cpuinfo_max_freq").errors.contains("Permission denied"))
                #expect(try await shell("echo 1 >new_file").errors.contains("Permission denied"))
                #expect(try await shell("rm -f scaling_governor").errors.contains("Operation not permitted"))
                #expect(try await shell("echo 9999999 >scaling_max_freq && cat scaling_max_freq").output == "1500000\n")
                #expect(try await shell("echo 1 >scaling_max_freq && cat scaling_max_freq").output == "600000\n")
                #expect(
                    try await shell("cat /proc/self/cgroup >&2; readlink ../../cpu0/cpufreq").output
                        == "../cpufreq/policy0\n")
                let hwmon = try await Beds.run(board, ["/bin/cat", "\(root)/sys/class/hwmon/hwmon0/power1_input"])
                #expect(Int(hwmon.output.prefix { $0 != "\n" }).map { $0 >= 2_200_000 } == true, "\(hwmon)")
                board.inject(.sensorFails)
                let failing = try await Beds.run(board, ["/bin/cat", "\(root)/sys/class/hwmon/hwmon0/power1_input"])
                #expect(failing.errors.contains("Input/output error"))
                board.inject(.sensorVanishes)
                let gone = try await Beds.run(board, ["/bin/ls", "\(root)/sys/class/hwmon"])
                #expect(gone.output.isEmpty && gone.exit == .code(0))
                board.inject(.locked)
                #expect(try await shell("echo performance >scaling_governor").errors.contains("Permission denied"))
                #expect(try board.read("/proc/device-tree/model").hasPrefix("Raspberry Pi 4"))
            }
        }

        @Test func `speed follows the frequency, and energy follows both`() async throws {
            // So few cores that the kernel's period is long: a machine that stands still for some of it still has time
            // for the quota in the rest.
            let adjust: (inout Scenario) -> Void = { scenario in
                scenario.boards[0].governor = "performance"
                scenario.boards[0].cores = 0.025
                // What it ran too long on one processor the kernel takes back there, and not on another.
                scenario.boards[0].processorNumber = 0
            }
            try await Beds.with(1, adjust: adjust) { bed in
                let board = try bed.board("pi")
                let (highest, lower) = (1_500_000, 700_000)
                let quotas = try [highest, lower].map { kilohertz in
                    try board.write("\(Self.policy)/scaling_max_freq", "\(kilohertz)")
                    return board.speedCores()
                }
                func isGiven(_ clocks: [AtClock]) -> Bool {
                    zip(clocks, quotas).allSatisfy { abs($0.medianCores / $1 - 1) < 0.1 }
                }
                let clocks = try await whenTheMachineIsCalm(isGiven) {
                    var clocks = [AtClock(), AtClock()]
                    // In turn, so that a machine that slows down slows both.
                    for _ in 0..<3 {
                        try await clocks[0].run(on: board, kilohertz: highest)
                        try await clocks[1].run(on: board, kilohertz: lower)
                    }
                    return clocks
                }
                for (clock, quota) in zip(clocks, quotas) {
                    print("\(quota) cores allowed, given: \(clock)")
                    #expect(abs(clock.usedJ / clock.expectedJ - 1) < 0.05)
                    #expect(abs(clock.medianCores / quota - 1) < 0.1)
                }
                let ratio = clocks[0].medianCores / clocks[1].medianCores
                print("slower by \(ratio), clocks by \(15.0 / 7)")
                #expect(abs(ratio / (15.0 / 7) - 1) < 0.2)
            }
        }

        @Test func `a process above the board's memory is killed, and counted`() async throws {
            try await Beds.with(1, adjust: { $0.boards[0].memoryBytes = 64 << 20 }) { bed in
                let board = try bed.board("pi")
                // Keeps all that it reads.
                let result = try await Beds.run(board, ["/usr/bin/tail", "/dev/zero"])
                #expect(result.exit == .signal(9))
                #expect(try board.outOfMemoryKills() == 1)
                let peak = try board.peakMemoryBytes()
                #expect(peak > 50 << 20 && peak <= 64 << 20, "\(peak)")
                try board.setMemory(bytes: 128 << 20)
                #expect(try board.read("/proc/meminfo").hasPrefix("MemTotal:         131072 kB"))
                let allowed = try await Beds.run(
                    board, ["/usr/bin/python3", "-c", "print(len(bytearray(80 << 20)))"])
                #expect(allowed.exit == .code(0))
            }
        }
    }
}
