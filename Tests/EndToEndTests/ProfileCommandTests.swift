import Foundation
import TestKit
import Testing

/// `lamella profile` as a person runs it, on the digits model and a board that is made up.
@Suite struct ProfileCommandTests {
    private let policy = "/sys/devices/system/cpu/cpufreq/policy0"

    @Test func `parts of operators are measured, once each, into traces that an estimator reads`() throws {
        let folder = try Repository.makeTemporaryFolder("operators")
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let model = Repository.path("Tests/Fixtures/digits/digits.onnx")
        func profile() throws -> [String: Any] {
            let result = try Processes.run(
                Repository.program,
                ["profile", model, "--operators", "--samples", "3", "--output", folder + "/traces", "--json"])
            return try #require(
                try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
        }
        let first = try profile()
        let count = try #require(first["measured"] as? Int)
        #expect(count > 10 && first["left"] as? Int == 0 && (first["left_out"] as? [Any])?.isEmpty == true)
        let text = try String(contentsOfFile: folder + "/traces/compute.csv", encoding: .utf8)
        #expect(text.split(separator: "\n").count == count + 1)
        let again = try profile()
        #expect(again["measured"] as? Int == 0 && again["measured_before"] as? Int == count)
        // The weights do not stay.
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder + "/traces") == ["compute.csv"])
        let refused = try Processes.run(
            Repository.program, ["profile", model, "--operators", "--quick"], requireSuccess: false)
        #expect(refused.exitCode != 0 && refused.errors.contains("--quick"))
    }

    @Test func `a profile at two clocks is cut, goes on, is planned with, and leaves the clocks as they were`() throws {
        let folder = try Repository.makeTemporaryFolder("profile")
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var files = MadeUpBoards.raspberryPi4
        files["\(policy)/scaling_cur_freq"] = nil
        let tree = try MadeUpTree(files)
        let model = Repository.path("Tests/Fixtures/digits/digits.onnx")
        let output = folder + "/digits.csv"
        func profile(requireSuccess: Bool = true) throws -> Processes.Result {
            try Processes.run(
                Repository.program,
                [
                    "profile", model, "--device", "pi", "--frequencies", "600e6,1500e6", "--max-bundle-size", "2",
                    "--samples", "3", "--output", output, "--root", tree.path,
                ], requireSuccess: requireSuccess)
        }
        let first = try profile()
        let whole = try String(contentsOfFile: output, encoding: .utf8)
        let rows = whole.split(separator: "\n").count - 1
        #expect(first.output.hasPrefix("\(output): \(rows) measured in "))
        #expect(first.errors.contains("energy is not measured"))

        // Three rows are lost, the third by half.
        let lines = whole.split(separator: "\n", omittingEmptySubsequences: true)
        let cut = lines.dropLast(3).joined(separator: "\n") + "\n" + lines[lines.count - 3].prefix(20)
        try Data(cut.utf8).write(to: URL(fileURLWithPath: output))
        let second = try profile()
        #expect(second.output.contains(": 3 measured in ") && second.output.contains(", \(rows - 3) were there before"))
        #expect(second.errors.contains("a last row that was cut was removed"))
        let again = try String(contentsOfFile: output, encoding: .utf8)
        #expect(again.split(separator: "\n").count - 1 == rows)

        for name in ["scaling_max_freq", "scaling_min_freq", "scaling_governor"] {
            #expect(try tree.text("\(policy)/\(name)") == files["\(policy)/\(name)"])
        }
        // Neither the journal nor the weights stay.
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["digits.csv"])

        let cluster = """
            name = "one"
            [application]
            source = "pi"
            destination = "pi"
            [[device]]
            id = "pi"
            flops = 3.62e9
            memory_bandwidth_bytes_per_s = 719e6
            memory_bytes = 1_000_000_000
            [[device.operating_point]]
            frequency_hz = 600_000_000
            flops = 1.81e9
            [[device.operating_point]]
            frequency_hz = 1_500_000_000
            flops = 3.62e9
            """
        try Data(cluster.utf8).write(to: URL(fileURLWithPath: folder + "/c.toml"))
        let plan = try Processes.run(
            Repository.program,
            ["plan", model, "--cluster", folder + "/c.toml", "--profile", output, "--json"])
        #expect(plan.output.contains("\(rows) bundles of up to 2 layers"))
    }

    @Test func `a clock that the board does not have is refused with those that it has`() throws {
        let tree = try MadeUpTree(MadeUpBoards.raspberryPi4)
        let result = try Processes.run(
            Repository.program,
            [
                "profile", Repository.path("Tests/Fixtures/digits/digits.onnx"), "--frequencies", "650e6", "--root",
                tree.path, "--output", tree.path + "/digits.csv",
            ], requireSuccess: false)
        #expect(result.exitCode != 0 && result.errors.contains("650 MHz is no clock of policy0; it has 600 MHz"))
        #expect(!FileManager.default.fileExists(atPath: tree.path + "/digits.csv"))
    }
}
