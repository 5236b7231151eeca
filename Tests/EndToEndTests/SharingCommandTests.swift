import Foundation
import JSON
import TestKit
import Testing

/// `lamella plan --sharing` and `compare --sharing` as a person runs them, on SqueezeNet and three boards.
@Suite struct SharingCommandTests {
    private static func cluster(bandwidthBytesPerS: Double = 50e6) -> String {
        let devices = ["a", "b", "c"].map { name in
            """
            [[device]]
            id = "\(name)"
            flops = 3e9
            memory_bandwidth_bytes_per_s = 5e9
            memory_bytes = 1_000_000_000
            """
        }
        let links = [("a", "b"), ("a", "c"), ("b", "c")].map { first, second in
            """
            [[link]]
            between = ["\(first)", "\(second)"]
            bandwidth_bytes_per_s = \(bandwidthBytesPerS)
            latency_s = 0.0002
            """
        }
        let application = """
            name = "three"
            [application]
            source = "a"
            destination = "a"
            weights = "resident"
            """
        return ([application] + devices + links).joined(separator: "\n")
    }

    private static let model = Repository.path("Tests/Fixtures/models/squeezenet1_1.onnx")

    /// `$` in an argument is a folder of the test.
    private static func run(
        _ command: String, _ arguments: [String], cluster: String = cluster(), requireSuccess: Bool = true,
        in folder: String? = nil
    ) throws -> Processes.Result {
        let own = try folder ?? Repository.makeTemporaryFolder("sharing")
        defer { if folder == nil { try? FileManager.default.removeItem(atPath: own) } }
        try Data(cluster.utf8).write(to: URL(fileURLWithPath: own + "/c.toml"))
        return try Processes.run(
            Repository.program,
            [command, model, "--cluster", own + "/c.toml"] + arguments.map { $0.replacing("$", with: own) },
            requireSuccess: requireSuccess)
    }

    @Test func `a shared plan is printed, and drawn into a file`() throws {
        let folder = try Repository.makeTemporaryFolder("sharing")
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let text = try Self.run("plan", ["--sharing", "on", "--svg", "$/plan.svg"], in: folder).output
        #expect(text.hasPrefix("squeezenet1_1: latency, operators shared by unified"), "\(text)")
        #expect(text.contains("shared along") && text.contains("height"), "\(text)")
        let svg = try String(contentsOfFile: folder + "/plan.svg", encoding: .utf8)
        #expect(svg.hasPrefix("<svg ") && svg.contains("class=\"compute\"") && svg.contains("class=\"send\""))
    }

    @Test(arguments: [("modnn", "modnn"), ("deepthings", "deepthings"), ("local", "local")])
    func `who plans the sharing can be chosen`(name: String, planner: String) throws {
        let plan = try JSON.parse(
            Array(
                try Self.run("plan", ["--sharing", "on", "--sharing-planner", name, "--json"]).output.utf8))
        #expect(plan["planner"]?.stringValue == planner)
        #expect(plan["sharing"] != nil)
    }

    @Test(arguments: [
        ([], true), (["--sharing", "off"], false), (["--planner", "exact"], false), (["--private", "1"], false),
        (["--sharing-planner", "modnn"], true), (["--service", "continuous"], false),
        (["--model", "published"], false), (["--sharing", "auto"], true),
    ])
    func `the latency of a model's file is planned with shared operators, unless somebody asks for what they cannot`(
        arguments: [String], isShared: Bool
    ) throws {
        let plan = try JSON.parse(Array(try Self.run("plan", arguments + ["--json"]).output.utf8))
        #expect((plan["sharing"] != nil) == isShared)
    }

