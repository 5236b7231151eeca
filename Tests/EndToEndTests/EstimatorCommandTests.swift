import Foundation
import JSON
import TestKit
import Testing

/// `lamella estimator` as a person runs it.
@Suite struct EstimatorCommandTests {
    /// A folder of traces with times that are linear in the elements.
    private static func traces(relayout: String? = nil) throws -> String {
        let folder = try Repository.makeTemporaryFolder("estimator")
        let lines = (1...300).map { "\($0 * 4),\(0.001 + Double($0) * 0.0004)\n" }
        try (relayout ?? lines.joined()).write(toFile: folder + "/relayout.csv", atomically: true, encoding: .utf8)
        return folder
    }

    private static func isXGBoostMissing(_ result: Processes.Result) -> Bool {
        result.errors.contains("the estimator needs XGBoost")
    }

    @Test func `what is trained is shown, with its accuracy and what there were no traces of`() throws {
        let folder = try Self.traces()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let file = folder + "/made-up.estimator"
        let trained = try Processes.run(
            Repository.program,
            ["estimator", "train", "--traces", folder, "--hardware", "made up", "--output", file, "--rounds", "50"],
            requireSuccess: false)
        if Self.isXGBoostMissing(trained) {
            // A board without the library: the sentence says what to install, and nothing is left behind.
            #expect(trained.errors.contains("libxgboost-dev") && !FileManager.default.fileExists(atPath: file))
            return
        }
        #expect(trained.exitCode == 0, "\(trained.errors)")
        #expect(trained.errors.contains("the estimator will know nothing of compute"))
        #expect(trained.output.contains("for made up, 1 core; fingerprint "))
        let shown = try Processes.run(Repository.program, ["estimator", "show", file])
        #expect(shown.output == trained.output)
        let json = try JSON.parse(
            Array(try Processes.run(Repository.program, ["estimator", "show", file, "--json"]).output.utf8))
        #expect(json["estimator"]?["hardware"] == .string("made up"))
        #expect(json["estimator"]?["models"]?[0]?["held_out"]?["rows"] == .integer(60))
    }

    @Test func `flexpie plans by an estimator, and refuses one for other hardware`() throws {
        let folder = try Self.traces()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let file = folder + "/made-up.estimator"
        let trained = try Processes.run(
            Repository.program,
            ["estimator", "train", "--traces", folder, "--hardware", "made up", "--output", file, "--rounds", "5"],
            requireSuccess: false)
        guard !Self.isXGBoostMissing(trained) else { return }
        let devices = ["a", "b"].map {
            "[[device]]\nid = '\($0)'\nflops = 3e9\nmemory_bandwidth_bytes_per_s = 5e9\nmemory_bytes = 1000000000\n"
        }
        let link = "[[link]]\nbetween = ['a', 'b']\nbandwidth_bytes_per_s = 50e6\nlatency_s = 0.0002\n"
        try ("name = 'two'\n[application]\nsource = 'a'\ndestination = 'a'\n" + devices.joined() + link)
            .write(toFile: folder + "/c.toml", atomically: true, encoding: .utf8)
        func plan(_ hardware: String) throws -> Processes.Result {
            let model = Repository.path("Tests/Fixtures/models/squeezenet1_1.onnx")
            return try Processes.run(
                Repository.program,
                ["plan", model, "--cluster", folder + "/c.toml", "--sharing", "on", "--sharing-planner", "flexpie"]
                    + ["--estimator", file, "--hardware", hardware], requireSuccess: false)
        }
        let own = try plan("made up")
        #expect(own.exitCode == 0 && own.output.contains("operators shared by flexpie"), "\(own)")
        let other = try plan("pi5")
        #expect(other.exitCode == 1 && other.errors.contains("was trained for made up (fingerprint "), "\(other)")
    }

    @Test func `a broken row ends the training with file, line and what to do`() throws {
        let folder = try Self.traces(relayout: "4,0.1\n8,fast\n")
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let result = try Processes.run(
            Repository.program, ["estimator", "train", "--traces", folder, "--output", folder + "/x.estimator"],
            requireSuccess: false)
        #expect(result.exitCode == 1)
        #expect(result.errors.contains("/relayout.csv:2: milliseconds is 'fast', no number above 0; "))
        #expect(!FileManager.default.fileExists(atPath: folder + "/x.estimator"))
    }

    @Test func `what is no estimator and a folder without traces are refused with a sentence`() throws {
        let folder = try Self.traces()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let shown = try Processes.run(
            Repository.program, ["estimator", "show", folder + "/relayout.csv"], requireSuccess: false)
        #expect(shown.exitCode == 1 && shown.errors.contains("is no estimator"))
        try FileManager.default.removeItem(atPath: folder + "/relayout.csv")
        let trained = try Processes.run(
            Repository.program, ["estimator", "train", "--traces", folder, "--output", folder + "/x"],
            requireSuccess: false)
        #expect(trained.exitCode == 1 && trained.errors.contains("has no traces"))
    }
}
