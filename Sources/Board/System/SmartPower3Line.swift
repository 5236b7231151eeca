import Costs

/// One line that a SmartPower 3 writes to its serial port and by UDP.
///
/// 17 fields, as its firmware prints them: milliseconds since its start; millivolts, milliamperes, milliwatts and a
/// low-voltage flag of the input; millivolts, milliamperes, milliwatts, a switch and interrupts of each of the two
/// outputs; then two checksums in hexadecimal of all that stands before them, the two's complement of the sum of the
/// bytes, and their exclusive or.
public struct SmartPower3Line: Sendable, Equatable {
    /// Which of the meter's figures is the board's.
    public enum Channel: String, Codable, Sendable, CaseIterable {
        /// What the meter itself draws and gives.
        case input
        case output0 = "0"
        case output1 = "1"

        var powerField: Int {
            switch self {
            case .input: 3
            case .output0: 7
            case .output1: 12
            }
        }
    }

    static let fields = 17
    /// Longer lines are not of the meter.
    public static let maximumBytes = 128

    /// Starts again from 0 after 2^32 ms, about 50 days.
    public var clockMs: UInt32
    /// Of the input and the two outputs.
    public var powerMilliwatts: [Channel: Int]

    public func powerW(_ channel: Channel) -> Double? { powerMilliwatts[channel].map { Double($0) / 1000 } }

    /// Reads a line without its end.
    ///
    /// - Throws: ``DataFault`` for a line that is torn or was changed on its way.
    public init(_ line: [UInt8], file: String = "", number: Int? = nil) throws(DataFault) {
        func fault(_ problem: String) -> DataFault {
            DataFault(file: file, line: number, problem, "such a line is left out; check the cable if there are many")
        }
        var bytes = line[...]
        if bytes.last == UInt8(ascii: "\r") { bytes = bytes.dropLast() }
        let fields = bytes.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
        guard bytes.count <= Self.maximumBytes, fields.count == Self.fields else {
            throw fault("it is no whole line of a SmartPower 3")
        }
        var sum: UInt8 = 0
        var exclusive: UInt8 = 0
        for byte in bytes[..<fields[Self.fields - 2].startIndex] {
            sum &+= byte
            exclusive ^= byte
        }
        func hexadecimal(_ index: Int) -> UInt8? { UInt8(String(decoding: fields[index], as: UTF8.self), radix: 16) }
        guard hexadecimal(15) == ~sum &+ 1, hexadecimal(16) == exclusive else {
            throw fault("its checksums do not fit")
        }
        guard let clock = UInt32(String(decoding: fields[0], as: UTF8.self)) else {
            throw fault("it has no time")
        }
        clockMs = clock
        powerMilliwatts = [:]
        for channel in Channel.allCases {
            guard let power = Int(String(decoding: fields[channel.powerField], as: UTF8.self)), power >= 0,
                BoardLimits.powerW.contains(Double(power) / 1000)
            else { throw fault("its powers are no numbers") }
            powerMilliwatts[channel] = power
        }
    }
}
