import Foundation
import JSON
import TestKit
import Testing

/// `lamella plan`, `compare` and `explain` as a person runs them, on AlexNet and two boards.
@Suite struct PlanningCommandTests {
    static let cluster = """
        name = "two"
        [application]
        source = "pi"
        destination = "pi"
        weights = "resident"
        [[device]]
        id = "pi"
        flops = 3.62e9
        memory_bandwidth_bytes_per_s = 719e6
        memory_bytes = 1_000_000_000
        compute_power_w = 4
        idle_power_w = 2
        transfer_power = { upload_w_per_mbit_per_s = 0.005, download_w_per_mbit_per_s = 0.003, base_w = 1 }
        zone = "DE"
        intensity_g_per_kwh = 380
        [[device.operating_point]]
        frequency_hz = 600_000_000
        flops = 1.81e9
        compute_power_w = 2.8
        [[device.operating_point]]
        frequency_hz = 1.2e9
        flops = 3.62e9
        compute_power_w = 4
        [[device]]
        id = "nano"
        class = "hub"
        flops = 236e9
        memory_bandwidth_bytes_per_s = 25.6e9
        memory_bytes = 4_000_000_000
        compute_power_w = 10
        idle_power_w = 2
        transfer_power = { upload_w_per_mbit_per_s = 0.005, download_w_per_mbit_per_s = 0.003, base_w = 1 }
        zone = "FR"
        intensity_g_per_kwh = 56
        [[link]]
        between = ["pi", "nano"]
        bandwidth_bytes_per_s = 1e7
        latency_s = 0.002
        """

    static let model = Repository.path("Tests/Fixtures/models/alexnet.onnx")

    /// Runs a command on the model and the cluster; `$` in an argument is the folder of the files.
    private static func run(
        _ command: String, _ arguments: [String], files: [String: String] = [:], onModel: Bool = true,
        requireSuccess: Bool = true
    ) throws -> (result: Processes.Result, files: [String: String]) {
        let folder = try Repository.makeTemporaryFolder("planning")
        defer { try? FileManager.default.removeItem(atPath: folder) }
        for (name, text) in files.merging(["c.toml": cluster], uniquingKeysWith: { first, _ in first }) {
            try Data(text.utf8).write(to: URL(fileURLWithPath: folder + "/" + name))
        }
        let base = onModel ? [command, model, "--cluster", folder + "/c.toml"] : [command]
        let result = try Processes.run(
            Repository.program, base + arguments.map { $0.replacing("$", with: folder) },
            requireSuccess: requireSuccess)
        var found: [String: String] = [:]
        for name in try FileManager.default.contentsOfDirectory(atPath: folder) {
            found[name] = try String(contentsOfFile: folder + "/" + name, encoding: .utf8)
        }
        return (result, found)
    }

    private static func number(_ value: JSONValue?) -> Double? {
        switch value {
        case .number(let number): number
        case .integer(let number): Double(number)
        default: nil
        }
    }

