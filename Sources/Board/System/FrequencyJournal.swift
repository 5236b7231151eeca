/// What the files of frequency control said before they were first written; on disk, so that it survives `kill -9`.
///
/// It holds for one start of the kernel, which resets all of these files itself: each journal carries the boot's id,
/// and one of another boot counts as none. Lines of text:
///
///     lamella frequency journal 1
///     boot 6f3c3f0e-8c1c-4d0e-9a53-0d6c2f3b7a11
///     /sys/devices/system/cpu/cpufreq/policy0/scaling_max_freq 1500000
///     end 1
public struct FrequencyJournal: Sendable, Equatable {
    public static let fileName = "frequency-journal"
    public static let maximumBytes = 1 << 16
    public static let bootIDPath = "/proc/sys/kernel/random/boot_id"
    static let heading = "lamella frequency journal 1"

    /// Of the kernel's start; `unknown` where the kernel does not tell.
    public var boot: String
    /// The first content of each file, in the order in which they were first written; each path once.
    public private(set) var originals: [FrequencyWrite]

    public init(boot: String, originals: [FrequencyWrite] = []) {
        self.boot = boot
        self.originals = []
        add(originals)
    }

    /// Keeps what is not there yet. Returns whether anything was added.
    @discardableResult
    public mutating func add(_ more: [FrequencyWrite]) -> Bool {
        let count = originals.count
        for write in more where !originals.contains(where: { $0.path == write.path }) { originals.append(write) }
        return originals.count > count
    }

    public var text: String {
        ([Self.heading, "boot \(boot)"] + originals.map { "\($0.path) \($0.value)" } + ["end \(originals.count)"])
            .map { $0 + "\n" }.joined()
    }

    /// - Parameter path: what faults call the text.
    /// - Throws: ``BoardFault`` for anything that no journal holds: nothing else is ever written to the kernel's files.
    public static func parse(_ text: String, path: String) throws(BoardFault) -> FrequencyJournal {
        func broken(_ problem: String) -> BoardFault {
            BoardFault(
                path, .malformed, problem,
                consequence: "what the frequencies were before is not known, so they are left alone",
                remedy: ["restart the board, or set them yourself, and then: rm \(path)"])
        }
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.popLast()?.isEmpty == true, lines.count >= 3, lines[0] == heading, lines[1].hasPrefix("boot ")
        else { throw broken("it is no frequency journal, or only a part of one") }
        let writes = lines[2..<(lines.count - 1)]
        guard lines.last == "end \(writes.count)" else { throw broken("its end is missing") }
        var journal = FrequencyJournal(boot: String(lines[1].dropFirst(5)))
        for (index, line) in writes.enumerated() {
            let parts = line.split(separator: " ", omittingEmptySubsequences: false)
            guard parts.count == 2, isOriginal(String(parts[0]), String(parts[1])),
                journal.add([FrequencyWrite(String(parts[0]), String(parts[1]))])
            else { throw broken("line \(index + 3) names no file of a frequency with its value") }
        }
        return journal
    }

    private static func isOriginal(_ path: String, _ value: String) -> Bool {
        guard let (folder, _) = FrequencyFolder.of(path) else { return false }
        if path == folder.governorPath { return FrequencyFolder.isGovernor(value) }
        return Int(value).map { $0 >= 0 && "\($0)" == value } ?? false
    }
}
