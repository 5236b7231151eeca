import Costs

/// A SmartPower 3 as a board's power sensor: its serial port, or a file that another program writes its log to.
public struct SmartPower3Meter: Sendable {
    /// The meter writes a line each second or more often; one that is silent for longer is off, or set to another
    /// baud rate.
    public static let silenceLimit: Duration = .seconds(5)

    private let file: SmartPower3File
    /// The last sample, or the first look before there was any.
    private var heardAt: Duration?

    public init(path: String, channel: SmartPower3Line.Channel) {
        file = SmartPower3File(path: path, channel: channel)
    }

    /// What the meter wrote since the last look. Blocks for microseconds.
    ///
    /// - Parameter now: on a clock that never steps; the samples carry it.
    /// - Returns: one reading at least, in the order of time.
    public mutating func read(now: Duration) -> [PowerReading] {
        let samples: [PowerSample]
        do throws(BoardFault) {
            samples = try file.read(now: now)
        } catch {
            heardAt = nil
            return [.fault(error)]
        }
        let since = heardAt ?? now
        heardAt = samples.isEmpty ? since : now
        if samples.isEmpty, now - since > Self.silenceLimit {
            return [
                .fault(
                    BoardFault(
                        file.path, .empty, "no whole line of a SmartPower 3 for \(Self.silenceLimit)",
                        consequence: "the board's power is not measured",
                        remedy: ["see that it writes its log, at the port's baud rate (stty -F PORT raw 115200)"]))
            ]
        }
        return samples.isEmpty ? [.pending] : samples.map { .sample($0) }
    }
}
