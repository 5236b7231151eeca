import Agent
import Board
import Costs
import Logging
import Testing

@Suite struct AgentConfigurationTests {
    private let smallest = """
        node = "a"
        [[device]]
        id = "a"
        flops = 1e9
        memory_bandwidth_bytes_per_s = 1e9
        memory_bytes = 100_000_000

        """

    @Test func theSmallestFileHasEveryDefault() throws {
        let configuration = try StrictTOML.decode(AgentConfiguration.self, text: smallest, name: "agent.toml")
        #expect(configuration.cluster == "default")
        #expect(configuration.broker.port == 1883)
        #expect(configuration.stateDirectory == "/var/lib/lamella")
        #expect(configuration.planner.name == "exact")
        #expect(configuration.firstFault == nil)
    }

    @Test func whatIsWrittenAsTOMLIsReadBackTheSame() throws {
        var configuration = try StrictTOML.decode(AgentConfiguration.self, text: smallest, name: "agent.toml")
        configuration.link = [.init(peer: "b", bandwidthBytesPerS: 1.25e6, latencyS: 0.001)]
        configuration.emulation = .init(flops: 2e8, link: configuration.link)
        configuration.transport.advertisedHost = "10.0.0.1"
        configuration.zone = "CY"
        configuration.planner = .init(
            timeS: 3, memoryBytes: 1 << 24, objective: .carbon, service: .continuous,
            constraints: Constraints(
                maximumLatencyS: 0.5, maximumEnergy: [.init(device: "a", energyJ: 2)], privateLayers: [1]),
            carbonMargin: 0.2)
        configuration.device[0].transferPower = .wifi
        configuration.device[0].operatingPoints = [OperatingPoint(frequencyHz: 1e9, flops: 1e9, computePowerW: 4)]
        configuration.device[0].idlePowerW = 1
        let text = try configuration.text()
        #expect(try StrictTOML.decode(AgentConfiguration.self, text: text, name: "agent.toml") == configuration)
    }

    @Test func aReloadTakesOverWhatCanChangeAndNamesTheRest() throws {
        let old = try StrictTOML.decode(AgentConfiguration.self, text: smallest, name: "agent.toml")
        var file = old
        file.logLevel = "debug"
        file.planner.margin = 0.2
        file.planner.carbonMargin = 0.3
        file.planner.objective = .carbon
        file.planner.sharing = .auto
        file.planner.constraints.maximumLatencyS = 2
        file.planner.memoryBytes = 1 << 24
        file.zone = "CY"
        file.device[0].idlePowerW = 2
        file.requests.deadlineS = 7
        file.runner.threads = 2
        let free = old.reloaded(as: file)
        #expect(free.configuration == file)
        #expect(free.needRestart == [])
        file.node = "b"
        file.broker.port = 1884
        file.transport.host = "127.0.0.1"
        file.frontDoor.advertisedHost = "10.0.0.1"
        let bound = old.reloaded(as: file)
        #expect(bound.needRestart == ["node", "broker.port", "transport.host", "front_door.advertised_host"])
        #expect(bound.configuration == free.configuration)
    }

    @Test func copiesOfALoggerFollowItsLevel() {
        let level = LogLevel("info")
        let logger = level.logger(label: "test")
        #expect(logger.logLevel == .info)
        level.set("trace")
        #expect(logger.logLevel == .trace)
    }

    @Test(arguments: [
        ("node = \"a\"", "node = \"a/b\"", "'node' is \"a/b\""),
        ("node = \"a\"", "node = \"a\"\ncluster = \"\"", "'cluster' is \"\""),
        ("node = \"a\"", "node = \"a\"\nlog_level = \"loud\"", "'log_level' is \"loud\"; use one of trace"),
        ("node = \"a\"", "node = \"a\"\nfrobnicate = 1", "unknown key 'frobnicate' (line 2)"),
        ("node = \"a\"", "node = \"a\"\nbroker = { port = 0 }", "'broker.port' is 0; a port is 1 to 65535"),
        ("node = \"a\"", "node = \"a\"\nrunner = { threads = 0 }", "'runner.threads' is 0"),
        (
            "[[device]]", "planner = { objective = \"throughput\", service = \"one_at_a_time\" }\n[[device]]",
            "continuous"
        ),
        ("[[device]]", "planner = { constraints = { maximum_carbon_g = 0 } }\n[[device]]", "maximum_carbon_g' is 0.0"),
        (
            "[[device]]",
            "planner = { sharing = \"on\", objective = \"throughput\", service = \"continuous\" }\n[[device]]",
            "'planner.sharing' is \"on\", which is for one inference at a time"
        ),
        (
            "[[device]]",
            "planner = { sharing = \"on\", constraints = { minimum_throughput_per_s = 1.0 } }\n[[device]]",
            "shared plans keep those of latency, energy and carbon"
        ),
        ("[[device]]", "planner = { sharing = \"perhaps\" }\n[[device]]", "off, on or auto"),
        (
            "[[device]]", "planner = { sharing_planner = \"nobody\" }\n[[device]]",
            "'planner.sharing_planner' is \"nobody\"; use one of local, one-dim-h"
        ),
        ("[[device]]", "planner = { constraints = { beauty = 1 } }\n[[device]]", "unknown key 'beauty'"),
        ("[[device]]", "planner = { memory_bytes = 10 }\n[[device]]", "'planner.memory_bytes' is 10"),
        ("[[device]]", "planner = { name = \"base-ilp\", objective = \"energy\" }\n[[device]]", "latency only"),
        ("[[device]]", "zone = \"a/b\"\n[[device]]", "'zone' is \"a/b\""),
        ("flops = 1e9", "flops = 1e9\nidle_power_w = -1", "'device[0].idle_power_w' is -1.0"),
        ("flops = 1e9", "flops = 0.0", "'device[0].flops' is 0.0"),
        ("node = \"a\"", "node = \"a\"\nlink = [{ peer = \"b\", bandwidth_bytes_per_s = -1.0 }]", "'link[0].band"),
    ])
    func aFaultIsNamedInOneSentence(old: String, new: String, expected: String) throws {
        let text = smallest.replacing(old, with: new)
        let fault: String
        do {
            let configuration = try StrictTOML.decode(AgentConfiguration.self, text: text, name: "agent.toml")
            fault = configuration.firstFault ?? "none"
        } catch let error as ConfigurationError {
            fault = error.description
        }
        #expect(fault.contains(expected), "\(fault)")
    }
}
