/// The board's memory, as the kernel tells it.
public struct BoardMemory: Sendable, Equatable {
    public var totalBytes: Int
    public var availableBytes: Int

    public init(totalBytes: Int, availableBytes: Int) {
        self.totalBytes = totalBytes
        self.availableBytes = availableBytes
    }

    /// Reads the text of `/proc/meminfo`; nil where a figure is missing.
    public static func parse(meminfo text: String) -> BoardMemory? {
        func bytes(_ key: String) -> Int? {
            for line in text.split(separator: "\n") where line.hasPrefix(key + ":") {
                let words = line.split(separator: " ")
                guard words.count >= 2, let kibibytes = Int(words[1]) else { return nil }
                let (bytes, overflow) = kibibytes.multipliedReportingOverflow(by: 1024)
                return overflow ? nil : bytes
            }
            return nil
        }
        guard let total = bytes("MemTotal"), let available = bytes("MemAvailable") else { return nil }
        return BoardMemory(totalBytes: total, availableBytes: available)
    }
}
