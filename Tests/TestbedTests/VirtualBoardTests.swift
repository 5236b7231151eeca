import Board
import Glibc
import TestbedKit
import Testing

/// The pure board: what its files say, how fast it is, what it uses.
@Suite struct VirtualBoardTests {
    static let policy = "/sys/devices/system/cpu/cpufreq/policy0"
    static let gpu = "/sys/class/devfreq/57000000.gpu"
    static let gpuDevice = "/sys/devices/57000000.gpu/devfreq/57000000.gpu"
    static let sensor = "/sys/devices/platform/soc/1c22000.i2c/i2c-0/0-0040/hwmon/hwmon0"
    static let zone = "/sys/devices/virtual/thermal/thermal_zone0"

    static func board(
        _ kind: BoardKind = .raspberryPi4, adjust: (inout BoardHardware) -> Void = { _ in }
    ) -> VirtualBoard {
        var hardware = kind.hardware
        adjust(&hardware)
        var board = VirtualBoard(hardware, bootID: "0")
        board.advance(to: 0, cpuS: 0, memoryUsedBytes: 0)
        return board
    }

    static func text(_ board: VirtualBoard, _ path: String) throws -> String {
        String(decoding: try board.read(path), as: UTF8.self)
    }

    static func number(_ board: VirtualBoard, _ path: String) throws -> Int {
        try #require(Int(try text(board, path).split(separator: "\n").first ?? ""))
    }

    @Test func `a limit is clamped to the hardware and reads back what took effect`() throws {
        var board = Self.board()
        let highest = "\(Self.policy)/scaling_max_freq"
        for (written, effective) in [
            ("1000000\n", 1_000_000), ("1049999", 1_000_000), ("9999999", 1_500_000), ("1", 600_000),
            ("0x96000\n", 600_000), ("1200000", 1_200_000),
        ] {
            try board.write(highest, Array(written.utf8))
            #expect(try Self.number(board, highest) == effective, "\(written)")
        }
        // The lower limit follows an upper one that was set below it, and comes back with it.
        let lowest = "\(Self.policy)/scaling_min_freq"
        try board.write(lowest, Array("1000000".utf8))
        try board.write(highest, Array("800000".utf8))
        #expect(try Self.number(board, lowest) == 800_000)
        try board.write(highest, Array("1500000".utf8))
        #expect(try Self.number(board, lowest) == 1_000_000)
    }

