import Board
import Costs
import ModelGraph
import Testing

/// What a cluster file says of power, carbon, clocks and of what is asked.
@Suite struct ClusterPowerTests {
    private static let base = """
        name = "c2"
        [application]
        source = "pi"
        destination = "pi"
        weights = "resident"
        objective = "energy"
        service = "continuous"
        wanted_throughput_per_s = 2
        cost_model = "published"
        energy_scope = "edge"
        private_count = 1
        private_layers = ["b"]
        [application.constraints]
        maximum_latency_s = 3
        minimum_throughput_per_s = 1
        maximum_entries = 2
        maximum_energy = [{ device = "pi", energy_j = 5 }]
        [[device]]
        id = "pi"
        flops = 4_000_000_000
        memory_bandwidth_bytes_per_s = 719e6
        memory_bytes = 1_000_000_000
        compute_power_w = 4
        idle_power_w = 2
        transfer_power = { upload_w_per_mbit_per_s = 0.25, download_w_per_mbit_per_s = 1, base_w = 2 }
        zone = "DE"
        intensity_g_per_kwh = 380
        [[device.operating_point]]
        frequency_hz = 600_000_000
        flops = 2_000_000_000
        compute_power_w = 3
        [[device.operating_point]]
        frequency_hz = 1.2e9
        flops = 4e9
        compute_power_w = 4
        [[device]]
        id = "nano"
        class = "hub"
        flops = 236e9
        memory_bandwidth_bytes_per_s = 25.6e9
        memory_bytes = 4_000_000_000
        [[link]]
        between = ["pi", "nano"]
        bandwidth_bytes_per_s = 1e7
        reverse_bandwidth_bytes_per_s = 20_000_000

        """

