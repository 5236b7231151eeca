import ArgumentParser
import Cluster
import JSON
import MQTT

struct ModelListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the cluster's models, as the broker tells them.",
        discussion: """
            EXAMPLES
              lamella model list
              lamella model list --broker 192.168.1.5:1883 --cluster home --json
            """)

    @OptionGroup var options: BrokerOptions

    @Flag(name: .long, help: "Print JSON.")
    var json = false

    func run() async throws {
        let known = try await ClusterObserver.snapshot(
            broker: options.address, cluster: options.clusterName, within: FrontDoorOptions.patience
        ).cluster
        if json {
            print(try JSON.encode(["models": known.models], pretty: true))
        } else if known.models.isEmpty {
            print("cluster \(options.clusterName) has no model; add one with lamella model add")
        } else {
            print(Self.table(known).text)
        }
    }

    private static func table(_ known: ObservedCluster) -> TextTable {
        var table = TextTable([
            ("model", .left), ("version", .right), ("weights", .right), ("source", .left), ("held by", .left),
            ("plan", .left),
        ])
        for model in known.models {
            table.add([
                model.name, "\(model.version)", Readable.bytes(model.weightBytes), model.source.name,
                model.holders.map(\.name).joined(separator: ", "),
                known.plan(model.name)?.id.description ?? "none",
            ])
        }
        return table
    }
}
