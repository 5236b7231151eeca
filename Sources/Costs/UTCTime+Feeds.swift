/// The other ways in which data files and feeds write a time in UTC.
extension UTCTime {
    /// Seconds since 1970 of `2023-01-01 00:00:00`, `2023-01-01T00:00:00Z`, `2023-01-01T00:00Z` (Great Britain's feed)
    /// or `2023-01-01T00:00:00+00:00` (WattTime); nil for anything else.
    ///
    /// An offset other than zero is refused: a column or a feed that says UTC and then has one contradicts itself.
    /// A text without any offset is taken for UTC, so ask only where the column or the feed says that it is.
    public static func secondsSince1970(feed text: String) -> Double? {
        var bytes = Array(text.utf8)
        if bytes.last == UInt8(ascii: "Z") {
            bytes.removeLast()
        } else if bytes.count > 6, [Array("+00:00".utf8), Array("-00:00".utf8)].contains(Array(bytes.suffix(6))) {
            bytes.removeLast(6)
        }
        guard bytes.count >= 16 else { return nil }
        if bytes[10] == UInt8(ascii: " ") { bytes[10] = UInt8(ascii: "T") }
        if bytes.count == 16 { bytes += Array(":00".utf8) }
        return secondsSince1970(String(decoding: bytes, as: UTF8.self) + "Z")
    }
}
