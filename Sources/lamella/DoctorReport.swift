import Board
import Runtime

/// What `lamella doctor` says of a board.
struct DoctorReport: Encodable {
    /// Columns of a terminal that text is broken at; lines for a shell stay whole.
    static let columns = 80

    var isUsable: Bool
    /// The profile that fits; nil where none does.
    var profile: String?
    /// Names of the sensors that tell the board's power; empty where it is modelled.
    var powerFrom: [String]
    /// What the agent measured; nil where it has not, or not where it was looked for.
    var speed: Speed?
    var inventory: BoardInventory

    struct Speed: Encodable {
        var figures: BoardSpeed
        /// False: of another board, or too old; it is measured anew at the agent's next start.
        var isInForce: Bool

        init(_ figures: BoardSpeed, holds: Bool) {
            self.figures = figures
            isInForce = holds
        }

        enum CodingKeys: String, CodingKey {
            case figures
            case isInForce = "is_in_force"
        }
    }

    enum CodingKeys: String, CodingKey {
        case profile, inventory, speed
        case isUsable = "is_usable"
        case powerFrom = "power_from"
    }

    init(_ inventory: BoardInventory, profiles: [BoardProfile], speed: Speed? = nil) {
        self.speed = speed
        let profile = inventory.model.flatMap { BoardProfile.matching($0, in: profiles) }
        self.profile = profile?.name
        self.inventory = inventory
        powerFrom = BoardProfile.sensors(of: inventory, profile: profile).map(\.name)
        isUsable = inventory.memoryTotalBytes != nil && inventory.domains.allSatisfy(\.isWritable)
    }

    var text: String {
        ([board] + [clocks, temperatures, power, links, faults].compactMap { $0 } + [verdict])
            .joined(separator: "\n\n")
    }

    // MARK: Parts

    private var board: String {
        let memory = inventory.memoryTotalBytes.map { total in
            Readable.bytes(total)
                + (inventory.memoryAvailableBytes.map { ", of which \(Readable.bytes($0)) are available" } ?? "")
        }
        let supply = inventory.isOnMains.map { $0 ? "mains" : "battery" }
        return [
            "board    \(inventory.model ?? "unknown")",
            "profile  \(profile ?? "none fits: its figures are measured or come from agent.toml")",
            "memory   \(memory ?? "unknown")",
            "supply   \(supply ?? "unknown, as of most boards without a battery")",
            "speed    \(speedText)",
        ].joined(separator: "\n")
    }

    private var speedText: String {
        guard let speed else { return "no figures that can be read: the agent measures them at its start" }
        let figures = speed.figures
        var parts = [
            "\(Readable.flops(figures.flops)) with \(figures.threads) thread\(figures.threads == 1 ? "" : "s")",
            "memory " + (figures.memoryBandwidthBytesPerS.map(Readable.bytesPerSecond) ?? "unknown"),
        ]
        if let runtimeBytes = figures.runtimeBytes { parts.append("a runner holds \(Readable.bytes(runtimeBytes))") }
        let age = speed.isInForce ? "" : "; it does not hold any more and is measured anew at the agent's next start"
        return parts.joined(separator: ", ") + "; measured \(figures.measuredAt)" + age
    }

    private var clocks: String? {
        guard !inventory.domains.isEmpty else { return nil }
        var table = TextTable([
            ("CLOCK", .left), ("MHz", .right), ("NOW", .right), ("STEPS", .right), ("GOVERNOR", .left),
            ("MAY BE SET", .left),
        ])
        for domain in inventory.domains {
            table.add([
                domain.name, "\(megahertz(domain.hardwareMinimumHz))-\(megahertz(domain.hardwareMaximumHz))",
                domain.currentHz.map(megahertz) ?? "?", domain.isGrid ? "any" : "\(domain.frequenciesHz.count)",
                domain.governor ?? "?", domain.isWritable ? "yes" : "no",
            ])
        }
        return table.text
    }

    private var temperatures: String? {
        guard !inventory.zones.isEmpty else { return nil }
        var table = TextTable([("TEMPERATURE", .left), ("C", .right), ("SLOWS AT", .right), ("TYPE", .left)])
        for zone in inventory.zones {
            table.add([
                zone.name, zone.celsius.map { "\(tenths($0))" } ?? "?",
                zone.passiveCelsius.map { "\(tenths($0))" } ?? "-", zone.type ?? "?",
            ])
        }
        return table.text
    }

    private var power: String? {
        guard !inventory.sensors.isEmpty else { return nil }
        var table = TextTable([("POWER SENSOR", .left), ("W", .right), ("COVERS", .left), ("USED", .left)])
        for sensor in inventory.sensors {
            table.add([
                sensor.name, sensor.powerW.map { "\(hundredths($0))" } ?? (sensor.kind == .energyCounter ? "-" : "?"),
                sensor.scope.rawValue, powerFrom.contains(sensor.name) ? "yes" : "no",
            ])
        }
        return table.text
    }

    private var links: String? {
        guard !inventory.interfaces.isEmpty else { return nil }
        var table = TextTable([("LINK", .left), ("STATE", .left), ("Mbit/s", .right), ("KIND", .left)])
        for link in inventory.interfaces {
            table.add([
                link.name, link.operationalState ?? "?", link.speedMbitPerS.map { "\($0)" } ?? "unknown",
                link.isWireless ? "wireless" : "wired",
            ])
        }
        return table.text
    }

    private var faults: String? {
        guard !inventory.faults.isEmpty else { return nil }
        let entries = inventory.faults.map { fault in
            let what = fault.consequence.isEmpty ? fault.problem : "\(fault.problem): \(fault.consequence)"
            return ([fault.path] + Self.wrapped(what, indent: 2) + fault.remedy.map { "    \($0)" })
                .joined(separator: "\n")
        }
        return "WHAT IS MISSING OR WRONG\n" + entries.joined(separator: "\n")
    }

    private var verdict: String {
        if isUsable { return "usable" }
        let why =
            inventory.memoryTotalBytes == nil
            ? "the memory is unknown, so that no plan can be kept within it"
            : "a clock may not be set: the lines above grant it, or tell the agent to keep its hands off clocks"
        return Self.wrapped("not usable: \(why)", indent: 0).joined(separator: "\n")
    }

    // MARK: Text

    /// Lines within the columns; a word that is longer stands alone.
    static func wrapped(_ text: String, indent: Int) -> [String] {
        let margin = String(repeating: " ", count: indent)
        var lines: [String] = []
        var line = margin
        for word in text.split(separator: " ") {
            if line.count + 1 + word.count > columns, line != margin {
                lines.append(line)
                line = margin
            }
            line += (line == margin ? "" : " ") + word
        }
        return lines + [line]
    }

    private func megahertz(_ hz: Double) -> String { "\(Int((hz / 1e6).rounded()))" }
    private func tenths(_ value: Double) -> Double { (value * 10).rounded() / 10 }
    private func hundredths(_ value: Double) -> Double { (value * 100).rounded() / 100 }
}
