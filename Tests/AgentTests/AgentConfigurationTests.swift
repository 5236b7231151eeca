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
        let text = try configuration.text()
        #expect(try StrictTOML.decode(AgentConfiguration.self, text: text, name: "agent.toml") == configuration)
    }

    @Test func aReloadTakesOverWhatCanChangeAndNamesTheRest() throws {
        let old = try StrictTOML.decode(AgentConfiguration.self, text: smallest, name: "agent.toml")
        var file = old
        file.logLevel = "debug"
        file.planner.margin = 0.2
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
