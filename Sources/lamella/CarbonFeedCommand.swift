import ArgumentParser
import Board
import CarbonFeed
import Cluster
import Costs
import Glibc
import JSON
import MQTT

struct CarbonFeedCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "feed",
        abstract: "Publish what grid zones emit: from a web service, or replayed from files.",
        discussion: """
            One feed serves a whole site; the boards themselves need no internet. Each zone's value goes to the topic \
            zone/<zone>/carbon, with the forecast where the source has one, and stays at the broker. When the feed \
            stops, boards call the value stale after three times --every, and unknown when it expires.

            SOURCES
              electricity-maps  zones as US-CAL-CISO; a token; the free plan has no forecast
              watttime          zones are WattTime's regions, as CAISO_NORTH; user:password as the token
              great-britain     zone GB; no token
              csv               files of Electricity Maps' data portal in --folder, played from --from at --speed

            EXIT CODES
              0  it was stopped, the replay ended, or --once published every zone
              1  it could not start, or --once found no broker
              2  --once, and some zone was not published
              64 the arguments are wrong, or everybody may read the token's file

            EXAMPLES
              lamella carbon feed --source great-britain
              lamella carbon feed --source electricity-maps --zone CY,GR --token-file /etc/lamella/carbon.token
              lamella carbon feed --source watttime --zone CAISO_NORTH --token-file ./token --once --dry-run
              lamella carbon feed --source csv --folder traces --from 2023-07-01T00:00Z --for 1d --speed 3600
            """)

    static let incomplete = ExitCode(2)

    enum Source: String, ExpressibleByArgument, CaseIterable {
        case electricityMaps = "electricity-maps"
        case wattTime = "watttime"
        case greatBritain = "great-britain"
        case csv
    }

    @OptionGroup var options: BrokerOptions

    @Option(name: .long, help: "Where the figures come from.")
    var source: Source

    @Option(name: .long, help: ArgumentHelp("Zones, with commas between them.", valueName: "zone,…"))
    var zone: String?

    @Option(
        name: .long,
        help: ArgumentHelp("A file with the token, that not everybody may read (chmod o-rwx).", valueName: "file"))
    var tokenFile: String?

    @Option(
        name: .long, help: ArgumentHelp("Another address of the source: a mirror, or a test.", valueName: "address"))
    var url: String?

    @Option(name: .long, help: ArgumentHelp("How often the source is asked.", valueName: "time"))
    var every = TimeSpan(seconds: 300)

    @Option(name: .long, help: "Which emissions count, of Electricity Maps and of files: lifecycle or direct.")
    var scope = EmissionFactor.Scope.lifecycle

    @Option(name: .long, help: "WattTime's signal: co2_moer (marginal) or co2_aoer (average).")
    var signal = WattTimeConversation.Signal.marginal

    @Option(name: .long, help: ArgumentHelp("How far ahead the forecast is published.", valueName: "time"))
    var forecast = TimeSpan(seconds: 86_400)

    @Option(
        name: .long, help: ArgumentHelp("How long a value stays valid after its own period ended.", valueName: "time"))
    var hold = TimeSpan(seconds: 7200)

    @Option(name: .long, help: ArgumentHelp("The folder of .csv files.", valueName: "folder"))
    var folder: String?

    @Option(name: .long, help: ArgumentHelp("Where the replay begins, UTC (default: now).", valueName: "instant"))
    var from: String?

    @Option(name: .customLong("for"), help: ArgumentHelp("How much of the data is replayed.", valueName: "time"))
    var length: TimeSpan?

    @Option(name: .long, help: "Seconds of the data in a second.")
    var speed: Double = 1

    @Flag(name: .long, help: "Publish each zone once and end.")
    var once = false

    @Flag(name: .long, help: "Print what would be published; no broker is needed.")
    var dryRun = false

    func validate() throws {
        let zones = try self.zones
        guard zones.count <= FeedSettings.maximumZones else {
            throw ValidationError(
                "--zone names \(zones.count) zones; at most \(FeedSettings.maximumZones) fit one feed")
        }
        for zone in zones {
            if let problem = TopicName.problem(with: zone) { throw ValidationError("zone '\(zone)': \(problem)") }
        }
        guard Set(zones).count == zones.count else { throw ValidationError("--zone names a zone twice") }
        guard (FeedSettings.shortestPeriodS...FeedSettings.longestPeriodS).contains(every.seconds) else {
            throw ValidationError("--every must be 1s to 1d")
        }
        guard forecast.seconds <= 604_800, hold.seconds <= 604_800 else {
            throw ValidationError("--forecast and --hold must be at most 7d")
        }
        let isReplay = source == .csv
        for (name, isGiven) in [("--folder", folder != nil), ("--from", from != nil), ("--for", length != nil)]
        where isGiven && !isReplay {
            throw ValidationError("\(name) is for --source csv")
        }
        guard speed > 0, speed <= FeedReplay.maximumSpeed else {
            throw ValidationError("--speed must be above 0 and at most \(Int(FeedReplay.maximumSpeed))")
        }
        guard isReplay || speed == 1 else { throw ValidationError("--speed is for --source csv") }
        guard !isReplay || folder != nil else { throw ValidationError("--source csv needs --folder") }
        guard !isReplay || url == nil && tokenFile == nil else {
            throw ValidationError("--url and --token-file are not for --source csv")
        }
        if let from, UTCTime.secondsSince1970(feed: from) == nil {
            throw ValidationError("--from '\(from)' is no time in UTC; write it as 2023-07-01T00:00Z")
        }
        guard !isReplay else { return }
        if source == .greatBritain, tokenFile != nil { throw ValidationError("--source great-britain needs no token") }
        if source != .greatBritain, tokenFile == nil {
            throw ValidationError("--source \(source.rawValue) needs --token-file")
        }
        if source == .greatBritain, zones != [GreatBritainConversation.zone] {
            throw ValidationError("--source great-britain knows only the zone \(GreatBritainConversation.zone)")
        }
        // What only a person can mend is said before anything begins, with the code of wrong arguments: the service
        // manager then does not try again.
        do {
            if let tokenFile { _ = try SecretFile.read(tokenFile) }
            if let url { _ = try FeedBase(url) }
        } catch {
            throw ValidationError("\(error)")
        }
    }

    private var zones: [String] {
        get throws {
            if let zone { return zone.split(separator: ",", omittingEmptySubsequences: false).map(String.init) }
            switch source {
            case .csv: return []
            case .greatBritain: return [GreatBritainConversation.zone]
            default: throw ValidationError("--source \(source.rawValue) needs --zone")
            }
        }
    }

    func run() async throws {
        var settings = FeedSettings()
        settings.periodS = every.seconds
        settings.forecastS = forecast.seconds
        settings.holdS = hold.seconds
        let broker = dryRun ? nil : FeedDriver.Broker(address: try options.address, cluster: options.clusterName)
        let machine: any FeedMachine
        var poller: FeedPoller?
        let zones: [String]
        if source == .csv {
            let series = try self.series()
            zones = series.map(\.zone)
            machine = try replay(series, settings)
        } else {
            zones = try self.zones
            poller = try self.poller()
            machine = FeedSchedule(
                source: source.rawValue, zones: zones, settings: settings, once: once, needsBroker: !dryRun,
                generator: SeededGenerator(seed: UInt64.random(in: 0...UInt64.max)))
        }
        let isDry = dryRun
        let driver = FeedDriver(
            zones: zones, broker: broker, poller: poller, report: Self.say,
            show: { record in
                if isDry, let text = try? JSON.encode(record) { StandardOutput.line(text) }
            })
        let signals = Signals(onStop: { driver.stop() }, onReload: {})
        defer { signals.ignore() }
        Self.say(FeedNotice(.info, opening(zones, broker)))
        let outcome = try await driver.run(machine)
        switch outcome {
        case nil: Self.say(FeedNotice(.info, "stopped; boards go by what was published until it expires"))
        case .done: Self.say(FeedNotice(.info, "done"))
        case .incomplete: throw Self.incomplete
        case .noBroker(let reason): throw ClusterObserver.Failure.broker(reason)
        }
    }

    private func opening(_ zones: [String], _ broker: FeedDriver.Broker?) -> String {
        let how = source == .csv ? "at speed \(speedText)" : once ? "once" : "every \(every.defaultValueDescription)"
        let place = broker.map { "to cluster \($0.cluster) at \($0.address)" } ?? "to nobody (--dry-run)"
        return "\(source.rawValue), \(how), zones \(zones.joined(separator: ", ")), \(place)"
    }

    private var speedText: String { speed == speed.rounded() ? "\(Int(speed))" : "\(speed)" }

    // MARK: Sources

    private func poller() throws -> FeedPoller {
        func address(_ usual: String) throws -> FeedBase { try FeedBase(url ?? usual) }
        switch source {
        case .electricityMaps:
            let base = try address(ElectricityMapsConversation.address)
            return FeedPoller(
                ElectricityMapsConversation(base: base, scope: scope), base: base, secretPath: tokenFile)
        case .wattTime:
            let base = try address(WattTimeConversation.address)
            return FeedPoller(WattTimeConversation(base: base, signal: signal), base: base, secretPath: tokenFile)
        case .greatBritain, .csv:
            let base = try address(GreatBritainConversation.address)
            return FeedPoller(GreatBritainConversation(base: base), base: base)
        }
    }

    private func series() throws -> [CarbonSeries] {
        let all = try CarbonFolder.load(folder ?? ".", scope: scope)
        let wanted = try zones
        guard !wanted.isEmpty else { return all }
        return try wanted.map { zone in
            guard let series = all.first(where: { $0.zone == zone }) else {
                throw ConfigurationError(
                    "\(folder ?? "."): there is no data of zone \(zone); there is: "
                        + all.map(\.zone).joined(separator: ", "))
            }
            return series
        }
    }

    private func replay(_ series: [CarbonSeries], _ settings: FeedSettings) throws -> FeedReplay {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        let startS = from.flatMap { UTCTime.secondsSince1970(feed: $0) } ?? Double(now.tv_sec)
        return try FeedReplay(
            series, source: "csv, replayed at speed \(speedText)", startS: startS, lengthS: length?.seconds,
            speed: speed,
            settings: settings, once: once, needsBroker: !dryRun)
    }

    // MARK: Lines

    @Sendable private static func say(_ notice: FeedNotice) {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        let text = UTCTime.string(secondsSince1970: Double(time.tv_sec)).dropFirst(11).prefix(8)
        let zone = notice.zone.map { "zone \($0): " } ?? ""
        StandardOutput.line("\(text)  \(notice.level == .warning ? "warning: " : "")\(zone)\(notice.text)")
    }
}

extension EmissionFactor.Scope: ExpressibleByArgument {}
extension WattTimeConversation.Signal: ExpressibleByArgument {}
