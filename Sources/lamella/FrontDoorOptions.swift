import ArgumentParser
import Cluster
import MQTT

/// Which board's front door a command talks to: one that is named, or one that the cluster announces.
struct FrontDoorOptions: ParsableArguments {
    @OptionGroup var broker: BrokerOptions

    @Option(
        name: .long,
        help: ArgumentHelp(
            "A board's front door; without it, the cluster is asked through the broker.", valueName: "host:port"),
        transform: FrontDoorOptions.parsed)
    var frontDoor: Endpoint?

    /// For how long the broker is waited for.
    static let patience: Duration = .seconds(5)

    /// The front door of the board where requests for a model enter.
    ///
    /// - Throws: `FrontDoorNotFound`, or what keeps the broker from being asked.
    func endpoint(forModel model: String) async throws -> Endpoint {
        if let frontDoor { return frontDoor }
        let known = try await cluster()
        guard let record = known.models.first(where: { $0.name == model }) ?? known.plan(model)?.model else {
            let names = known.models.map(\.name).joined(separator: ", ")
            throw FrontDoorNotFound(
                "cluster \(broker.clusterName) has no model \(model)" + (names.isEmpty ? "" : " (it has \(names))")
                    + "; add one with lamella model add")
        }
        let board = known.boards.first { $0.capabilities?.devices.contains { $0.id == record.source } == true }
        guard let board else {
            throw FrontDoorNotFound(
                "no board of cluster \(broker.clusterName) has device \(record.source), the source of \(model)")
        }
        return try door(of: board)
    }

    /// The front door of the board that is named, else the leader's, else that of the first board that is online.
    ///
    /// - Throws: as `endpoint(forModel:)`.
    func endpoint(ofBoard name: String?) async throws -> Endpoint {
        if let frontDoor { return frontDoor }
        let known = try await cluster()
        if let name {
            guard let board = known.boards.first(where: { $0.node.name == name }) else {
                let names = known.boards.map(\.node.name).joined(separator: ", ")
                throw FrontDoorNotFound(
                    "cluster \(broker.clusterName) has no board \(name)" + (names.isEmpty ? "" : " (it has \(names))"))
            }
            return try door(of: board)
        }
        let leader = known.liveLeader.flatMap { known.board($0.node) }
        let online = ([leader].compactMap { $0 } + known.boards).filter { $0.state != .offline }
        guard let board = online.first(where: { $0.capabilities?.frontDoor != nil }) else {
            throw FrontDoorNotFound(
                "no board of cluster \(broker.clusterName) at \(try broker.address) is online with a front door; start "
                    + "one with lamella agent, or name one with --front-door")
        }
        return try door(of: board)
    }

    private func cluster() async throws -> ObservedCluster {
        try await ClusterObserver.snapshot(
            broker: broker.address, cluster: broker.clusterName, within: Self.patience
        ).cluster
    }

    private func door(of board: ObservedCluster.Board) throws -> Endpoint {
        guard board.state != .offline else {
            throw FrontDoorNotFound("board \(board.node), whose front door is needed, is offline")
        }
        guard let endpoint = board.capabilities?.frontDoor else {
            throw FrontDoorNotFound("board \(board.node) announces no front door")
        }
        return endpoint
    }

    private static func parsed(_ text: String) throws -> Endpoint {
        guard text.contains(":" as Character), let address = BrokerAddress(text) else {
            throw ValidationError("'\(text)' is no front door, expected HOST:PORT")
        }
        return Endpoint(host: address.host, port: address.port)
    }
}

/// Why there is no board to talk to, in one sentence.
struct FrontDoorNotFound: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
