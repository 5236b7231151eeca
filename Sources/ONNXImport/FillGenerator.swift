import ModelGraph

/// Pseudo-random elements of one tensor: element `i` depends on seed, name and `i` alone, so that any part can be drawn
/// without the parts before it, on any machine the same bytes.
///
/// The bits are those of SplitMix64 (Steele, Lea, Flood: OOPSLA 2014) at step `i`. Only integer arithmetic and single
/// IEEE operations are used; a mathematics library may differ in the last bit from one machine to the next.
struct FillGenerator {
    private let key: UInt64
    private let scheme: FillScheme
    private let elementType: ElementType

    init(seed: UInt64, name: String, scheme: FillScheme, elementType: ElementType) {
        // FNV-1a over the name.
        let hash = name.utf8.reduce(UInt64(0xCBF2_9CE4_8422_2325)) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
        key = Self.mixed(seed) ^ Self.mixed(hash)
        self.scheme = scheme
        self.elementType = elementType
    }

    /// Fills a buffer with the little-endian elements from `first` on. The buffer holds whole elements.
    func fill(_ buffer: UnsafeMutableRawBufferPointer, from first: Int) {
        let width = elementType.byteCount
        for index in 0..<(buffer.count / width) {
            let offset = index * width
            let element = UInt64(truncatingIfNeeded: first + index)
            switch (scheme, elementType) {
            case (.constant(let value), _):
                for byte in 0..<width { buffer[offset + byte] = UInt8(truncatingIfNeeded: value >> (8 * byte)) }
            case (_, .float64):
                buffer.storeBytes(
                    of: Double(number(element)).bitPattern.littleEndian, toByteOffset: offset, as: UInt64.self)
            case (_, .float16):
                buffer.storeBytes(
                    of: Float16(number(element)).bitPattern.littleEndian, toByteOffset: offset, as: UInt16.self)
            case (_, .bfloat16):
                let high = UInt16(truncatingIfNeeded: number(element).bitPattern >> 16)
                buffer.storeBytes(of: high.littleEndian, toByteOffset: offset, as: UInt16.self)
            default:
                buffer.storeBytes(of: number(element).bitPattern.littleEndian, toByteOffset: offset, as: UInt32.self)
            }
        }
    }

    private func number(_ element: UInt64) -> Float {
        let bits = Self.mixed(key &+ (element &+ 1) &* 0x9E37_79B9_7F4A_7C15)
        switch scheme {
        case .normal(let mean, let deviation):
            // The sum of four uniform numbers of 16 bits is near enough to normal; its deviation is 65536 / sqrt(3).
            let sum = (bits & 0xFFFF) + (bits >> 16 & 0xFFFF) + (bits >> 32 & 0xFFFF) + (bits >> 48)
            return mean + (Float(sum) - 131_070) * (deviation / 37_837.227)
        case .uniform(let low, let high):
            return low + Float(bits >> 40) * ((high - low) / 16_777_216)
        case .constant(let value):
            return Float(value)
        }
    }

    private static func mixed(_ state: UInt64) -> UInt64 {
        var bits = state
        bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
        return bits ^ (bits >> 31)
    }
}
