import Board
import MQTT
import Planning
import SharingPlans
import TOMLKit

extension AgentConfiguration {
    /// Reads and checks a configuration file. Blocks on the file.
    ///
    /// - Throws: `ConfigurationError`: one sentence with the file and the key.
    public static func load(_ path: String) throws -> AgentConfiguration {
        let configuration = try StrictTOML.decode(AgentConfiguration.self, file: path)
        if let fault = configuration.firstFault { throw ConfigurationError("\(path): \(fault)") }
        return configuration
    }

    /// The TOML text that `load` reads back as this value.
    public func text() throws -> String {
        do {
            return try TOMLEncoder().encode(self)
        } catch {
            throw ConfigurationError("cannot write the configuration of \(node) as TOML: \(error)")
        }
    }

    /// What is wrong with the values, the first thing only; nil where nothing is.
    public var firstFault: String? {
        func named(_ key: String, _ name: String) -> String? {
            let allowed =
                !name.isEmpty && name.utf8.count <= 64
                && name.utf8.allSatisfy { byte in
                    switch byte {
                    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
                        true
                    default: false
                    }
                }
            return allowed ? nil : "'\(key)' is \"\(name)\"; use 1 to 64 letters, digits, '-', '_' or '.'"
        }
        func port(_ key: String, _ port: Int, orZero: Bool) -> String? {
            (orZero ? 0 : 1)...65535 ~= port ? nil : "'\(key)' is \(port); a port is \(orZero ? 0 : 1) to 65535"
        }
        func positive(_ key: String, _ value: Double?) -> String? {
            guard let value else { return nil }
            return value.isFinite && value > 0 ? nil : "'\(key)' is \(value); give a number above 0"
        }
        var checks = [
            named("cluster", cluster), named("node", node.name),
            stateDirectory.isEmpty ? "'state_dir' is empty; give a folder" : nil,
            Self.logLevels.contains(logLevel)
                ? nil : "'log_level' is \"\(logLevel)\"; use one of \(Self.logLevels.joined(separator: ", "))",
            port("broker.port", broker.port, orZero: false), port("transport.port", transport.port, orZero: true),
            port("front_door.port", frontDoor.port, orZero: true),
            (1...Self.maximumThreads) ~= runner.threads
                ? nil : "'runner.threads' is \(runner.threads); use 1 to \(Self.maximumThreads)",
            Self.planners.contains(planner.name)
                ? nil : "'planner.name' is \"\(planner.name)\"; use one of \(Self.planners.joined(separator: ", "))",
            SharingSystem(rawValue: planner.sharingPlanner) != nil
                ? nil
                : "'planner.sharing_planner' is \"\(planner.sharingPlanner)\"; use one of "
                    + SharingSystem.allCases.map(\.rawValue).joined(separator: ", "),
            positive("planner.time_s", planner.timeS),
            positive("planner.assumed_bandwidth_bytes_per_s", planner.assumedBandwidthBytesPerS),
            (0..<1) ~= planner.margin ? nil : "'planner.margin' is \(planner.margin); use 0 up to 1",
            positive("requests.deadline_s", requests.deadlineS), positive("emulation.flops", emulation.flops),
            device.isEmpty ? "there is no [[device]]; describe at least the board's processor" : nil,
            Set(device.map(\.id)).count == device.count ? nil : "two devices have the same 'id'; give each its own",
        ]
        for (index, device) in device.enumerated() {
            let key = "device[\(index)]"
            checks += [
                named("\(key).id", device.id.name), positive("\(key).flops", device.flops),
                positive("\(key).memory_bandwidth_bytes_per_s", device.memoryBandwidthBytesPerS),
                device.memoryBytes > 0 ? nil : "'\(key).memory_bytes' is \(device.memoryBytes); give a number above 0",
                positive("\(key).network_bandwidth_bytes_per_s", device.networkBandwidthBytesPerS),
            ]
        }
        for (key, links) in [("link", link), ("emulation.link", emulation.link)] {
            for (index, link) in links.enumerated() {
                checks += [
                    named("\(key)[\(index)].peer", link.peer.name),
                    positive("\(key)[\(index)].bandwidth_bytes_per_s", link.bandwidthBytesPerS),
                    link.latencyS.isFinite && link.latencyS >= 0
                        ? nil : "'\(key)[\(index)].latency_s' is \(link.latencyS); give 0 or more",
                ]
            }
        }
        checks += planningFaults
        checks += boardFaults
        if let zone, let problem = TopicName.problem(with: zone) { checks.append("'zone' is \"\(zone)\": \(problem)") }
        return checks.compactMap { $0 }.first
    }

    static let planners = PlannerName.allCases.map(\.rawValue)
    static let logLevels = ["trace", "debug", "info", "notice", "warning", "error", "critical"]
    static let maximumThreads = 256
}
