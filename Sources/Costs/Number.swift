extension KeyedDecodingContainer {
    /// A number that may be written without a fraction: TOML tells `1e9` from `1000000000`, people do not.
    public func decodeNumber(forKey key: Key) throws -> Double {
        if let whole = try? decode(Int.self, forKey: key) { return Double(whole) }
        return try decode(Double.self, forKey: key)
    }

    /// The same for a key that may be absent.
    public func decodeNumberIfPresent(forKey key: Key) throws -> Double? {
        guard contains(key), try !decodeNil(forKey: key) else { return nil }
        return try decodeNumber(forKey: key)
    }
}
