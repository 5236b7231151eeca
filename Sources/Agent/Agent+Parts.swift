import Board
import Cluster
import Costs
import MQTT
import NIOCore
import NIOPosix
import Runtime

/// How the agent makes its parts out of its configuration.
extension Agent {
    func mqttSettings() throws -> MQTTSettings {
        let will = MQTTPublication(
            topic: try Topic.nodeState(configuration.node).text(in: configuration.cluster),
            text: NodeState.offline.rawValue, retained: true)
        return MQTTSettings(
            host: configuration.broker.host, port: configuration.broker.port,
            clientID: "lamella-\(configuration.cluster)-\(configuration.node)", will: will)
    }

    func openFrontDoor() async throws -> FrontDoor {
        let door = try await FrontDoor.start(
            host: configuration.frontDoor.host, port: configuration.frontDoor.port,
            handler: AgentFrontDoor(agent: self, desk: desk, models: models, mailbox: mailbox),
            blobs: StoreBlobSink(store: models.store), group: group)
        frontDoorEndpoint = Endpoint(host: await advertisedHost(configuration.frontDoor), port: door.endpoint.port)
        logger.notice("the front door listens on \(door.endpoint)")
        return door
    }

    func makeRunner() -> RunnerSupervisor {
        RunnerSupervisor(
            program: program,
            arguments: [
                "runner", "--node", configuration.node.name, "--state-directory", configuration.stateDirectory,
                "--host",
                configuration.transport.host,
            ],
            port: configuration.transport.port, group: group, logger: logger,
            deliver: { [mailbox] event in await mailbox.postWhenRoom(.runner(event)) })
    }

    func runnerConfiguration() -> RunnerConfiguration {
        let emulation = configuration.emulation
        let links = emulation.link.map {
            RunnerEmulation.Link(peer: $0.peer, bandwidthBytesPerS: $0.bandwidthBytesPerS, latencyS: $0.latencyS)
        }
        let emulates = emulation.flops != nil || !links.isEmpty
        return RunnerConfiguration(
            peers: knownPeers, intraThreads: configuration.runner.threads,
            probesLinks: configuration.runner.probesLinks,
            emulation: emulates ? RunnerEmulation(flops: emulation.flops, links: links) : nil)
    }

    /// What this board can do now.
    func capabilities() -> NodeCapabilities {
        var (devices, sources) = measuredDevices()
        if devices.count == 1, let idlePowerW = idlePower.announcedW { devices[0].rest(atPowerW: idlePowerW) }
        let all = Array((ownConditions.all + conditions).prefix(BoardConditions.maximum))
        return NodeCapabilities(
            node: configuration.node, version: 0, devices: devices, mainsPower: configuration.mainsPower,
            freeMemoryBytes: devices.reduce(0) { $0 + $1.memoryBytes }, eligible: configuration.eligible,
            transport: runnerEndpoint, frontDoor: frontDoorEndpoint, links: links.announced,
            speedSources: sources, paces: paces.announced.isEmpty ? nil : paces.announced,
            messages: messages.announced.isEmpty ? nil : messages.announced,
            requestCosts: requestCosts.announced.isEmpty ? nil : requestCosts.announced, profiles: shelf.announced,
            conditions: all.isEmpty ? nil : all)
    }

    /// The host name under which other boards reach a listener of this one.
    func advertisedHost(_ listener: AgentConfiguration.Listener) async -> String {
        if let host = listener.advertisedHost { return host }
        guard ["0.0.0.0", "::"].contains(listener.host) else { return listener.host }
        let broker = configuration.broker
        let address = try? await NIOThreadPool.singleton.runIfActive {
            AdvertisedHost.address(towards: broker.host, port: broker.port)
        }
        return (address ?? nil) ?? HostName.current
    }
}
