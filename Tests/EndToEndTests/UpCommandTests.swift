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
        #expect(report["decision"]?["event"] == "committed")
        #expect(report["decision"]?["reason"]?.text?.contains("link") == true)
        #expect(report["unclean_stops"] == .array([]))
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
