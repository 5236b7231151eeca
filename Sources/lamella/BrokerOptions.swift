import ArgumentParser
import Glibc
import MQTT

/// Where the cluster is: the same options for every command that talks to it.
struct BrokerOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp("The MQTT broker (or LAMELLA_BROKER; default localhost:1883).", valueName: "host:port"),
        transform: BrokerOptions.address)
    var broker: BrokerAddress?

    @Option(
        name: .long, help: ArgumentHelp("The cluster (or LAMELLA_CLUSTER; default \"default\").", valueName: "name"))
    var cluster: String?

    /// From the option, else from the environment, else the local broker.
    var address: BrokerAddress {
        get throws {
            if let broker { return broker }
            guard let text = Self.environment("LAMELLA_BROKER") else { return BrokerAddress(host: "localhost") }
            guard let address = BrokerAddress(text) else {
                throw ValidationError("LAMELLA_BROKER is '\(text)', expected HOST or HOST:PORT")
            }
            return address
        }
    }

    var clusterName: String { cluster ?? Self.environment("LAMELLA_CLUSTER") ?? "default" }

    func validate() throws {
        if let problem = TopicName.problem(with: clusterName) {
            throw ValidationError("'\(clusterName)' is no name of a cluster: \(problem)")
        }
        _ = try address
    }

    private static func address(_ text: String) throws -> BrokerAddress {
        guard let address = BrokerAddress(text) else {
            throw ValidationError("'\(text)' is no broker, expected HOST or HOST:PORT")
        }
        return address
    }

    private static func environment(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
    }
}
