import Agent
import ArgumentParser
import JSON
import MQTT

struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show boards, leader and plans, as the broker tells them.",
        discussion: """
            Everything comes from MQTT alone: no board is asked. Where a plan is in force this takes up to 2.5 s: \
            what the boards measure comes every two seconds, and stands beside what the plan predicted.

            EXIT CODES
              0  there is a leader and a plan
              1  the broker does not answer, or the arguments are wrong
              2  there is no leader or no plan

            EXAMPLES
              lamella status
              lamella status --broker 192.168.1.5:1883 --cluster home
              lamella status --json
            """)

    static let incomplete = ExitCode(2)
    /// Boards say what they measure every two seconds.
    static let metricsWaitS = 2.5

    @OptionGroup var options: BrokerOptions

    @Option(name: .long, help: ArgumentHelp("Longest wait for the broker.", valueName: "seconds"))
    var timeout: Double = 5

    @Flag(name: .long, help: "Print JSON.")
    var json = false

    func validate() throws {
        guard timeout > 0, timeout <= 3600 else { throw ValidationError("--timeout must be above 0 and at most 3600") }
    }

    func run() async throws {
        let address = try options.address
        let cluster = options.clusterName
        let (observed, problems) = try await ClusterObserver.snapshot(
            broker: address, cluster: cluster, within: .seconds(timeout),
            metricsWait: .seconds(min(timeout / 2, Self.metricsWaitS)))
        let report = StatusReport(
            observed, cluster: cluster, broker: address, wallS: WallClock.secondsSince1970, problems: problems)
        if json {
            print(try JSON.encode(report, pretty: true))
        } else if observed.isSilent {
            print("cluster \(cluster), broker \(address)\nnobody has ever spoken in this cluster")
            for problem in problems { print("not read: \(problem)") }
        } else {
            print(report.text)
        }
        if report.leader == nil || report.plans.isEmpty { throw Self.incomplete }
    }
}
