import Agent
import Board
import Costs

extension Scenario {
    /// The ports of every board, each in its own network namespace.
    static let frontDoorPort = 8420
    static let transportPort = 8421

    /// A device of the cluster file, completed with what its virtual board is known to be: operating points, where the
    /// file gives none, with speed in proportion to the frequency, and powers.
    package func completed(_ device: Device, _ hardware: BoardHardware) -> Device {
        var device = device
        let clock = hardware.compute
        let last = clock.points.count - 1
        device.computePowerW = device.computePowerW ?? hardware.computePowerW(at: last)
        device.idlePowerW = device.idlePowerW ?? hardware.staticPowerW
        // On the wire nothing is used: the board's power does not depend on what it sends.
        device.transferPower =
            device.transferPower ?? TransferPower(uploadWPerMbitPerS: 0, downloadWPerMbitPerS: 0, baseW: 0)
        if device.operatingPoints == nil {
            device.operatingPoints = clock.points.indices.map { index in
                OperatingPoint(
                    frequencyHz: clock.points[index].frequencyHz,
                    flops: device.flops * clock.relativeSpeed(at: index),
                    computePowerW: hardware.computePowerW(at: index))
            }
        }
        return device
    }

    /// What the board's agent reads.
    func configuration(
        of board: VirtualBoard, folder: String, systemRoot: String?, address: String, broker: BrokerAddressOfBed,
        planner: AgentConfiguration.Planner, logLevel: String
    ) throws(TestbedError) -> AgentConfiguration {
        guard let device = device(of: board.node) else {
            throw TestbedError("the board '\(board.node)' carries no device")
        }
        let links = cluster.links.compactMap { link -> AgentConfiguration.PeerLink? in
            guard run.boardsKnowLinks, link.between.contains(device.id),
                let peer = link.between.first(where: { $0 != device.id }),
                let node = cluster.devices.first(where: { $0.id == peer })?.node
            else { return nil }
            return AgentConfiguration.PeerLink(
                peer: node, bandwidthBytesPerS: Self.rate(of: link, from: device.id), latencyS: link.latencyS)
        }
        var planner = planner
        if let objective = run.objective { planner.objective = objective }
        return AgentConfiguration(
            cluster: cluster.name, node: board.node, stateDirectory: "\(folder)/state", logLevel: logLevel,
            eligible: board.eligible, zone: device.zone, broker: .init(host: broker.host, port: broker.port),
            transport: .init(host: "0.0.0.0", port: Self.transportPort, advertisedHost: address),
            frontDoor: .init(host: "0.0.0.0", port: Self.frontDoorPort, advertisedHost: address), planner: planner,
            board: systemRoot.map { root in
                // Plans are committed and requests pass within seconds here, and each shall have its power.
                .init(
                    systemRoot: root,
                    clock: board.hardware.computeClock == .accelerator
                        ? [device.id.name: [board.hardware.acceleratorName]] : [:],
                    pollS: 0.1)
            } ?? .init(),
            device: [completed(device, board.hardware)], link: links)
    }

    /// The rate of a link for what a device sends.
    static func rate(of link: Link, from device: DeviceID) -> Double {
        link.between.first == device
            ? link.bandwidthBytesPerS : link.reverseBandwidthBytesPerS ?? link.bandwidthBytesPerS
    }
}

/// Where the bed's broker listens.
struct BrokerAddressOfBed: Sendable, Equatable {
    var host: String
    var port: Int
}
