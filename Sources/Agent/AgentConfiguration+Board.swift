import Board
import Costs

extension AgentConfiguration {
    /// What the agent may do to the board, and where it finds it.
    public struct Board: Codable, Sendable, Equatable {
        /// Below it are `/sys` and `/proc`; another than `/` stands in for a board that is not there.
        public var systemRoot: String
        public var frequency: FrequencyControl.Mode
        /// Names of the kernel's clocks (`policy0`, `57000000.gpu`) that drive a device, by its id. A board with one
        /// device needs no word: all cores are its.
        public var clock: [String: [String]]
        /// Names of sensors whose powers add up to the board's (nil: the first that tells the whole board's).
        public var powerSensors: [String]?
        /// Serial port or log file of a SmartPower 3, which then measures the board instead of its own sensors.
        public var smartPower3: String?
        /// What of the meter the board hangs on.
        public var smartPower3Channel: SmartPower3Line.Channel
        /// Between two looks at the sensors.
        public var pollS: Double

        /// Where power is to be known over a request, there must be several looks at it.
        static let periodsS = 0.02...60.0

        public init(
            systemRoot: String = "/", frequency: FrequencyControl.Mode = .control, clock: [String: [String]] = [:],
            powerSensors: [String]? = nil, smartPower3: String? = nil,
            smartPower3Channel: SmartPower3Line.Channel = .input, pollS: Double = 0.5
        ) {
            self.systemRoot = systemRoot
            self.frequency = frequency
            self.clock = clock
            self.powerSensors = powerSensors
            self.smartPower3 = smartPower3
            self.smartPower3Channel = smartPower3Channel
            self.pollS = pollS
        }

        public init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            self.init()
            systemRoot = try container.decodeIfPresent(String.self, forKey: .systemRoot) ?? systemRoot
            frequency = try container.decodeIfPresent(FrequencyControl.Mode.self, forKey: .frequency) ?? frequency
            clock = try container.decodeIfPresent([String: [String]].self, forKey: .clock) ?? clock
            powerSensors = try container.decodeIfPresent([String].self, forKey: .powerSensors)
            smartPower3 = try container.decodeIfPresent(String.self, forKey: .smartPower3)
            smartPower3Channel =
                try container.decodeIfPresent(SmartPower3Line.Channel.self, forKey: .smartPower3Channel)
                ?? smartPower3Channel
            pollS = try container.decodeNumberIfPresent(forKey: .pollS) ?? pollS
        }

        enum CodingKeys: String, CodingKey {
            case frequency
            case systemRoot = "system_root"
            case powerSensors = "power_sensors"
            case smartPower3 = "smart_power_3"
            case smartPower3Channel = "smart_power_3_channel"
            case pollS = "poll_s"
            // A table: in the file it stands after the keys.
            case clock
        }
    }

    /// What is wrong with what the configuration says of the board; nil where nothing is.
    var boardFaults: [String?] {
        let ids = Set(device.map(\.id.name))
        let strangers = board.clock.keys.filter { !ids.contains($0) }.sorted()
        return [
            board.systemRoot.hasPrefix("/")
                ? nil : "'board.system_root' is \"\(board.systemRoot)\"; give a folder that begins with /",
            board.smartPower3 == nil || board.powerSensors == nil
                ? nil : "'board.smart_power_3' and 'board.power_sensors' both measure the board; give one of them",
            Board.periodsS.contains(board.pollS)
                ? nil
                : "'board.poll_s' is \(board.pollS); use \(Board.periodsS.lowerBound) to \(Board.periodsS.upperBound)",
            strangers.isEmpty
                ? nil : "'board.clock' names \(strangers.joined(separator: ", ")), which is the id of no [[device]]",
        ]
    }
}
