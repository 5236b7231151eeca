import Cluster
import Costs
import MQTT
import Planning

/// What `lamella status` prints: as JSON, or as text for people.
struct StatusReport: Codable {
    struct Board: Codable {
        var id: NodeID
        /// Nil: the board never said so.
        var state: NodeState?
        var capabilities: NodeCapabilities?
        /// Nil: none came in time.
        var metrics: NodeMetrics?
    }

    /// What is known of a grid zone now.
    struct Zone: Codable {
        var zone: String
        /// Nil: what was said holds no more, or not yet.
        var intensityGPerKwh: Double?
        /// `lifecycle average`.
        var counting: String
        var source: String
        /// Since it was said (nil: it holds no more).
        var ageS: Double?
        var validUntil: String
        /// Why there is no intensity.
        var problem: String?

        enum CodingKeys: String, CodingKey {
            case zone, counting, source, problem
            case intensityGPerKwh = "intensity_g_per_kwh"
            case ageS = "age_s"
            case validUntil = "valid_until"
        }

        /// - Parameter wallS: the time of day, in seconds since 1970.
        init(_ record: ZoneCarbon, wallS: Double) {
            // The board's own rules say which value of a forecast holds, and until when.
            var book = CarbonBook()
            problem = book.heard(record, wallS: wallS, now: .zero)
            let known = book.intensity(of: record.zone, now: .zero)
            zone = record.zone
            intensityGPerKwh = known?.intensityGPerKwh
            counting = "\(record.factor)"
            source = record.source
            ageS = known?.ageS
            validUntil = record.validUntil
        }
    }

    var cluster: String
    var broker: String
    /// Nil while there is none, or its board is offline.
    var leader: LeaderRecord?
    var boards: [Board]
    var zones: [Zone]
    var models: [ModelRecord]
    var plans: [PlanRecord]
    /// Payloads that could not be read.
    var problems: [String]

    /// - Parameter wallS: the time of day, in seconds since 1970.
    init(
        _ observed: ObservedCluster, cluster: String, broker: BrokerAddress, wallS: Double, problems: [String] = []
    ) {
        self.cluster = cluster
        self.broker = broker.description
        leader = observed.liveLeader
        boards = observed.boards.map {
            Board(id: $0.node, state: $0.state, capabilities: $0.capabilities, metrics: $0.metrics)
        }
        zones = observed.zones.map { Zone($0, wallS: wallS) }
        models = observed.models
        plans = observed.plans
        self.problems = problems
    }

    var text: String {
        var parts = ["cluster \(cluster), broker \(broker)\n" + leaderLine]
        if boards.isEmpty { parts.append("no boards") } else { parts.append(boardTable) }
        let conditions = boards.flatMap { board in
            (board.capabilities?.conditions ?? []).map { "  \(board.id): \($0)" }
        }
        if !conditions.isEmpty { parts.append((["out of order:"] + conditions).joined(separator: "\n")) }
        if !zones.isEmpty { parts.append(zoneTable) }
        for model in models where !plans.contains(where: { $0.model.name == model.name }) {
            parts.append("model \(model.name): no plan in force (weights \(Readable.bytes(model.weightBytes)))")
        }
        if models.isEmpty, plans.isEmpty { parts.append("no models: add one with lamella model add FILE.onnx") }
        for plan in plans {
            parts.append(Self.text(of: plan))
            if let measured = MeasuredTable.text(of: plan, boards: boards) { parts.append(measured) }
        }
        if !problems.isEmpty {
            parts.append((["not read:"] + problems.map { "  \($0)" }).joined(separator: "\n"))
        }
        return parts.joined(separator: "\n\n")
    }

    private var leaderLine: String {
        guard let leader else { return "no leader" }
        return "leader \(leader.node), term \(leader.term)" + (leader.since.map { ", since \($0)" } ?? "")
    }

    private var boardTable: String {
        var table = TextTable([
            ("board", .left), ("state", .left), ("device", .left), ("class", .left), ("speed", .right),
            ("memory", .right), ("front door", .left),
        ])
        for board in boards {
            let state = board.state?.rawValue ?? "unknown"
            let door = board.capabilities?.frontDoor.map { "http://\($0)" } ?? "-"
            let devices = board.capabilities?.devices ?? []
            if devices.isEmpty { table.add([board.id.name, state, "-", "-", "-", "-", door]) }
            for (index, device) in devices.enumerated() {
                table.add([
                    index == 0 ? board.id.name : "", index == 0 ? state : "", device.id.name,
                    device.deviceClass.rawValue, speed(device, board.capabilities), Readable.bytes(device.memoryBytes),
                    index == 0 ? door : "",
                ])
            }
        }
        return table.text
    }