    @Test func `a plan of least energy says where the energy goes and what it rests on`() throws {
        let text = try Self.run(
            "plan", ["--objective", "energy", "--max-latency", "0.5", "--private", "2", "--period", "1h"]
        ).result.output
        for part in [
            "energy by planner exact", "energy     ", "carbon     ", "period     1 h",
            "limits     latency <= 500.00 ms",
            "private source", "hold", "1.200 GHz", "carbon intensity of zone DE",
        ] { #expect(text.contains(part), "\(part) in \(text)") }
    }

    @Test func `limits make plans dearer, never cheaper, and are kept`() throws {
        func plan(_ arguments: [String]) throws -> JSONValue {
            try JSON.parse(Array(try Self.run("plan", arguments + ["--json"]).result.output.utf8))
        }
        let least = try plan(["--objective", "energy"])
        let private3 = try plan(["--objective", "energy", "--private", "3"])
        let pinned = try plan(["--objective", "energy", "--pin", "node_linear=pi", "--max-entries", "3"])
        let leastJ = try #require(Self.number(least["energy_j"]))
        #expect(try #require(Self.number(private3["energy_j"])) >= leastJ)
        #expect(try #require(Self.number(pinned["energy_j"])) >= leastJ)
        let cycle = try plan(["--objective", "throughput"])
        #expect(try #require(Self.number(cycle["cycle_s"])) > 0)
        let carbon = try plan(["--objective", "carbon", "--service", "continuous", "--period", "1d"])
        #expect(Self.number(carbon["period"]?["inferences"]) ?? 0 > 1)
        let waiting = try plan(["--objective", "carbon", "--wanted-throughput", "1"])
        #expect(Self.number(waiting["cycle_s"]) == 1)
    }

    @Test func `measured bundles are taken from a profile`() throws {
        let profile = """
            model,device,frequency_hz,first,last,latency_s,energy_j
            alexnet,nano,,node_conv2d,node_linear_2,0.0001,0.01
            """
        let text = try Self.run("plan", ["--profile", "$/p.csv"], files: ["p.csv": profile]).result.output
        #expect(text.contains("node_conv2d .. node_linear_2  nano    8 layers"))
        let wrong = try Self.run(
            "plan", ["--profile", "$/p.csv"], files: ["p.csv": profile.replacing("node_conv2d,", with: "x,")],
            requireSuccess: false)
        #expect(wrong.result.exitCode == 1)
        #expect(wrong.result.errors.contains("p.csv"))
    }

    @Test func `a front is printed, drawn and given as JSON`() throws {
        let run = try Self.run("plan", ["--pareto", "latency,energy", "--svg", "$/front.svg"])
        #expect(run.result.output.contains("latency against energy"))
        #expect(run.result.output.contains("the whole front"))
        let svg = try #require(run.files["front.svg"])
        #expect(svg.hasPrefix("<svg") && svg.hasSuffix("</svg>\n"))
        let front = try JSON.parse(
            Array(try Self.run("plan", ["--pareto", "throughput,carbon", "--json"]).result.output.utf8))
        #expect(front["objectives"] == ["throughput", "carbon"])
        guard case .array(let points)? = front["points"] else {
            Issue.record("no points")
            return
        }
        let cycles = points.compactMap { Self.number($0["cycle_s"]) }
        #expect(cycles.count == points.count && cycles == cycles.sorted())
        #expect(points.allSatisfy { $0["plan"]?["layers"] != nil })
    }

    @Test func `every planner has a row, in text, CSV and JSON`() throws {
        let run = try Self.run("compare", ["--objective", "energy", "--csv", "$/t.csv"])
        for name in ["exact", "base-ilp", "odiwep", "dime", "freddi", "cadi", "neurosurgeon", "exhaustive"] {
            #expect(run.result.output.contains(name), "\(name)")
        }
        #expect(run.result.output.contains("* the best: exact"))
        let csv = try #require(run.files["t.csv"])
        // Titles, eleven planners, and the four systems whose published equations differ.
        #expect(csv.split(separator: "\r\n").count == 16)
        #expect(csv.contains("odiwep, published"))
        let json = try JSON.parse(
            Array(try Self.run("compare", ["--planners", "exact,cadi", "--json"]).result.output.utf8))
        #expect(json["best"] == "exact")
        guard case .array(let rows)? = json["rows"] else {
            Issue.record("no rows")
            return
        }
        #expect(rows.map { $0["planner"] } == ["exact", "cadi", "cadi, published"])
        #expect(rows[1]["why"] != nil)
        #expect(rows[2]["why"] != nil)
    }

    @Test func `a plan is explained, from a model and from files`() throws {
        let text = try Self.run("explain", ["--private", "2"]).result.output
        for part in ["next best", "without nano", "pi alone", "Limits that bind", "plan flips when link pi-nano falls"]
        {
            #expect(text.contains(part), "\(part) in \(text)")
        }
    }

    @Test(arguments: [
        ("plan", ["--pin", "x=pi"], "pin of layer x"), ("plan", ["--pin", "x"], "--pin x: write LAYER=DEVICE"),
        ("plan", ["--max-energy", "tpu=1"], "there is no device tpu; the devices are pi, nano"),
        ("plan", ["--max-energy", "pi=lots"], "--max-energy pi=lots: write DEVICE=JOULE"),
        ("plan", ["--max-energy", "pi=-1"], "energy_j is -1.0"),
        ("plan", ["--max-latency=-1"], "maximum_latency_s is -1.0"),
        ("plan", ["--max-latency", "-1"], "maximum_latency_s is -1.0"),
        ("plan", ["--private", "-2"], "give a number from 1 to 8"),
        ("plan", ["--min-throughput", "1000"], "1000 inferences per second are asked for, and the most of any plan"),
        ("plan", ["--max-latency", "nan"], "maximum_latency_s is nan"),
        ("plan", ["--max-latency", "0.000001"], "a latency of at most 1.0 us is asked for, and the least"),
        ("plan", ["--max-carbon", "0"], "maximum_carbon_g is 0.0"),
        ("plan", ["--min-throughput", "0"], "minimum_throughput_per_s is 0.0"),
        ("plan", ["--private", "0"], "give a number from 1 to 8"),
        ("plan", ["--private", "9"], "give a number from 1 to 8"),
        ("plan", ["--private-layers", "conv"], "private layer conv"),
        ("plan", ["--private", "1", "--pin", "node_conv2d=nano"], "drop the pin or keep fewer layers private"),
        ("plan", ["--max-entries", "0"], "maximum_entries is 0"),
        ("plan", ["--max-bundle-size", "0"], "maximum_bundle_size is 0"),
        ("plan", ["--objective", "speed"], "speed"), ("plan", ["--service", "sometimes"], "sometimes"),
        (
            "plan", ["--objective", "throughput", "--service", "one_at_a_time"],
            "throughput needs the service continuous"
        ),
        ("plan", ["--wanted-throughput", "1", "--service", "one_at_a_time"], "wanted_throughput_per_s needs"),
        ("plan", ["--wanted-throughput", "1", "--min-throughput", "2"], "cannot do more than is wanted"),
        ("plan", ["--service", "continuous", "--preload", "on"], "one at a time"),
        ("plan", ["--preload", "maybe"], "maybe"), ("plan", ["--model", "true"], "true"),
        ("plan", ["--period", "soon"], "give a time above 0, as 90s, 15m, 1h or 1d"),
        ("plan", ["--period", "0h"], "give a time above 0"),
        ("plan", ["--time-limit", "0"], "--time-limit 0.0: give seconds above zero"),
        ("plan", ["--memory-limit", "10"], "--memory-limit 10: give at least"),
        ("plan", ["--pareto", "latency"], "give two different ones of latency, energy, carbon, throughput"),
        ("plan", ["--pareto", "energy,energy"], "give two different ones of"),
        ("day", ["--carbon", "$", "--from", "2023-07-02", "--to", "2023-07-01"], "is not after --from 2023-07-02"),
        (
            "day", ["--carbon", "$", "--from", "2023-07-01", "--to", "2023-07-02", "--every", "-1"],
            "give hours above 0"
        ),
        ("plan", ["--pareto", "latency,energy", "--period", "1h"], "leave it out with --pareto"),
        ("plan", ["--sharing", "off", "--svg", "x.svg"], "say which with --pareto"),
        ("plan", ["--pareto", "latency,energy", "--svg", "/nowhere/x.svg"], "cannot write /nowhere/x.svg"),
        ("plan", ["--pareto", "throughput,energy", "--wanted-throughput", "1"], "leave the wanted throughput out"),
        ("plan", ["--profile", "/nowhere.csv"], "/nowhere.csv"),
        ("plan", ["--planner", "magic"], "magic"),
        ("plan", ["--planner", "cadi"], "it knows the objectives carbon and energy, not latency"),
        ("compare", ["--planners", "exact,magic"], "there is no planner magic; the planners are exact"),
        ("compare", ["--json", "--csv", "-"], "both want standard output"),
        ("compare", ["--csv", "/nowhere/t.csv"], "cannot write /nowhere/t.csv"),
        ("explain", ["--problem", "/nowhere.json"], "give one or the other"),
        ("explain", ["--max-latency", "0.000001"], "the least of any plan is"),
    ])
    func `what cannot be asked is refused in a sentence`(command: String, arguments: [String], part: String) throws {
        let result = try Self.run(command, arguments, requireSuccess: false).result
        #expect(result.exitCode != 0)
        #expect(result.errors.contains(part), "\(result.errors)")
        #expect(!result.errors.contains("Fatal error"))
    }

    @Test func `the examples of the manual can be planned, and a model is called after its file`() throws {
        func example(_ page: String, _ language: String) throws -> String {
            let text = try String(contentsOfFile: Repository.path(page), encoding: .utf8)
            return try #require(text.components(separatedBy: "```\(language)\n").last).components(separatedBy: "```")[0]
        }
        let cluster = try example("docs/cluster-file.md", "toml")
        let text = try Self.run("plan", [], files: ["c.toml": cluster]).result.output
        #expect(text.hasPrefix("alexnet: energy by planner exact"), "\(text)")
        let problem = try example("docs/problem.md", "json")
        let wrong = try Self.run(
            "plan", ["--problem", "$/p.json"], files: ["p.json": problem.replacing("\"energy\"", with: "\"enrgy\"")],
            onModel: false, requireSuccess: false
        ).result.errors
        #expect(wrong.contains("objective has an unknown word; give latency, energy, carbon or throughput"), "\(wrong)")
        let plan = try Self.run(
            "plan", ["--problem", "$/p.json", "--json"], files: ["p.json": problem], onModel: false
        ).result.output
        #expect(plan.contains("\"tiny\"") || plan.contains("\"layers\""), "\(plan)")
    }

    @Test func `a day keeps limits and needs no intensity in the file`() throws {
        let rows = ["DE", "FR"].map { zone in
            let lines = (0..<3).map {
                "2023-07-01 0\($0):00:00,X,X,\(zone),\(300 + 10 * $0),\(320 + 10 * $0),0,0,x,false,x"
            }
            return (
                "\(zone).csv",
                "Datetime (UTC),Country,Zone Name,Zone Id,Carbon Intensity gCO₂eq/kWh (direct),"
                    + "Carbon Intensity gCO₂eq/kWh (LCA),Low Carbon Percentage,Renewable Percentage,Data Source,"
                    + "Data Estimated,Data Estimation Method\n" + lines.joined(separator: "\n") + "\n"
            )
        }
        var files = Dictionary(uniqueKeysWithValues: rows)
        files["c.toml"] = Self.cluster.replacing("intensity_g_per_kwh = 56", with: "")
        let day = ["--carbon", "$", "--from", "2023-07-01", "--to", "2023-07-01T03:00:00Z"]
        let text = try Self.run("day", day + ["--max-carbon", "1"], files: files).result.output
        #expect(text.contains("alexnet: 3 periods"), "\(text)")
        let none = try Self.run("day", day + ["--throughput", "100000"], files: files, requireSuccess: false).result
        #expect(none.exitCode == 3)
        #expect(none.output.contains("100,000 inferences per second are asked for"), "\(none.output)")
    }

    @Test func `a figure that is unknown is named and never counts as zero`() throws {
        let cluster = Self.cluster.replacing("intensity_g_per_kwh = 56", with: "")
        let result = try Self.run(
            "plan", ["--objective", "carbon"], files: ["c.toml": cluster], requireSuccess: false
        ).result
        #expect(result.exitCode == 1)
        #expect(result.errors.contains("device nano: intensity_g_per_kwh of its grid zone is unknown"))
    }
}
