/// What a SmartPower 3 prints.
package enum SmartPower3Text {
    /// A line as the meter's firmware prints it, with both checksums.
    package static func line(
        _ clockMs: Int, inputMilliwatts: Int, output0Milliwatts: Int, output1Milliwatts: Int
    ) -> String {
        func padded(_ value: Int, _ width: Int) -> String {
            String(repeating: "0", count: max(0, width - "\(value)".count)) + "\(value)"
        }
        func hexadecimal(_ value: UInt8) -> String { (value < 16 ? "0" : "") + String(value, radix: 16) }
        let text =
            "\(padded(clockMs, 10)),15296,0349,\(padded(inputMilliwatts, 5)),0,05253,0456,"
            + "\(padded(output0Milliwatts, 5)),1,00,00000,0000,\(padded(output1Milliwatts, 5)),0,00,"
        let sum = text.utf8.reduce(UInt8(0)) { $0 &+ $1 }
        let exclusive = text.utf8.reduce(UInt8(0)) { $0 ^ $1 }
        return text + "\(hexadecimal(~sum &+ 1)),\(hexadecimal(exclusive))\r\n"
    }
}
