import ArgumentParser
import Glibc
import JSON
import MQTT

struct CarbonShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show what grid zones emit, now and in the next hours, and which boards are in them.",
        discussion: """
            Everything comes from MQTT alone: no board and no service is asked. A value is stale when its feed should \
            have said more by now, and expired when boards no longer go by it.

            EXIT CODES
              0  every zone with a board in it has a valid value
              1  the broker does not answer, or the arguments are wrong
              2  some zone with a board in it has none, or there are no zones

            EXAMPLES
              lamella carbon show
              lamella carbon show --broker 192.168.1.5:1883 --cluster home --json
            """)

    static let incomplete = ExitCode(2)

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
            filters: try Topic.carbonFilters(in: cluster))
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        let report = CarbonReport(
            observed, cluster: cluster, broker: address, problems: problems,
            wallS: Double(time.tv_sec) + Double(time.tv_nsec) / 1e9)
        print(json ? try JSON.encode(report, pretty: true) : report.text)
        let hasGap = report.zones.contains { !$0.boards.isEmpty && $0.intensityGPerKwh == nil }
        if report.zones.isEmpty || hasGap { throw Self.incomplete }
    }
}
