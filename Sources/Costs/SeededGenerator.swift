// For the square root, which an optimized build takes from the mathematics library.
import Glibc

/// A small random number generator whose whole state is its seed: the same seed gives the same numbers everywhere.
///
/// SplitMix64 (Steele, Lea, Flood: "Fast Splittable Pseudorandom Number Generators", OOPSLA 2014, figure 15).
/// Not for secrets. Use it with the standard library: `Int.random(in: 0..<6, using: &generator)`.
public struct SeededGenerator: RandomNumberGenerator, Sendable, Hashable {
    /// The state; a generator made from it goes on where this one stands.
    public private(set) var state: UInt64

    public init(seed: UInt64) { state = seed }

    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// A generator of its own for a part of the work, so that one part's use does not shift another's numbers.
    public mutating func split() -> SeededGenerator { SeededGenerator(seed: next()) }

    /// True with the given probability (0 never, 1 always).
    public mutating func chance(_ probability: Double) -> Bool { Double.random(in: 0..<1, using: &self) < probability }

    /// Uniform in the logarithm: for quantities that span orders of magnitude. Both bounds positive.
    public mutating func logarithmic(in range: ClosedRange<Double>) -> Double {
        var value = range.lowerBound
        let ratio = range.upperBound / range.lowerBound
        // Repeated square roots of the ratio, one for each bit: ratio ^ u without a mathematics library.
        var root = ratio
        var bits = next() >> 32
        for _ in 0..<32 {
            root = root.squareRoot()
            if bits & 0x8000_0000 != 0 { value *= root }
            bits <<= 1
        }
        return min(max(value, range.lowerBound), range.upperBound)
    }
}
