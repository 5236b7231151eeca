import Board
import Foundation
import TestKit
import Testing

@Suite struct SystemProfileTests {
    private static let folder = Repository.path("firmware-config/boards")

    private func profile(_ model: String) throws -> String? {
        BoardProfile.matching(model, in: try BoardProfile.load(folder: Self.folder))?.name
    }

    @Test func `every shipped profile is read, and each has a name of its own`() throws {
        let files = try FileManager.default.contentsOfDirectory(atPath: Self.folder)
        let profiles = try BoardProfile.load(folder: Self.folder)
        #expect(profiles.count == 6 && profiles.count == files.count)
        #expect(Set(profiles.map(\.name)).count == profiles.count)
        #expect(profiles.allSatisfy { $0.units.contains { $0.kind == .cpu } })
    }

    @Test func `a board is known by its model's string`() throws {
        for (model, name) in [
            ("Raspberry Pi 3 Model B Plus Rev 1.3", "Raspberry Pi 3"),
            ("Raspberry Pi 3 Model B Rev 1.2", "Raspberry Pi 3"),
            ("Raspberry Pi 4 Model B Rev 1.4", "Raspberry Pi 4"), ("Raspberry Pi 5 Model B Rev 1.0", "Raspberry Pi 5"),
            ("Libre Computer AML-S905X-CC", "LibreComputer Le Potato"),
            ("Libre Computer AML-S905X-CC V2", "LibreComputer Le Potato"),
            ("NVIDIA Jetson Nano Developer Kit", "NVIDIA Jetson Nano"),
            ("NVIDIA Jetson Orin Nano Engineering Reference Developer Kit Super", "NVIDIA Jetson Orin Nano"),
            ("NVIDIA Orin Nano Developer Kit", "NVIDIA Jetson Orin Nano"),
        ] { #expect(try profile(model) == name) }
        for model in ["", "Raspberry Pi 2 Model B", "OptiPlex 7050", "nvidia jetson nano"] {
            #expect(try profile(model) == nil)
        }
    }

    @Test func `a profile finds its clocks and its sensor on the board`() throws {
        let profiles = try BoardProfile.load(folder: Self.folder)
        for (files, domains, sensor) in [
            (MadeUpBoards.jetsonNano, [["policy0"], ["57000000.gpu"]], "ina3221x/POM_5V_IN"),
            (MadeUpBoards.jetsonOrinNano, [["policy0", "policy4"], ["17000000.gpu"]], "ina3221/VDD_IN"),
        ] {
            let tree = try MadeUpTree(files)
            let found = BoardInventory.discover(SystemRoot(path: tree.path))
            let profile = try #require(BoardProfile.matching(found.model ?? "", in: profiles))
            #expect(profile.units.map { BoardProfile.domains(of: $0, in: found).map(\.name) } == domains)
            #expect(BoardProfile.sensors(of: found, profile: profile).map(\.name) == [sensor])
            #expect(BoardProfile.wholeBoardSensors(of: found, profile: profile).map(\.name) == [sensor])
        }
    }

    @Test func `what a profile may not say is named`() throws {
        let right = """
            name = "A"
            models = ["A"]
            supply = "mains"
            [[device]]
            id = "cpu"
            kind = "cpu"
            cpu_policies = ["policy0"]
            """
        #expect(try BoardProfile.parse(right, name: "a.toml").units.map(\.deviceClass) == [.edge])
        for (from, to, word) in [
            ("id = \"cpu\"", "id = \"cpu\"\nflopz = 1", "flopz"), ("[\"A\"]", "[]", "models"),
            ("[\"A\"]", "[\"\"]", "models"),
            ("\"mains\"", "\"sun\"", "supply"), ("cpu_policies = [\"policy0\"]", "", "cpu_policies"),
            ("kind = \"cpu\"", "kind = \"cpu\"\ndevfreq = [\"x\"]", "devfreq"),
            ("kind = \"cpu\"", "kind = \"cpu\"\nflops = 0", "flops"), ("\"A\"\nm", "\"\"\nm", "name"),
        ] {
            let error = #expect(throws: ConfigurationError.self) {
                try BoardProfile.parse(right.replacing(from, with: to), name: "a.toml")
            }
            #expect(error?.description.contains("a.toml") == true && error?.description.contains(word) == true, "\(to)")
        }
    }
}
