/// Numbers as people and spreadsheets write them.
public enum PlainNumber {
    /// A finite decimal number such as `193.0`, `-4` or `5.4e8`; nil for all else.
    ///
    /// The standard library also reads `nan`, `inf` and hexadecimal numbers; in a data file those are faults.
    public static func parse(_ text: String) -> Double? {
        let isPlain = text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "+"),
                UInt8(ascii: "e"), UInt8(ascii: "E"):
                true
            default: false
            }
        }
        guard isPlain, let value = Double(text), value.isFinite else { return nil }
        return value
    }
}
