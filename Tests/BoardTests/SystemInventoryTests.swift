import Board
import Foundation
import Glibc
import JSON
import TestKit
import Testing

/// What is found in trees as boards' kernels show them, and in broken ones.
@Suite struct SystemInventoryTests {
    private let policy = "/sys/devices/system/cpu/cpufreq/policy0"

    private func discover(_ files: [String: String]) throws -> BoardInventory {
        let tree = try MadeUpTree(files)
        return BoardInventory.discover(SystemRoot(path: tree.path))
    }

    @Test func `a Raspberry Pi 4 has one clock, its temperature, memory and two links, and no power sensor`() throws {
        let found = try discover(MadeUpBoards.raspberryPi4)
        #expect(found.model == "Raspberry Pi 4 Model B Rev 1.4")
        let clock = try #require(found.cpuPolicies.first)
        #expect(found.domains.count == 1 && clock.name == "policy0" && clock.cpus == [0, 1, 2, 3])
        #expect(clock.frequenciesHz.count == 10 && clock.frequenciesHz.first == 6e8 && !clock.isGrid)
        #expect(clock.hardwareMaximumHz == 1.5e9 && clock.minimumHz == 6e8 && clock.maximumHz == 1.5e9)
        #expect(clock.currentHz == 9e8 && clock.governor == "ondemand" && clock.governors.contains("performance"))
        #expect(clock.isWritable)
        #expect(found.memoryTotalBytes == 3_884_348 * 1024)
        #expect(found.zones.map(\.type) == ["cpu-thermal"] && found.zones.first?.celsius == 48.199)
        #expect(found.zones.first?.tripPoints == [.init(type: "critical", celsius: 110)])
        #expect(found.zones.first?.passiveCelsius == nil)
        #expect(found.interfaces.map(\.name) == ["eth0", "wlan0"])
        #expect(found.interfaces.map(\.speedMbitPerS) == [1000, nil])
        #expect(found.interfaces.map(\.isWireless) == [false, true])
        #expect(found.sensors.isEmpty && found.isOnMains == nil)
        #expect(found.faults.map(\.path) == ["/sys/class/hwmon"])
    }

    @Test func `a Jetson Nano has a GPU's clock and the three rails of its old kernel`() throws {
        let found = try discover(MadeUpBoards.jetsonNano)
        let gpu = try #require(found.devfreqDevices.first)
        #expect(gpu.name == "57000000.gpu" && gpu.frequenciesHz.count == 12 && gpu.hardwareMinimumHz == 76_800_000)
        #expect(found.sensors.map(\.name) == ["ina3221x/POM_5V_IN", "ina3221x/POM_5V_GPU", "ina3221x/POM_5V_CPU"])
        #expect(found.sensors.map(\.scope) == [.board, .part, .part])
        #expect(found.sensors.first?.kind == .power && found.sensors.first?.powerW == 2.216)
        #expect(found.zones.first?.passiveCelsius == 97)
        #expect(found.faults.isEmpty, "\(found.faults)")
    }

    @Test func `an Orin Nano has two clusters, and voltage times current of three rails only`() throws {
        let found = try discover(MadeUpBoards.jetsonOrinNano)
        #expect(found.cpuPolicies.map(\.cpus) == [[0, 1, 2, 3], [4, 5]])
        #expect(found.sensors.map(\.label) == ["VDD_IN", "VDD_CPU_GPU_CV", "VDD_SOC"])
        let sensor = try #require(found.sensors.first)
        #expect(sensor.kind == .voltageTimesCurrent && sensor.scope == .board)
        #expect(abs((sensor.powerW ?? 0) - 4.936 * 0.904) < 1e-12)
    }

    @Test func `a PC has a grid of frequencies, a counter of energy and the mains, and a mouse is no board`() throws {
        let found = try discover(MadeUpBoards.personalComputer)
        #expect(found.model == "OptiPlex 7050")
        let clock = try #require(found.cpuPolicies.first)
        #expect(clock.isGrid && clock.frequenciesHz.count == 8)
        #expect(clock.frequenciesHz.first == 8e8 && clock.frequenciesHz.last == 3.6e9)
        #expect(found.sensors.map(\.name) == ["powercap/package-0"])
        #expect(found.sensors.first?.rangeJ == 262_143.32885)
        #expect(found.supplies.map(\.name) == ["AC"] && found.isOnMains == true)
    }

