import Costs

/// The serial log of a SmartPower 3, as it comes in or as a whole file.
public struct SmartPower3Log: Sendable {
    /// Bytes of a line that has not ended yet.
    static let maximumPendingBytes = SmartPower3Line.maximumBytes

    public let channel: SmartPower3Line.Channel
    /// Lines that were torn or changed on their way, since the start.
    public private(set) var badLines = 0
    private var pending: [UInt8] = []
    /// The rest of a line that is too long is dropped too.
    private var isSkipping = false
    private var lastAt: Duration?

    public init(channel: SmartPower3Line.Channel) { self.channel = channel }

    /// Takes what has arrived and gives the samples that are whole.
    ///
    /// - Parameter now: the time of the last of them; the meter's own clock says how long before it the others were.
    public mutating func take(_ bytes: [UInt8], now: Duration) -> [PowerSample] {
        var lines: [SmartPower3Line] = []
        for byte in bytes {
            guard byte == UInt8(ascii: "\n") else {
                if pending.count < Self.maximumPendingBytes { pending.append(byte) } else { isSkipping = true }
                continue
            }
            if !isSkipping, let line = try? SmartPower3Line(pending) {
                lines.append(line)
            } else {
                badLines += 1
            }
            pending = []
            isSkipping = false
        }
        guard let last = lines.last else { return [] }
        var samples: [PowerSample] = []
        for line in lines {
            // Subtraction that wraps, as the meter's clock does.
            let at = now - .milliseconds(Int(last.clockMs &- line.clockMs))
            guard let powerW = line.powerW(channel), lastAt.map({ at > $0 }) ?? true else { continue }
            lastAt = at
            samples.append(PowerSample(powerW: powerW, at: at, raw: [line.powerMilliwatts[channel] ?? 0]))
        }
        return samples
    }

    /// A whole file, on the meter's own clock. The first and the last line may be torn.
    ///
    /// - Throws: ``DataFault`` with the line, also where the meter was started again in between.
    public static func log(
        _ bytes: [UInt8], file: String, channel: SmartPower3Line.Channel, maximumStepS: Double? = 5
    ) throws(DataFault) -> EnergyLog {
        let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        var samples: [EnergyLog.Sample] = []
        var startMs: UInt32?
        var lastS = 0.0
        for (index, bytes) in lines.enumerated() where !bytes.isEmpty {
            let line: SmartPower3Line
            do throws(DataFault) {
                line = try SmartPower3Line(Array(bytes), file: file, number: index + 1)
            } catch {
                if index == 0 || index == lines.count - 1 { continue }
                throw error
            }
            let start = startMs ?? line.clockMs
            startMs = start
            let timeS = Double(line.clockMs &- start) / 1000
            guard samples.isEmpty || timeS > lastS else {
                throw DataFault(
                    file: file, line: index + 1, "the meter's clock did not go on",
                    "split the file where it began again")
            }
            lastS = timeS
            samples.append(EnergyLog.Sample(timeS: timeS, powerW: line.powerW(channel) ?? 0))
        }
        guard !samples.isEmpty else {
            throw DataFault(
                file: file, "there is no line of a SmartPower 3 in it", "log its serial port at its baud rate")
        }
        return try EnergyLog(samples, maximumStepS: maximumStepS)
    }
}
