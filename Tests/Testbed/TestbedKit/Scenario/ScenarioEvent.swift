import Costs

/// Something that happens to a running bed at a time; `[[event]]` in a scenario.
public struct ScenarioEvent: Sendable, Equatable {
    public enum Kind: Sendable, Equatable {
        /// Both directions of a link get a rate, in payload bytes/s.
        case link(NodeID, NodeID, bytesPerS: Double)
        /// A grid zone's intensity, said retained on `zone/<zone>/carbon`.
        case carbon(zone: String, intensityGPerKwh: Double, validS: Double)
        case fault(NodeID, BoardFault)
        case heal(NodeID, BoardFault)
        case ambient(NodeID, ambientC: Double)
        case temperature(NodeID, temperatureC: Double)
        case memory(NodeID, bytes: Int)
        case process(NodeID, ProcessAction)
    }

    /// What is done to a board's processes.
    public enum ProcessAction: String, Sendable, Codable, CaseIterable {
        /// SIGKILL; its runner goes with it.
        case killAgent = "kill_agent"
        /// SIGSTOP.
        case stopAgent = "stop_agent"
        /// SIGCONT.
        case continueAgent = "continue_agent"
        /// After it was killed.
        case startAgent = "start_agent"
        case killRunner = "kill_runner"
        case stopRunner = "stop_runner"
        case continueRunner = "continue_runner"
    }

    public var atS: Double
    public var kind: Kind

    public init(atS: Double, _ kind: Kind) {
        self.atS = atS
        self.kind = kind
    }
}

extension ScenarioEvent: CustomStringConvertible {
    public var description: String {
        switch kind {
        case .link(let first, let second, let rate): "the link \(first)-\(second) gets \(Self.rate(rate))"
        case .carbon(let zone, let intensity, _): "the zone \(zone) emits \(Self.short(intensity)) g/kWh"
        case .fault(let board, let fault): "\(board): \(fault.rawValue)"
        case .heal(let board, let fault): "\(board): \(fault.rawValue) is over"
        case .ambient(let board, let ambientC): "\(board): it is \(Self.short(ambientC)) °C around it"
        case .temperature(let board, let temperatureC): "\(board): heated to \(Self.short(temperatureC)) °C"
        case .memory(let board, let bytes): "\(board): its memory is limited to \(bytes) bytes"
        case .process(let board, let action): "\(board): \(action.rawValue)"
        }
    }

    private static func rate(_ bytesPerS: Double) -> String { "\(short(bytesPerS * 8 / 1e6)) Mbit/s" }

    private static func short(_ value: Double) -> String {
        let rounded = (value * 100).rounded() / 100
        return rounded == rounded.rounded() ? "\(Int(rounded))" : "\(rounded)"
    }
}

extension ScenarioEvent: Decodable {
    private enum CodingKeys: String, CodingKey {
        case link, zone, board, fault, heal, action
        case atS = "at_s"
        case bandwidthBytesPerS = "bandwidth_bytes_per_s"
        case intensityGPerKwh = "intensity_g_per_kwh"
        case validS = "valid_s"
        case ambientC = "ambient_c"
        case temperatureC = "temperature_c"
        case memoryBytes = "memory_bytes"
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let atS = try container.decodeNumber(forKey: .atS)
        func fault(_ sentence: String) -> DecodingError {
            DecodingError.dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: sentence))
        }
        guard atS.isFinite, atS >= 0 else { throw fault("'at_s' is \(atS); give 0 or more") }
        if container.contains(.link) {
            let ends = try container.decode([NodeID].self, forKey: .link)
            guard ends.count == 2 else { throw fault("'link' must name two boards") }
            let bytesPerS = try container.decodeNumber(forKey: .bandwidthBytesPerS)
            self.init(atS: atS, .link(ends[0], ends[1], bytesPerS: bytesPerS))
            return
        }
        if container.contains(.zone) {
            self.init(
                atS: atS,
                .carbon(
                    zone: try container.decode(String.self, forKey: .zone),
                    intensityGPerKwh: try container.decodeNumber(forKey: .intensityGPerKwh),
                    validS: try container.decodeNumberIfPresent(forKey: .validS) ?? 3600))
            return
        }
        guard container.contains(.board) else { throw fault("it names no 'link', 'zone' or 'board'; name one") }
        let board = try container.decode(NodeID.self, forKey: .board)
        var kinds: [Kind] = []
        if let action = try container.decodeIfPresent(ProcessAction.self, forKey: .action) {
            kinds.append(.process(board, action))
        }
        if let fault = try container.decodeIfPresent(BoardFault.self, forKey: .fault) {
            kinds.append(.fault(board, fault))
        }
        if let fault = try container.decodeIfPresent(BoardFault.self, forKey: .heal) {
            kinds.append(.heal(board, fault))
        }
        if let ambientC = try container.decodeNumberIfPresent(forKey: .ambientC) {
            kinds.append(.ambient(board, ambientC: ambientC))
        }
        if let temperatureC = try container.decodeNumberIfPresent(forKey: .temperatureC) {
            kinds.append(.temperature(board, temperatureC: temperatureC))
        }
        if let bytes = try container.decodeIfPresent(Int.self, forKey: .memoryBytes) {
            kinds.append(.memory(board, bytes: bytes))
        }
        guard kinds.count == 1 else {
            throw fault(
                "for a board give exactly one of 'action', 'fault', 'heal', 'ambient_c', 'temperature_c' and "
                    + "'memory_bytes'")
        }
        self.init(atS: atS, kinds[0])
    }
}
