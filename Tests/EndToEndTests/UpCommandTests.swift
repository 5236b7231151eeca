import Foundation
import JSON
import TestKit
import Testing

/// The command that people try first, as they run it.
@Suite(.serialized) struct UpCommandTests {
    @Test func `one command splits the trained model over three boards and plans again when a link slows down`() throws
    {
        let result = try Processes.run(Repository.program, ["up", "--json", "--requests", "360"])
        let report = try JSON.parse(Array(result.output.utf8))
        for run in ["before", "after"] {
            #expect(report[run]?["answered"] == .integer(360))
            guard case .number(let accuracy)? = report[run]?["accuracy"] else {
                Issue.record("no accuracy \(run) the change")
                continue
            }
            #expect(accuracy >= 0.97)
            guard case .array(let layers)? = report[run]?["plan"]?["plan"]?["layers"] else {
                Issue.record("no layers \(run) the change")
                continue
            }
            #expect(Set(layers.compactMap { $0["device"]?.text }).count > 1, "the plan uses one board only")
            if case .number(let predicted)? = report[run]?["predicted_latency_s"],
                case .number(let measured)? = report[run]?["measured_latency_median_s"]
            {
                print("\(run) the change: predicted \(predicted) s, measured \(measured) s in the median")
            }
        }
        let reason = report["decision"]?["reason"]?.text ?? "none"
        #expect(report["decision"]?["event"] == "committed", "\(reason)")
        #expect(reason.contains("link"))
        #expect(report["unclean_stops"] == .array([]))
    }

    @Test func `a killed lamella up leaves no broker, no agent and no runner behind`() async throws {
        let folder = try Repository.makeTemporaryFolder("up-killed")
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let up = Process()
        up.executableURL = URL(fileURLWithPath: Repository.program)
        up.arguments = ["up", "--keep", "--json", "--folder", folder]
        up.standardOutput = FileHandle.nullDevice
        up.standardError = FileHandle.nullDevice
        try up.run()
        defer { if up.isRunning { kill(up.processIdentifier, SIGKILL) } }
        let parent = Int(up.processIdentifier)
        var brokers: [Int] = []
        var agents: [Int] = []
        var runners: [Int] = []
        let deadline = ContinuousClock.now + .seconds(60)
        while brokers.count < 1 || agents.count < 3 || runners.count < 3 {
            try #require(ContinuousClock.now < deadline && up.isRunning, "\(brokers), \(agents), \(runners)")
            try await Task.sleep(for: .milliseconds(50))
            brokers = Processes.children(of: parent, running: "-c")
            agents = Processes.children(of: parent, running: "agent")
            runners = agents.flatMap { Processes.children(of: $0, running: "runner") }
        }
        kill(up.processIdentifier, SIGKILL)
        up.waitUntilExit()
        let children = brokers + agents + runners
        while children.contains(where: Processes.isAlive), ContinuousClock.now < deadline {
            try await Task.sleep(for: .milliseconds(20))
        }
        #expect(children.filter(Processes.isAlive) == [])
    }

    @Test func `a front door that does not answer is said at once, and an output that cannot be written before`()
        throws
    {
        let images = Repository.path("Tests/Fixtures/digits/test_images.npy")
        let start = ContinuousClock.now
        let unreachable = try Processes.run(
            Repository.program, ["infer", "digits", "--input", images, "--front-door", "127.0.0.1:1"],
            requireSuccess: false)
        #expect(unreachable.exitCode == 1)
        #expect(unreachable.errors.contains("there is no front door of a board at 127.0.0.1:1"))
        let unwritable = try Processes.run(
            Repository.program,
            ["infer", "digits", "--input", images, "--output", "/nowhere/y.npy", "--front-door", "127.0.0.1:1"],
            requireSuccess: false)
        #expect(unwritable.exitCode == 1)
        #expect(unwritable.errors.contains("cannot write /nowhere/y.npy: No such file or directory"))
        #expect(start.duration(to: .now) < .seconds(20))
    }

    @Test(arguments: [
        (["up", "--boards", "0"], "--boards must be 1 to 32"),
        (["up", "--boards", "30"], "has 5 boards, not 30"),
        (["up", "--scenario", "/nowhere.toml"], "/nowhere.toml"),
        (["agent", "--config", "/nowhere.toml"], "cannot read /nowhere.toml"),
        (["model", "show", "/nowhere.onnx"], "/nowhere.onnx"),
        (["plan", "/nowhere.onnx", "--cluster", "/nowhere.toml"], "nowhere"),
        (["status", "--broker", "127.0.0.1:1", "--timeout", "2"], "127.0.0.1:1"),
        (["infer", "x", "--input", "/nowhere.npy", "--front-door", "127.0.0.1:1"], "/nowhere.npy"),
    ])
    func `a command that cannot work says why in one sentence and fails`(arguments: [String], part: String) throws {
        let result = try Processes.run(Repository.program, arguments, requireSuccess: false)
        #expect(result.exitCode != 0)
        #expect(result.errors.contains(part), "\(result.errors)")
        #expect(!result.errors.contains("Fatal error"))
    }
}

extension JSONValue {
    var text: String? {
        if case .string(let text) = self { return text }
        return nil
    }
}
