import Cluster
import Costs
import MQTT

/// What `lamella carbon show` prints: as JSON, or as text for people.
struct CarbonReport: Codable, Equatable {
    struct Zone: Codable, Equatable {
        enum State: String, Codable { case fresh, stale, expired, unknown }

        var zone: String
        var state: State
        /// What boards go by now; nil where nothing is valid.
        var intensityGPerKwh: Double?
        var emissionFactorType: EmissionFactor.Scope?
        var kind: EmissionFactor.Kind?
        var source: String?
        var at: String?
        var ageS: Double?
        var validUntil: String?
        /// Of the next hours, the present one first; nil: not known.
        var hoursGPerKwh: [Double?]
        var boards: [NodeID]

        enum CodingKeys: String, CodingKey {
            case zone, state
            case intensityGPerKwh = "intensity_g_per_kwh"
            case emissionFactorType = "emission_factor_type"
            case kind, source, at
            case ageS = "age_s"
            case validUntil = "valid_until"
            case hoursGPerKwh = "hours_g_per_kwh"
            case boards
        }
    }

    /// What a board takes its own electricity to emit.
    struct Board: Codable, Equatable {
        var node: NodeID
        /// Nil: the board never said so.
        var state: NodeState?
        var zone: String
        var intensityGPerKwh: Double
        var source: String

        enum CodingKeys: String, CodingKey {
            case node, state, zone
            case intensityGPerKwh = "intensity_g_per_kwh"
            case source
        }
    }

    /// Hours that are shown.
    static let hours = 24

    var cluster: String
    var broker: String
    var zones: [Zone]
    var boards: [Board]
    /// Payloads that could not be read.
    var problems: [String]

    /// - Parameter wallS: the time of day in seconds since 1970.
    init(
        _ observed: ObservedCluster, cluster: String, broker: BrokerAddress, problems: [String] = [], wallS: Double
    ) {
        self.cluster = cluster
        self.broker = broker.description
        self.problems = problems
        let carbon = observed.carbon
        boards = carbon.boards.map {
            Board(
                node: $0.node, state: observed.board($0.node)?.state, zone: $0.zone,
                intensityGPerKwh: $0.intensityGPerKwh, source: $0.source)
        }
        // Zones in which boards are, though nobody publishes them, are the ones to be seen.
        let names = Set(carbon.zones.map(\.zone) + carbon.boards.map(\.zone)).sorted()
        zones = names.map { name in
            let inside = carbon.boards.filter { $0.zone == name }.map(\.node)
            guard let record = carbon.zones.first(where: { $0.zone == name }) else {
                return Zone(zone: name, state: .unknown, hoursGPerKwh: [], boards: inside)
            }
            return Self.zone(record, boards: inside, wallS: wallS)
        }
    }

    /// By the rule of the boards themselves.
    private static func zone(_ record: ZoneCarbon, boards: [NodeID], wallS: Double) -> Zone {
        var book = CarbonBook()
        _ = book.heard(record, wallS: wallS, now: .zero)
        let now = book.intensity(of: record.zone, now: .zero)
        let hours = (0..<Self.hours).map { book.intensity(of: record.zone, now: .seconds(3600 * $0))?.intensityGPerKwh }
        let known = hours.lastIndex { $0 != nil }.map { Array(hours[...$0]) } ?? []
        return Zone(
            zone: record.zone, state: now.map { $0.isStale ? .stale : .fresh } ?? .expired,
            intensityGPerKwh: now?.intensityGPerKwh, emissionFactorType: record.emissionFactorType, kind: record.kind,
            source: record.source, at: record.at,
            ageS: UTCTime.secondsSince1970(record.at).map { max(0, wallS - $0) }, validUntil: record.validUntil,
            hoursGPerKwh: known, boards: boards)
    }

    var text: String {
        var parts = ["cluster \(cluster), broker \(broker)"]
        if zones.isEmpty {
            parts.append("no feed has ever published a zone: start one with lamella carbon feed")
        } else {
            parts.append(zoneTable)
        }
        for board in boards where board.source == "configuration" {
            parts.append(
                "board \(board.node) goes by its configuration, \(rounded(board.intensityGPerKwh)) g/kWh: nothing "
                    + "valid is published of zone \(board.zone)")
        }
        if !problems.isEmpty { parts.append((["not read:"] + problems.map { "  \($0)" }).joined(separator: "\n")) }
        return parts.joined(separator: "\n\n")
    }

    private var zoneTable: String {
        var table = TextTable([
            ("zone", .left), ("g/kWh", .right), ("counted", .left), ("state", .left), ("age", .right),
            ("next hours", .left), ("range", .left), ("source", .left), ("boards", .left),
        ])
        for zone in zones {
            let known = zone.hoursGPerKwh.compactMap(\.self)
            let range =
                known.min().flatMap { least in known.max().map { "\(rounded(least))-\(rounded($0))" } } ?? "-"
            let counted = zone.emissionFactorType.flatMap { scope in
                zone.kind.map { EmissionFactor(scope, $0).description }
            }
            table.add([
                zone.zone, zone.intensityGPerKwh.map(rounded) ?? "unknown", counted ?? "-", zone.state.rawValue,
                zone.ageS.map(Self.age) ?? "-", known.isEmpty ? "-" : SparkLine.text(zone.hoursGPerKwh), range,
                zone.source ?? "-", zone.boards.isEmpty ? "-" : zone.boards.map(\.name).joined(separator: " "),
            ])
        }
        return table.text
    }

    private func rounded(_ value: Double) -> String { "\(Int(value.rounded()))" }

    private static func age(_ seconds: Double) -> String {
        switch seconds {
        case ..<120: "\(Int(seconds)) s"
        case ..<7200: "\(Int(seconds / 60)) min"
        case ..<172_800: "\(Int(seconds / 3600)) h"
        default: "\(Int(min(seconds / 86_400, 1e6))) d"
        }
    }
}
