import Board

extension AgentConfiguration {
    /// What a running agent takes over of a file that was read again.
    ///
    /// - Returns: the configuration from now on, and the keys whose new values take a restart: who the board is, where
    ///   its state lies and where it is reached cannot change under those who rely on them.
    package func reloaded(
        as new: AgentConfiguration
    ) -> (configuration: AgentConfiguration, needRestart: [String]) {
        var result = new
        var names: [String] = []
        func keep(_ key: WritableKeyPath<AgentConfiguration, some Equatable>, _ name: String) {
            guard new[keyPath: key] != self[keyPath: key] else { return }
            result[keyPath: key] = self[keyPath: key]
            names.append(name)
        }
        keep(\.cluster, "cluster")
        keep(\.node, "node")
        keep(\.stateDirectory, "state_dir")
        keep(\.broker.host, "broker.host")
        keep(\.broker.port, "broker.port")
        keep(\.transport.host, "transport.host")
        keep(\.transport.port, "transport.port")
        keep(\.transport.advertisedHost, "transport.advertised_host")
        keep(\.frontDoor.host, "front_door.host")
        keep(\.frontDoor.port, "front_door.port")
        keep(\.frontDoor.advertisedHost, "front_door.advertised_host")
        keep(\.board, "board")
        return (result, names)
    }
}