    @Test func `powers, clocks and what is asked are read, whole numbers too`() throws {
        let file = try ClusterFile.parse(Self.base, name: "c2.toml")
        let pi = file.devices[0]
        #expect(pi.computePowerW == 4)
        #expect(pi.idlePowerW == 2)
        #expect(pi.transferPower == TransferPower(uploadWPerMbitPerS: 0.25, downloadWPerMbitPerS: 1, baseW: 2))
        #expect(pi.zone == "DE")
        #expect(pi.intensityGPerKwh == 380)
        #expect(
            pi.operatingPoints == [
                OperatingPoint(frequencyHz: 6e8, flops: 2e9, computePowerW: 3),
                OperatingPoint(frequencyHz: 1.2e9, flops: 4e9, computePowerW: 4),
            ])
        #expect(file.devices[1].operatingPoints == nil)
        #expect(file.devices[1].computePowerW == nil)
        #expect(file.links[0].reverseBandwidthBytesPerS == 2e7)
        let application = file.application
        #expect(application.objective == .energy)
        #expect(application.service == .continuous)
        #expect(application.wantedThroughputPerS == 2)
        #expect(application.costModel == .published)
        #expect(application.energyScope == .edge)
        #expect(application.constraints?.maximumEnergy == [.init(device: "pi", energyJ: 5)])
        #expect(application.constraints?.maximumLatencyS == 3)
    }

    /// A chain of two layers that takes no time.
    private static func problem(_ file: ClusterFile) throws -> Problem {
        try Problem(model: "m", graphLayers: [], inputBytes: 4, cluster: file, clusterName: "c2.toml")
    }

    @Test func `a problem names what its power and intensity rest on, and nothing that is unknown`() throws {
        var file = try ClusterFile.parse(Self.base, name: "c2.toml")
        file.application.privateCount = nil
        file.application.privateLayers = nil
        let problem = try Self.problem(file)
        let figures = problem.inputs.map(\.figure)
        #expect(figures.contains("device pi: compute power, idle power, transfer power"))
        #expect(figures.contains("device pi: 2 operating points"))
        #expect(figures.contains("device pi: carbon intensity of zone DE"))
        #expect(!figures.contains { $0.hasPrefix("device nano: compute") })
        #expect(problem.objective == .energy)
        #expect(problem.constraints.maximumEntries == 2)
    }

    @Test func `a private layer that the model has not is answered with those that it has`() throws {
        var file = try ClusterFile.parse(Self.base, name: "c2.toml")
        file.application.privateCount = nil
        let error = #expect(throws: ProblemError.self) { try Self.problem(file) }
        #expect(error?.description.contains("private layer b: m has no layer of this name") == true)
    }

    @Test(arguments: [
        ("idle_power_w = 2", "idle_power_w = -2", "'device[0].idle_power_w' is -2.0; give 0 or more"),
        (
            "flops = 4_000_000_000", "flops = 5_000_000_000",
            "'device[0].flops' is 5000000000.0 and its operating points have 2000000000.0, 4000000000.0"
        ),
        ("compute_power_w = 4\nidle", "compute_power_w = 5\nidle", "give the power of that point"),
        ("zone = \"DE\"", "zone = \"\"", "'device[0].zone' is empty; name the grid zone"),
        ("compute_power_w = 4\nidle", "compute_power_w = nan\nidle", "'device[0].compute_power_w' is nan"),
        (
            "compute_power_w = 4\nidle", "compute_power_w = \"4\"\nidle",
            "'device[0].compute_power_w' (line 23) is the text \"4\"; give a number"
        ),
        (
            "flops = 2_000_000_000", "flops = true",
            "'device[0].operating_point[0].flops' (line 30) is true; give a number"
        ),
        (
            "base_w = 2", "base_w = \"2\"",
            "'device[0].transfer_power.base_w' (line 25) is the text \"2\"; give a number"
        ),
        (
            "objective = \"energy\"", "objective = 3",
            "is the whole number 3; give latency, energy, carbon or throughput"
        ),
        ("class = \"hub\"", "class = \"hubb\"", "'device[1].class' (line 38) is the text \"hubb\"; give edge, hub"),
        ("intensity_g_per_kwh = 380", "intensity_g_per_kwh = -1", "'device[0].intensity_g_per_kwh' is -1.0"),
        ("base_w = 2", "base_w = -1", "'device[0].transfer_power.base_w' is -1.0"),
        (", base_w = 2", "", "'device[0].transfer_power.base_w' is missing"),
        ("base_w = 2", "base_w = 2, extra = 1", "unknown key 'extra'"),
        ("frequency_hz = 600_000_000\n", "", "'device[0].operating_point[0].frequency_hz' is missing"),
        ("frequency_hz = 600_000_000\n", "frequency_hz = 0\n", "operating_point[0].frequency_hz' is 0.0"),
        ("flops = 2_000_000_000", "flops = -1", "'device[0].operating_point[0].flops' is -1.0"),
        ("compute_power_w = 3\n", "compute_power = 3\n", "unknown key 'compute_power'"),
        ("= 20_000_000", "= -20_000_000", "'link[0].reverse_bandwidth_bytes_per_s' is -20000000.0"),
        ("objective = \"energy\"", "objective = \"speed\"", "objective"),
        ("wanted_throughput_per_s = 2", "wanted_throughput_per_s = 0", "wanted_throughput_per_s' is 0.0"),
        ("maximum_entries = 2", "maximum_entires = 2", "unknown key 'maximum_entires'"),
        ("maximum_entries = 2", "private_layers = [1]", "name them in 'application.private_layers'"),
    ])
    func `a fault is named in one sentence`(old: String, new: String, expected: String) {
        let text = Self.base.replacing(old, with: new)
        #expect(text != Self.base)
        let error = #expect(throws: ConfigurationError.self) { try ClusterFile.parse(text, name: "c2.toml") }
        #expect(error?.description.hasPrefix("c2.toml") == true)
        #expect(error?.description.contains(expected) == true, "\(error?.description ?? "")")
    }
}
