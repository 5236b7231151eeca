import ArgumentParser
import Cluster
import JSON
import MQTT

struct WatchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "watch",
        abstract: "Show the cluster live: every change of a plan as it happens, with its reason.",
        discussion: """
            Prints the state first, then a line for each change, until Ctrl-C. The connection to the broker is made \
            again whenever it is lost. With --json each line is an object with the member "type".

            EXIT CODES
              0  what --until asks for has happened
              1  the broker did not answer at the start, or --timeout passed

            EXAMPLES
              lamella watch
              lamella watch --until committed --timeout 30
              lamella watch --json --until 5
            """)

    /// When to end.
    enum Until: ExpressibleByArgument, Equatable {
        case event(PlanEvent.Kind)
        case count(Int)

        init?(argument: String) {
            if let kind = PlanEvent.Kind(rawValue: argument) {
                self = .event(kind)
            } else if let count = Int(argument), count > 0 {
                self = .count(count)
            } else {
                return nil
            }
        }

        static var allValueStrings: [String] { PlanEvent.Kind.allCases.map(\.rawValue) + ["COUNT"] }
    }

    @OptionGroup var options: BrokerOptions

    @Option(name: .long, help: "End after the first plan event of this kind, or after so many changes.")
    var until: Until?

    @Option(name: .long, help: ArgumentHelp("Give up after this time.", valueName: "seconds"))
    var timeout: Double?

    @Flag(name: .long, help: "Also what boards measure every two seconds: power, temperature, clocks, energy.")
    var metrics = false

    @Flag(name: .long, help: "Print a JSON object per line.")
    var json = false

    func validate() throws {
        if let timeout, !(timeout > 0 && timeout <= 1e6) {
            throw ValidationError("--timeout must be above 0 and at most 1000000")
        }
    }

    func run() async throws {
        let address = try options.address
        let cluster = options.clusterName
        let observer = try ClusterObserver(
            broker: address, cluster: cluster, purpose: "lamella-watch",
            filters: try Topic.watchFilters(in: cluster, withMetrics: metrics))
        let printer = WatchPrinter(json: json, cluster: cluster, broker: address)
        var hasState = false
        var changes = 0
        let reached: Bool? = try await observer.run(until: timeout.map { .now + .seconds($0) }) { observation, known in
            if case .disconnected(let reason) = observation, !hasState { throw ClusterObserver.Failure.broker(reason) }
            if case .caughtUp = observation {
                // Again after each new connection, when the broker may have forgotten everything.
                try printer.state(known)
                hasState = true
                return nil
            }
            guard hasState else {
                if case .problem = observation { try printer.line(for: observation) }
                return nil
            }
            try printer.line(for: observation)
            guard case .changed(let change) = observation else { return nil }
            if case .metrics = change { return nil }
            changes += 1
            switch until {
            case .count(let count): return changes >= count ? true : nil
            case .event(let kind):
                if case .planEvent(let event) = change, event.event == kind { return true }
                return nil
            case nil: return nil
            }
        }
        if reached == nil {
            let wait = timeout.map { Readable.seconds($0) } ?? "the time given"
            throw ClusterObserver.Failure.broker(
                until == nil ? "\(wait) passed" : "what --until asks for did not happen within \(wait)")
        }
    }
}
