import Agent
import Board
import Costs
import Foundation
import Testing

/// The configuration file that is shipped is also the manual, so it must not lie.
@Suite struct ConfigurationFileTests {
    private let shipped = "firmware-config/agent.toml"

    /// The file as a user would have it who uncommented every key.
    private func uncommented() throws -> String {
        let line = try Regex(#"^# (\[.*\]|[a-z_]+ = .*)$"#)
        return try Repository.text(shipped).split(separator: "\n", omittingEmptySubsequences: false)
            .map { $0.wholeMatch(of: line) == nil ? String($0) : String($0.dropFirst(2)) }
            .joined(separator: "\n")
    }

    private var defaults: AgentConfiguration {
        AgentConfiguration(
            node: NodeID(HostName.current), stateDirectory: "/var/lib/lamella",
            device: [
                Device(id: "cpu", flops: 3.62e9, memoryBandwidthBytesPerS: 719e6, memoryBytes: 500_000_000)
            ])
    }

    @Test("The file as shipped is accepted and changes no default")
    func asShipped() throws {
        let read = try StrictTOML.decode(AgentConfiguration.self, file: Repository.path(shipped))
        #expect(read.broker == defaults.broker)
        #expect(read.frontDoor == defaults.frontDoor)
        #expect(read.device.map(\.flops) == [3.62e9])
        #expect(read.emulation == defaults.emulation)
    }

    @Test("With every comment removed all keys are known, and those that have a default show it")
    func everyDefault() throws {
        var read = try StrictTOML.decode(AgentConfiguration.self, text: uncommented(), name: shipped)
        #expect(read.link.count == 1 && read.emulation.link.count == 1)
        // Examples of what has no default.
        read.node = defaults.node
        read.transport.advertisedHost = nil
        read.frontDoor.advertisedHost = nil
        #expect(read.zone != nil && read.planner.constraints.maximumEnergy.count == 1)
        read.zone = nil
        read.planner.constraints = defaults.planner.constraints
        #expect(read.board.powerSensors?.count == 1 && read.board.clock.count == 1)
        read.board.powerSensors = nil
        read.board.clock = [:]
        read.link = []
        read.emulation = defaults.emulation
        let device = try #require(read.device.first)
        read.device = defaults.device
        #expect(read == defaults)
        #expect(device.deviceClass == .edge && device.runtimeBytes != nil)
        #expect(device.computePowerW != nil && device.transferPower == .wifi && device.operatingPoints?.count == 1)
    }

    @Test("An unknown key in the shipped file is refused by name and line")
    func unknownKey() throws {
        let text = try Repository.text(shipped) + "\nflopz = 1\n"
        let error = #expect(throws: ConfigurationError.self) {
            try StrictTOML.decode(AgentConfiguration.self, text: text, name: "agent.toml")
        }
        #expect(error?.description.contains("flopz") == true)
    }
}