    @Test func `geneflow takes the size that is asked for, and the same seed gives the same plan`() throws {
        func layouts(_ seed: String) throws -> JSONValue? {
            let arguments = ["--sharing-planner", "geneflow", "--population", "60", "--generations", "4"]
            let text = try Self.run("plan", ["--sharing", "on", "--seed", seed, "--json"] + arguments).output
            return try JSON.parse(Array(text.utf8))["sharing"]?["layouts"]
        }
        let first = try layouts("7")
        #expect(try first != nil && first == layouts("7"))
        #expect(try first != layouts("8"))
    }

    @Test func `auto shares where that is faster, and keeps layers whole where it is not`() throws {
        let fast = try JSON.parse(Array(try Self.run("plan", ["--sharing", "auto", "--json"]).output.utf8))
        #expect(fast["sharing"] != nil)
        let slowNetwork = Self.cluster(bandwidthBytesPerS: 1e4)
        let slow = try JSON.parse(
            Array(try Self.run("plan", ["--sharing", "auto", "--json"], cluster: slowNetwork).output.utf8))
        #expect(slow["sharing"] == nil)
        let text = try Self.run("plan", ["--sharing", "auto"], cluster: slowNetwork).output
        #expect(text.contains("nothing is shared: "), "\(text)")
    }

    @Test func `a problem and its graph give the plan that the model gives`() throws {
        let folder = try Repository.makeTemporaryFolder("sharing")
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let whole = try JSON.parse(Array(try Self.run("plan", ["--sharing", "off", "--json"], in: folder).output.utf8))
        #expect(whole["sharing"] == nil)
        let result = try Processes.run(
            Repository.program,
            ["plan", "--problem", "-", "--sharing", "on", "--json"], input: "{}", requireSuccess: false)
        #expect(result.exitCode != 0)
        #expect(result.errors.contains("give --graph FILE.onnx"), "\(result.errors)")
    }

    @Test func `compare has a row for every system, with its latency by the published equations`() throws {
        let text = try Self.run("compare", ["--sharing", "on", "--planners", "exact,local"]).output
        for system in ["unified", "flexpie", "aofl", "coedge", "modnn", "deepthings", "layer-wise", "grid-2d", "local"]
        {
            #expect(text.contains("sharing \(system) "), "\(text)")
        }
        #expect(text.contains("its own"))
        #expect(text.contains("* the best: sharing unified"), "\(text)")
    }

    @Test(arguments: [
        (["--sharing", "on", "--objective", "throughput"], "asked is throughput"),
        (["--sharing", "on", "--max-carbon", "3"], "carbon"),
        (["--sharing", "on", "--time-limit", "1e300"], "give seconds above zero, up to 86400"),
        (["--sharing", "on", "--private", "1"], "private layers cannot be kept yet"),
        (["--sharing", "on", "--max-latency", "0.000001"], "more than the limit of"),
        (["--sharing", "on", "--pareto", "latency,energy"], "leave --sharing out with --pareto"),
        (["--sharing", "sometimes"], "sometimes"), (["--graph", "x.onnx"], "say --sharing on"),
        (["--sharing", "on", "--sharing-planner", "magic"], "magic"),
        (["--population", "60"], "--population is for --sharing on"),
        (["--generations", "3"], "goes with --population"),
        (["--sharing", "on", "--sharing-planner", "geneflow", "--population", "1"], "give a number from 2"),
        (["--seed", "3"], "goes with --population"),
        (["--sharing", "off", "--sharing-planner", "modnn"], "--sharing-planner is for sharing operators"),
        (["--estimator", "x"], "--estimator needs --hardware"), (["--hardware", "pi5"], "give both or none"),
        (["--sharing", "on", "--sharing-planner", "modnn", "--estimator", "x", "--hardware", "y"], "leave it out for"),
        (["--estimator", "/nowhere", "--hardware", "y"], "/nowhere"),
    ])
    func `what no shared plan is held to is refused in a sentence`(arguments: [String], part: String) throws {
        let result = try Self.run("plan", arguments, requireSuccess: false)
        #expect(result.exitCode != 0)
        #expect(result.errors.contains(part), "\(result.errors)")
    }
}