    @Test func `a laptop that discharges is not on the mains, and its battery tells power of either sign`() throws {
        let battery = "/sys/class/power_supply/BAT0"
        let found = try discover([
            "\(battery)/type": "Battery", "\(battery)/status": "Discharging", "\(battery)/voltage_now": "12000000",
            "\(battery)/current_now": "-1500000",
        ])
        #expect(found.isOnMains == false)
        #expect(found.sensors.map(\.scope) == [.battery] && found.sensors.first?.powerW == 18)
        #expect(BoardProfile.sensors(of: found, profile: nil).map(\.name) == ["power_supply/BAT0"])
        #expect(BoardProfile.wholeBoardSensors(of: found, profile: nil).isEmpty)
    }

    @Test func `an empty tree is a board of which nothing is known, with a reason for each part`() throws {
        let found = try discover([:])
        #expect(found.model == nil && found.domains.isEmpty && found.memoryTotalBytes == nil)
        #expect(found.zones.isEmpty && found.sensors.isEmpty && found.interfaces.isEmpty && found.isOnMains == nil)
        #expect(
            found.faults.map(\.path) == [
                "/proc/device-tree/model", "/proc/meminfo", "/sys/class/hwmon", "/sys/devices/system/cpu/cpufreq",
            ])
    }

    @Test(arguments: [
        "", " ", "fast", "0x10", "1e6", "-600000", "99999999999999999999", "1 2", "nan", "600000 kHz", "0",
    ])
    func `a number that is none leaves the clock uncontrolled and is named`(text: String) throws {
        for file in ["cpuinfo_min_freq", "cpuinfo_max_freq"] {
            let found = try discover(MadeUpBoards.raspberryPi4.merging(["\(policy)/\(file)": text]) { $1 })
            #expect(found.domains.isEmpty)
            #expect(found.faults.contains { $0.path == "\(policy)/\(file)" && !$0.consequence.isEmpty })
        }
        for file in ["scaling_min_freq", "scaling_max_freq"] {
            let found = try discover(MadeUpBoards.raspberryPi4.merging(["\(policy)/\(file)": text]) { $1 })
            let clock = try #require(found.domains.first)
            #expect(file == "scaling_min_freq" ? clock.minimumHz == nil : clock.maximumHz == nil)
            #expect(!clock.isWritable)
            #expect(found.faults.contains { $0.path == "\(policy)/\(file)" })
        }
        if Int(text) != 0 {
            let zone = "/sys/class/thermal/thermal_zone0/temp"
            let found = try discover(MadeUpBoards.raspberryPi4.merging([zone: text]) { $1 })
            #expect(found.zones.first?.celsius == nil && found.faults.contains { $0.path == zone })
        }
    }

    @Test func `a list with a broken entry is not used, and a limit out of order is no clock`() throws {
        let list = "\(policy)/scaling_available_frequencies"
        var found = try discover(MadeUpBoards.raspberryPi4.merging([list: "600000 x 900000"]) { $1 })
        #expect(found.domains.first?.isGrid == true && found.faults.contains { $0.path == list })
        // Boosts above the hardware's own maximum are not ours to ask for.
        found = try discover(MadeUpBoards.raspberryPi4.merging([list: "500000 600000 1500000 1600000"]) { $1 })
        #expect(found.domains.first?.frequenciesHz == [6e8, 1.5e9])
        found = try discover(MadeUpBoards.raspberryPi4.merging(["\(policy)/cpuinfo_min_freq": "1600000"]) { $1 })
        #expect(found.domains.isEmpty && found.faults.contains { $0.kind == .absurd })
    }

    @Test func `missing files are named, each with what follows`() throws {
        for file in ["cpuinfo_max_freq", "scaling_max_freq", "scaling_min_freq", "scaling_governor", "affected_cpus"] {
            let found = try discover(MadeUpBoards.raspberryPi4.filter { $0.key != "\(policy)/\(file)" })
            let fault = try #require(found.faults.first { $0.path == "\(policy)/\(file)" })
            #expect(fault.kind == .missing && !fault.consequence.isEmpty)
            #expect(found.domains.allSatisfy { !$0.isWritable || file == "affected_cpus" })
        }
    }

    @Test func `a locked file is named with the line that grants it, and an error of the hardware as such`() {
        let kernel = FakeKernel(MadeUpBoards.jetsonNano)
        kernel.change {
            $0.writeErrors["\(policy)/scaling_max_freq"] = EACCES
            $0.writeErrors["/sys/class/devfreq/57000000.gpu/min_freq"] = EROFS
            $0.readErrors["/sys/bus/iio/devices/iio:device0/in_power0_input"] = EIO
            $0.readErrors["/sys/class/thermal/thermal_zone1/temp"] = EACCES
            $0.readErrors["/sys/class/net/eth0/speed"] = EINVAL
        }
        let found = BoardInventory.discover(SystemRoot(files: kernel))
        func fault(_ path: String) -> BoardFault? { found.faults.first { $0.path == path } }
        #expect(found.domains.map(\.isWritable) == [false, false])
        #expect(
            fault("\(policy)/scaling_max_freq")?.remedy.first
                == "sudo chgrp lamella \(policy)/scaling_max_freq && sudo chmod g+w \(policy)/scaling_max_freq")
        #expect(
            fault("/sys/class/devfreq/57000000.gpu/min_freq")?.remedy.contains { $0.contains("ReadWritePaths=") }
                == true)
        #expect(fault("/sys/bus/iio/devices/iio:device0/in_power0_input")?.kind == .failing)
        #expect(found.sensors.first?.powerW == nil && found.sensors.count == 3)
        #expect(fault("/sys/class/thermal/thermal_zone1/temp")?.remedy.first?.contains("chmod g+r") == true)
        #expect(found.interfaces.first?.speedMbitPerS == nil && fault("/sys/class/net/eth0/speed") == nil)
    }

    @Test func `the right to read a counter of energy is a line for tmpfiles`() {
        let kernel = FakeKernel(MadeUpBoards.personalComputer)
        let path = "/sys/class/powercap/intel-rapl:0/energy_uj"
        kernel.change { $0.readErrors[path] = EACCES }
        let fault = BoardInventory.discover(SystemRoot(files: kernel)).faults.first { $0.path == path }
        #expect(fault?.remedy.last?.contains("'z \(path) 0440 root lamella -'") == true)
    }

    @Test func `a file of megabytes, a folder and a pipe in a file's place are faults`() throws {
        let tree = try MadeUpTree(MadeUpBoards.raspberryPi4)
        try tree.write(String(repeating: "1", count: 1 << 20), to: "\(policy)/cpuinfo_min_freq")
        try tree.remove("/sys/class/thermal/thermal_zone0/temp")
        try tree.write("", to: "/sys/class/thermal/thermal_zone0/temp/")
        try tree.remove("/sys/class/net/eth0/operstate")
        #expect(mkfifo(tree.path + "/sys/class/net/eth0/operstate", 0o600) == 0)
        let found = BoardInventory.discover(SystemRoot(path: tree.path))
        #expect(found.domains.isEmpty && found.zones.first?.celsius == nil)
        #expect(found.interfaces.first?.operationalState == nil)
        for path in [
            "\(policy)/cpuinfo_min_freq", "/sys/class/thermal/thermal_zone0/temp", "/sys/class/net/eth0/operstate",
        ] { #expect(found.faults.contains { $0.path == path }, "\(path)") }
    }

    @Test func `an inventory survives its JSON`() throws {
        for files in [MadeUpBoards.jetsonNano, MadeUpBoards.personalComputer, [:]] {
            let found = try discover(files)
            let text = try JSON.encode(found)
            #expect(try JSON.decode(BoardInventory.self, from: Array(text.utf8), limits: .document) == found)
        }
    }

    @Test func `this machine can be looked at`() {
        let found = BoardInventory.discover()
        #expect(found.memoryTotalBytes ?? 0 > 0)
        #expect(found.faults.allSatisfy { !$0.problem.isEmpty })
    }
}