    /// A figure that the configuration does not state says where it is from.
    private func speed(_ device: Device, _ capabilities: NodeCapabilities?) -> String {
        let source = (capabilities?.speedSources ?? []).first {
            $0.device == device.id && $0.figures.contains("flops")
        }
        guard let source else { return Readable.flops(device.flops) }
        let day = source.measuredAt.map { " " + $0.prefix(10) } ?? ""
        return "\(Readable.flops(device.flops)), \(source.source)\(day)"
    }

    private var zoneTable: String {
        var table = TextTable([
            ("zone", .left), ("intensity", .right), ("counting", .left), ("age", .right), ("valid until", .left),
            ("source", .left),
        ])
        for zone in zones {
            table.add([
                zone.zone, zone.intensityGPerKwh.map { "\(FigureText.number($0)) g/kWh" } ?? "unknown", zone.counting,
                zone.ageS.map(Readable.seconds) ?? "-", zone.validUntil, zone.source,
            ])
        }
        return table.text
    }

    /// The plan with its segments: layers that follow each other on one device.
    static func text(of record: PlanRecord) -> String {
        let plan = record.plan
        var lines = ["plan \(record.id) for model \(record.model.name): \(Readable.seconds(plan.latencyS)) predicted"]
        lines[0] += " (compute \(Readable.seconds(plan.computeS)), transfer \(Readable.seconds(plan.transferS)), "
        lines[0] += "weights \(Readable.seconds(plan.weightsS)))"
        lines += figures(of: plan)
        lines.append("because: \(record.reason)")
        if let single = plan.singleDevice {
            lines.append(
                "best single device: \(single.device) with \(Readable.value(single.value, of: plan.objective))"
                    + (plan.objective == .latency ? "" : " (latency \(Readable.seconds(single.latencyS)))"))
        } else {
            lines.append("no single device can hold the model")
        }
        if let sharing = plan.sharing { return lines.joined(separator: "\n") + "\n" + text(of: sharing, plan) }
        var table = TextTable([
            ("device", .left), ("layers", .left), ("from", .left), ("to", .left), ("FLOP share", .right),
            ("peak memory", .right),
        ])
        var named: Set<DeviceID> = []
        for segment in segments(of: plan) {
            let share = named.insert(segment.device).inserted ? plan.devices.first { $0.id == segment.device } : nil
            table.add([
                segment.device.name,
                segment.first.index == segment.last.index
                    ? "\(segment.first.index)" : "\(segment.first.index)-\(segment.last.index)",
                segment.first.name, segment.last.name, share.map { Readable.percent($0.flopsShare) } ?? "",
                share.map { Readable.bytes($0.peakMemoryBytes) } ?? "",
            ])
        }
        return lines.joined(separator: "\n") + "\n" + table.text
    }

    /// Boards that share operators have no layers of their own.
    private static func text(of sharing: Plan.Sharing, _ plan: Plan) -> String {
        let shared = sharing.layouts.count { layout in layout.count { $0 != nil } > 1 }
        var table = TextTable([
            ("device", .left), ("operators", .right), ("FLOP share", .right), ("computes", .right),
            ("peak memory", .right),
        ])
        for (number, device) in sharing.devices.enumerated() {
            let share = plan.devices.first { $0.id == device }
            table.add([
                device.name, "\(sharing.layouts.count { number < $0.count && $0[number] != nil })",
                share.map { Readable.percent($0.flopsShare) } ?? "", share?.busyS.map(Readable.seconds) ?? "",
                share.map { Readable.bytes($0.peakMemoryBytes) } ?? "",
            ])
        }
        return "\(shared) of \(sharing.layouts.count) operators are shared between boards\n" + table.text
    }

    /// What is made least, and what an inference costs where that is known.
    private static func figures(of plan: Plan) -> [String] {
        var lines: [String] = []
        if let value = plan.value {
            lines.append("objective: \(plan.objective.rawValue), \(Readable.value(value, of: plan.objective))")
            if let gap = plan.gap, gap > 1e-9 {
                lines[0] += "; at most \(Readable.percent(gap)) above the best: the planner's budget ended"
            }
        }
        let costs = [
            plan.energyJ.map { "energy \(Readable.joule($0))" }, plan.carbonG.map { "carbon \(Readable.gram($0))" },
        ].compactMap(\.self)
        if !costs.isEmpty { lines.append("each inference: \(costs.joined(separator: ", "))") }
        return lines
    }

    private static func segments(of plan: Plan) -> [(device: DeviceID, first: Plan.Layer, last: Plan.Layer)] {
        var segments: [(device: DeviceID, first: Plan.Layer, last: Plan.Layer)] = []
        for layer in plan.layers {
            if let current = segments.last, current.device == layer.device {
                segments[segments.count - 1].last = layer
            } else {
                segments.append((layer.device, layer, layer))
            }
        }
        return segments
    }
}
