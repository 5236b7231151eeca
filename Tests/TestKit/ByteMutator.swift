import Costs

/// Damages a valid input the way disks, networks and careless programs do, the same way for the same seed.
///
/// For in-process fuzzing: take a valid sample, mutate it a few thousand times, and require that the parser either
/// accepts the result or refuses it with an error, and never traps.
public struct ByteMutator: Sendable {
    private var generator: SeededGenerator
    /// Bytes that mean something in the format under test; inserted and overwritten more often than others.
    public var interesting: [UInt8]
    /// Longest result, so that repeated insertion stays bounded.
    public var maximumBytes: Int

    public init(seed: UInt64, interesting: [UInt8] = [0x00, 0x01, 0x7F, 0x80, 0xFF], maximumBytes: Int = 1 << 20) {
        self.generator = SeededGenerator(seed: seed)
        self.interesting = interesting
        self.maximumBytes = maximumBytes
    }

    /// The sample with one to eight random changes.
    public mutating func mutate(_ sample: [UInt8]) -> [UInt8] {
        var bytes = sample
        for _ in 0...below(8) { change(&bytes) }
        if bytes.count > maximumBytes { bytes.removeLast(bytes.count - maximumBytes) }
        return bytes
    }

    private mutating func change(_ bytes: inout [UInt8]) {
        let place = below(bytes.count)
        let length = min(1 + below(16), bytes.count - place)
        switch below(9) {
        case 0 where !bytes.isEmpty: bytes[place] ^= UInt8(1 << below(8))
        case 1 where !bytes.isEmpty: bytes[place] = UInt8(below(256))
        case 2 where !bytes.isEmpty: bytes[place] = interestingByte()
        case 3: bytes.insert(interestingByte(), at: place)
        case 4: bytes.removeSubrange(place..<(place + length))
        case 5: bytes.removeLast(bytes.count - place)
        case 6: bytes.insert(contentsOf: bytes[place..<(place + length)], at: below(bytes.count))
        case 7: repeatRun(&bytes, at: place, length: length)
        default: bytes.append(UInt8(below(256)))
        }
    }

    /// A number from 0 up to, not including, `bound`; 0 where the bound is 0.
    private mutating func below(_ bound: Int) -> Int {
        bound <= 0 ? 0 : Int.random(in: 0..<bound, using: &generator)
    }

    private mutating func interestingByte() -> UInt8 {
        interesting.isEmpty ? UInt8(below(256)) : interesting[below(interesting.count)]
    }

    /// A run repeated many times finds limits of depth and length.
    private mutating func repeatRun(_ bytes: inout [UInt8], at place: Int, length: Int) {
        let run = Array(bytes[place..<(place + length)])
        let repeated = (0..<(1 + below(64))).flatMap { _ in run }
        bytes.insert(contentsOf: repeated, at: place)
    }
}
