import Board
import Foundation
import TestbedKit
import Testing

@Suite struct ScenarioTests {
    static let text = """
        name = "two"
        [application]
        source = "pi"
        destination = "pi"
        [testbed]
        requests_per_s = 3
        [[board]]
        node = "pi"
        kind = "raspberry-pi-4"
        cores = 0.3
        [[board]]
        node = "nano"
        kind = "jetson-nano"
        [[device]]
        id = "pi"
        flops = 1e8
        memory_bandwidth_bytes_per_s = 1e9
        memory_bytes = 300_000_000
        [[device]]
        id = "nano"
        flops = 1e9
        memory_bandwidth_bytes_per_s = 1e9
        memory_bytes = 300_000_000
        [[link]]
        between = ["pi", "nano"]
        bandwidth_bytes_per_s = 1e6

        """

    @Test func `a board may rest at another power than its kind, but not below nothing`() throws {
        func parse(_ powerW: Double) throws -> Scenario {
            let kind = "kind = \"raspberry-pi-4\""
            let text = Self.text.replacingOccurrences(of: kind, with: "\(kind)\nstatic_power_w = \(powerW)")
            return try Scenario.parse(text, name: "t.toml")
        }
        #expect(try parse(0.5).boards[0].hardware.staticPowerW == 0.5)
        let error = #expect(throws: ConfigurationError.self) { try parse(-1) }
        #expect(error?.description.contains("'board[0].static_power_w' is -1.0; give 0 or more") == true, "\(error)")
    }

    @Test func `events come in order of time`() throws {
        let scenario = try Scenario.parse(
            Self.text + """
                [[event]]
                at_s = 60
                zone = "CY"
                intensity_g_per_kwh = 480
                [[event]]
                at_s = 30
                link = ["pi", "nano"]
                bandwidth_bytes_per_s = 250e3
                [[event]]
                at_s = 45.5
                board = "nano"
                fault = "sensor_vanishes"
                [[event]]
                at_s = 70
                board = "pi"
                action = "stop_runner"
                """, name: "t")
        #expect(
            scenario.events == [
                ScenarioEvent(atS: 30, .link("pi", "nano", bytesPerS: 250e3)),
                ScenarioEvent(atS: 45.5, .fault("nano", .sensorVanishes)),
                ScenarioEvent(atS: 60, .carbon(zone: "CY", intensityGPerKwh: 480, validS: 3600)),
                ScenarioEvent(atS: 70, .process("pi", .stopRunner)),
            ])
        #expect(scenario.boards[0].hardware.cores == 0.3 && scenario.run.requestsPerS == 3)
        #expect(scenario.events[0].description == "the link pi-nano gets 2 Mbit/s")
    }

    @Test(arguments: [
        ("[[event]]\nat_s = 1\nboard = \"mars\"\nfault = \"locked\"\n", "there is no board 'mars'"),
        ("[[event]]\nat_s = 1\nboard = \"pi\"\n", "give exactly one of"),
        ("[[event]]\nat_s = 1\nboard = \"pi\"\nfault = \"locked\"\nambient_c = 3\n", "give exactly one of"),
        ("[[event]]\nat_s = -1\nzone = \"CY\"\nintensity_g_per_kwh = 1\n", "at_s"),
        ("[[event]]\nat_s = 1\nlink = [\"pi\", \"pi\"]\nbandwidth_bytes_per_s = 1e6\n", "no [[link]] joins"),
        ("[[event]]\nat_s = 1\nlink = [\"pi\", \"nano\"]\nbandwidth_bytes_per_s = 1\n", "cannot be shaped"),
        ("[[event]]\nat_s = 1\nzone = \"CY\"\nintensity_g_per_kwh = -1\n", "cannot be"),
        ("[[event]]\nat_s = 1\nnonsense = 1\n", "it names no 'link', 'zone' or 'board'"),
        ("[[board]]\nnode = \"pi\"\nkind = \"server\"\n", "same 'node'"),
        ("[[board]]\nnode = \"x\"\nkind = \"server\"\n", "carries 0 devices"),
        ("[[board]]\nnode = \"x\"\nkind = \"toaster\"\n", "toaster"),
        ("[other]\nkey = 1\n", "unknown key"),
    ])
    func `what cannot be is refused by name`(addition: String, words: String) throws {
        let error = #expect(throws: ConfigurationError.self) {
            try Scenario.parse(Self.text + addition, name: "t.toml")
        }
        let sentence = try #require(error?.description)
        #expect(sentence.hasPrefix("t.toml") && sentence.contains(words), "\(sentence)")
    }

    @Test func `the shipped scenarios can run`() throws {
        let folder = Files.path("Tests/Testbed/Scenarios")
        let names = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".toml") }
        #expect(names.count >= 3)
        for name in names {
            let scenario = try Scenario.load("\(folder)/\(name)")
            #expect(scenario.boards.reduce(0) { $0 + $1.hardware.cores } < 1.6, "\(name)")
            let model = try #require(scenario.run.model)
            #expect(FileManager.default.fileExists(atPath: model), "\(model)")
            #expect(!scenario.events.isEmpty)
        }
    }

    @Test func `a device without operating points gets those of its board`() throws {
        let scenario = try Scenario.parse(Self.text, name: "t")
        let hardware = scenario.boards[1].hardware
        let device = try #require(scenario.device(of: "nano"))
        let points = scenario.completed(device, hardware).points
        #expect(points.count == 10 && points[9].flops == 1e9)
        #expect(abs(points[0].flops - 0.25e9) < 1)
        #expect(points[9].computePowerW.map { abs($0 - 8.4) < 1e-9 } == true)
    }
}

/// Where the tests find what is not theirs.
enum Files {
    static let root: String = {
        var url = URL(fileURLWithPath: #filePath)
        while url.path != "/" {
            url.deleteLastPathComponent()
            if FileManager.default.fileExists(atPath: url.appendingPathComponent("Package.swift").path) { break }
        }
        return url.path
    }()

    static func path(_ relative: String) -> String { "\(root)/\(relative)" }
}
