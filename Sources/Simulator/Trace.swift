/// The lines of a run, and their hash. A reference, so that a line can be made of the very state that it describes.
final class Trace {
    private let keeps: Bool
    private(set) var lines: [String] = []
    /// FNV-1a over the lines, 64 bits.
    private(set) var hash: UInt64 = 0xCBF2_9CE4_8422_2325

    init(keeps: Bool) { self.keeps = keeps }

    func add(_ time: Duration, _ line: @autoclosure () -> String) {
        guard keeps else { return }
        let (seconds, attoseconds) = time.components
        let fraction = String(attoseconds / 1_000_000_000_000)
        let text = "\(seconds).\(String(repeating: "0", count: 6 - fraction.count))\(fraction) \(line())"
        for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        lines.append(text)
    }
}