    @Test(arguments: ["", "\n", "fast", "1000000 kHz", "-5", "1e6", "99999999999", "0x", "12 34", "1500000\n\n"])
    func `what is no frequency is invalid`(text: String) throws {
        var board = Self.board()
        let error = #expect(throws: KernelError.self) {
            try board.write("\(Self.policy)/scaling_max_freq", Array(text.utf8))
        }
        #expect(error == .invalid)
        #expect(try Self.number(board, "\(Self.policy)/scaling_max_freq") == 1_500_000)
    }

    @Test func `governors are known by name, and decide the frequency`() throws {
        var board = Self.board()
        let governor = "\(Self.policy)/scaling_governor"
        for name in ["", "fast", "performanc", "PERFORMANCE"] {
            #expect(throws: KernelError.invalid) { try board.write(governor, Array(name.utf8)) }
        }
        try board.write(governor, Array("performance\n".utf8))
        #expect(try Self.text(board, governor) == "performance\n")
        #expect(board.frequencyHz == 1.5e9)
        try board.write("\(Self.policy)/scaling_max_freq", Array("900000".utf8))
        #expect(try Self.number(board, "\(Self.policy)/scaling_cur_freq") == 900_000)
        #expect(abs(board.speedCores - board.hardware.cores * 0.6) < 1e-12)
        try board.write(governor, Array("powersave".utf8))
        #expect(board.frequencyHz == 6e8)
        #expect(throws: KernelError.invalid) {
            try board.write("\(Self.policy)/scaling_setspeed", Array("700000".utf8))
        }
        #expect(try Self.text(board, "\(Self.policy)/scaling_setspeed") == "<unsupported>\n")
        try board.write(governor, Array("userspace".utf8))
        try board.write("\(Self.policy)/scaling_setspeed", Array("700000".utf8))
        #expect(board.frequencyHz == 7e8)
    }

    @Test func `a governor that follows the load goes up and down with it`() throws {
        var board = Self.board()
        #expect(board.frequencyHz == 6e8)
        var cpuS = 0.0
        for step in 1...50 {
            cpuS += 0.02 * board.speedCores
            board.advance(to: Double(step) * 0.02, cpuS: cpuS, memoryUsedBytes: 0)
        }
        #expect(board.frequencyHz == 1.5e9)
        for step in 51...100 { board.advance(to: Double(step) * 0.02, cpuS: cpuS, memoryUsedBytes: 0) }
        #expect(board.frequencyHz == 6e8)
    }

    @Test func `the accelerator of the Nano refuses limits in the wrong order`() throws {
        var board = Self.board(.jetsonNano)
        #expect(try board.entry(at: Self.gpu) == .link("../../devices/57000000.gpu/devfreq/57000000.gpu"))
        try board.write("\(Self.gpuDevice)/max_freq", Array("460800000".utf8))
        #expect(throws: KernelError.invalid) { try board.write("\(Self.gpuDevice)/min_freq", Array("614400000".utf8)) }
        try board.write("\(Self.gpuDevice)/min_freq", Array("460800000".utf8))
        #expect(board.frequencyHz == 460.8e6)
        #expect(throws: KernelError.invalid) { try board.write("\(Self.gpuDevice)/max_freq", Array("230400000".utf8)) }
        try board.write("\(Self.gpuDevice)/max_freq", Array("0".utf8))
        #expect(try Self.number(board, "\(Self.gpuDevice)/max_freq") == 921_600_000)
        // Its processor is another clock, and does not set the speed.
        let before = board.speedCores
        try board.write("\(Self.policy)/scaling_governor", Array("performance".utf8))
        #expect(board.speedCores == before)
    }

    @Test func `energy is static power, and C V² f for the part of the time that was used`() throws {
        var board = Self.board { $0.processor.governor = "performance" }
        let hardware = board.hardware
        let top = hardware.processor.points.count - 1
        board.advance(to: 10, cpuS: 10 * hardware.cores, memoryUsedBytes: 0)
        #expect(abs(board.energyJ - 10 * hardware.computePowerW(at: top)) < 1e-9)
        board.advance(to: 20, cpuS: 10 * hardware.cores, memoryUsedBytes: 0)
        #expect(abs(board.energyJ - 10 * hardware.computePowerW(at: top) - 10 * hardware.staticPowerW) < 1e-9)
        // At another frequency the same work takes less, for its voltage is lower.
        try board.write("\(Self.policy)/scaling_max_freq", Array("600000".utf8))
        let before = board.energyJ
        board.advance(to: 45, cpuS: 20 * hardware.cores, memoryUsedBytes: 0)
        let point = hardware.processor.points[0]
        let expected =
            25 * (hardware.staticPowerW + hardware.processor.capacitanceF * point.voltageV * point.voltageV * 6e8)
        #expect(abs(board.energyJ - before - expected) < 1e-9)
    }

    @Test(arguments: [1, 3, 17, 400])
    func `energy and heat do not depend on how time is cut`(pieces: Int) throws {
        var board = Self.board { $0.processor.governor = "performance" }
        for piece in 1...pieces {
            let nowS = 40.0 * Double(piece) / Double(pieces)
            board.advance(to: nowS, cpuS: nowS * board.hardware.cores * 0.5, memoryUsedBytes: 0)
        }
        let powerW = board.hardware.staticPowerW + 1.8
        #expect(abs(board.energyJ - 40 * powerW) < 1e-6)
        let idleC = 25 + 9 * board.hardware.staticPowerW
        let settledC = 25 + 9 * powerW
        #expect(abs(board.temperatureC - (settledC + (idleC - settledC) * exp(-1.0))) < 1e-6)
    }

    @Test func `heat lowers the limit step by step, and gives it back below the hysteresis`() throws {
        var board = Self.board { $0.processor.governor = "performance" }
        board.setAmbient(70)
        var (nowS, cpuS) = (0.0, 0.0)
        func pass(_ board: inout VirtualBoard, _ seconds: Double) {
            for _ in 0..<Int(seconds * 10) {
                nowS += 0.1
                cpuS += 0.1 * board.speedCores
                board.advance(to: nowS, cpuS: cpuS, memoryUsedBytes: 0)
            }
        }
        pass(&board, 120)
        #expect(board.throttleSteps > 0)
        #expect(try Self.number(board, "\(Self.policy)/scaling_max_freq") < 1_500_000)
        #expect(board.frequencyHz < 1.5e9)
        #expect(try Self.number(board, "/sys/devices/virtual/thermal/cooling_device0/cur_state") == board.throttleSteps)
        board.setAmbient(20)
        pass(&board, 120)
        #expect(board.throttleSteps == 0)
        #expect(try Self.number(board, "\(Self.policy)/scaling_max_freq") == 1_500_000)
        #expect(try Self.number(board, "\(Self.zone)/temp") < 77_000)
    }

    @Test func `sensors tell the mean of their last conversion in their own unit`() throws {
        var board = Self.board { $0.processor.governor = "performance" }
        #expect(try Self.number(board, "\(Self.sensor)/power1_input") == 2_200_000)
        board.advance(to: 0.1, cpuS: 0.1 * board.hardware.cores, memoryUsedBytes: 0)
        #expect(try Self.number(board, "\(Self.sensor)/power1_input") == 5_800_000)
        board.advance(to: 0.15, cpuS: 0.1 * board.hardware.cores, memoryUsedBytes: 0)
        #expect(try Self.number(board, "\(Self.sensor)/power1_input") == 5_800_000)

        let nano = Self.board(.jetsonNano)
        let milliwatts =
            try Self.number(nano, "\(Self.sensor)/in1_input") * (try Self.number(nano, "\(Self.sensor)/curr1_input"))
            / 1000
        #expect(abs(milliwatts - 1900) < 5)

        var server = Self.board(.server)
        let counter = "/sys/devices/virtual/powercap/intel-rapl/intel-rapl:0/energy_uj"
        server.advance(to: 10, cpuS: 0, memoryUsedBytes: 0)
        #expect(try Self.number(server, counter) == 220_000_000)
        server.advance(to: 12_000, cpuS: 0, memoryUsedBytes: 0)
        #expect(try Self.number(server, counter) == 264_000_000_000 - VirtualTree.energyRangeMicroJ)
    }

    @Test func `faults of a sensor show, and heal`() throws {
        var board = Self.board()
        let path = "\(Self.sensor)/power1_input"
        board.inject(.sensorVanishes)
        #expect(throws: KernelError.noEntry) { try board.read(path) }
        #expect(throws: KernelError.noEntry) { try board.entry(at: "/sys/class/hwmon/hwmon0") }
        #expect(try board.entry(at: "/sys/class/hwmon") == .folder([]))
        board.heal(.sensorVanishes)
        #expect(try Self.number(board, path) == 2_200_000)
        board.inject(.sensorFails)
        #expect(throws: KernelError.inputOutput) { try board.read(path) }
        board.heal(.sensorFails)
        board.inject(.sensorJumps)
        #expect(try Self.number(board, path) == 2_200_000_000)
        board.heal(.sensorJumps)
        board.inject(.sensorText)
        #expect(try Self.text(board, path) == "<unknown>\n")
        board.heal(.sensorText)
        board.inject(.sensorEmpty)
        #expect(try board.read(path).isEmpty)
        board.heal(.sensorEmpty)
        board.inject(.sensorSticks)
        board.advance(to: 1, cpuS: 0.6, memoryUsedBytes: 0)
        #expect(try Self.number(board, path) == 2_200_000)
        board.heal(.sensorSticks)
        #expect(try Self.number(board, path) > 2_200_000)
    }

    @Test func `clocks can be refused, ignored and locked`() throws {
        var board = Self.board()
        let path = "\(Self.policy)/scaling_governor"
        board.inject(.writeRefused)
        #expect(throws: KernelError.inputOutput) { try board.write(path, Array("performance".utf8)) }
        board.heal(.writeRefused)
        board.inject(.writeIgnored)
        try board.write(path, Array("performance".utf8))
        #expect(try Self.text(board, path) == "ondemand\n")
        board.heal(.writeIgnored)
        board.inject(.locked)
        #expect(throws: KernelError.noAccess) { try board.write(path, Array("performance".utf8)) }
        #expect(try board.entry(at: path) == .file(permissions: 0o444))
        board.heal(.locked)
        try board.write(path, Array("performance".utf8))
        #expect(throws: KernelError.noAccess) { try board.write("\(Self.policy)/cpuinfo_max_freq", Array("1".utf8)) }
    }

    @Test(arguments: BoardKind.allCases)
    func `every name that a folder has leads somewhere, and every file can be read`(kind: BoardKind) throws {
        let board = Self.board(kind)
        for path in board.paths {
            switch try board.entry(at: path) {
            case .folder(let names):
                for name in names { _ = try board.entry(at: path == "/" ? "/\(name)" : "\(path)/\(name)") }
            case .file: #expect(try !board.read(path).isEmpty, "\(path)")
            case .link(let target):
                var parts = path.split(separator: "/").dropLast().map(String.init)
                for part in target.split(separator: "/") {
                    if part == ".." { parts.removeLast() } else { parts.append(String(part)) }
                }
                _ = try board.entry(at: "/" + parts.joined(separator: "/"))
            }
        }
        let memory = try Self.text(board, "/proc/meminfo")
        #expect(memory.hasPrefix("MemTotal:") && memory.contains("MemAvailable:"))
    }

    @Test func `the ticks of its processors say how busy it was`() throws {
        var board = Self.board(.raspberryPi4)
        var load = ProcessorLoad()
        board.advance(to: 0, cpuS: 0, memoryUsedBytes: 0)
        #expect(load.handle(try Self.text(board, ProcessorLoad.path)) == nil)
        // A quarter of what it may compute, then all, then nothing.
        var cpuS = 0.0
        for (second, part) in [0.25, 1, 0].enumerated() {
            cpuS += part * 10 * board.speedCores
            board.advance(to: Double(second + 1) * 10, cpuS: cpuS, memoryUsedBytes: 0)
            let busy = try #require(load.handle(try Self.text(board, ProcessorLoad.path)))
            #expect(abs(busy - part) < 0.01, "\(busy), not \(part)")
        }
    }
}
