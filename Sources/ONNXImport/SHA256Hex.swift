import Crypto

/// SHA-256 in hexadecimal, the name by which weights are known everywhere.
enum SHA256Hex {
    /// Bytes hashed in one go; mapped memory is given back after each.
    static let chunkBytes = 8 << 20

    static func isHash(_ text: String) -> Bool {
        text.utf8.count == 64
            && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    }

    /// Hashes a region without holding more than a chunk of a mapped file in memory.
    static func hash(_ region: ByteRegion) -> String {
        var hasher = SHA256()
        var start = region.range.lowerBound
        while start < region.range.upperBound {
            let end = min(start + chunkBytes, region.range.upperBound)
            ByteRegion(owner: region.owner, range: start..<end).withBytes { hasher.update(bufferPointer: $0) }
            region.owner.release(start..<end)
            start = end
        }
        return hexadecimal(hasher.finalize())
    }

    static func hash(_ bytes: [UInt8]) -> String { hexadecimal(SHA256.hash(data: bytes)) }

    private static func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        for byte in bytes {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }
}
