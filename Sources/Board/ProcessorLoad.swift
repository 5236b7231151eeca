/// How busy the processors of a board were between two looks at `/proc/stat`.
public struct ProcessorLoad: Sendable {
    public static let path = "/proc/stat"

    /// Ticks since the kernel started.
    struct Ticks: Equatable, Sendable {
        var busy: Int
        var total: Int
    }

    private var last: Ticks?

    public init() {}

    /// Takes the file's text.
    ///
    /// - Returns: from 0 to 1; nil at the first look, where no time has passed and for what is no such file.
    public mutating func handle(_ text: String) -> Double? {
        guard let ticks = Self.parse(text) else { return nil }
        defer { last = ticks }
        guard let last, ticks.total > last.total, ticks.busy >= last.busy else { return nil }
        return min(1, Double(ticks.busy - last.busy) / Double(ticks.total - last.total))
    }

    /// The first line: user, nice, system, idle, waiting for disks, interrupts (hard, soft), stolen; guests are in the
    /// first two already (proc(5)).
    static func parse(_ text: String) -> Ticks? {
        guard let line = text.split(separator: "\n", maxSplits: 1).first else { return nil }
        let words = line.split(separator: " ")
        guard words.first == "cpu", words.count >= 5 else { return nil }
        var total = 0
        var idle = 0
        for (index, word) in words.dropFirst().prefix(8).enumerated() {
            guard let ticks = Int(word), ticks >= 0 else { return nil }
            let (sum, overflows) = total.addingReportingOverflow(ticks)
            guard !overflows else { return nil }
            total = sum
            if index == 3 || index == 4 { idle += ticks }
        }
        return Ticks(busy: total - idle, total: total)
    }
}
