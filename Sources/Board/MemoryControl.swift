/// What the kernel lets this process and its children have of memory, and whom it killed for it.
///
/// From the control group that the process is in, of version 1 or 2: `memory.max` and `memory.events`, or
/// `memory.limit_in_bytes` and `memory.oom_control` (Linux, `admin-guide/cgroup-v2.rst`, `cgroup-v1/memory.rst`).
public struct MemoryControl: Sendable, Equatable {
    /// The least limit of the group and those above it, in bytes; nil: none is known.
    public var limitBytes: Int?
    /// Processes of the group that were ever killed for want of memory; nil: nobody counts them.
    public var kills: Int?

    public init(limitBytes: Int? = nil, kills: Int? = nil) {
        self.limitBytes = limitBytes
        self.kills = kills
    }

    /// Blocks for microseconds.
    public static func ofThisProcess() -> MemoryControl {
        read { path in
            (try? FileBytes.read(path, maximumBytes: 1 << 20)).map { String(decoding: $0, as: UTF8.self) }
        }
    }

    /// - Parameter text: what is in a file; nil where it cannot be read.
    package static func read(text: (String) -> String?) -> MemoryControl {
        guard let mounts = text("/proc/self/mounts"), let groups = text("/proc/self/cgroup"),
            let place = place(mounts: mounts, groups: groups)
        else { return MemoryControl(kills: text("/proc/vmstat").flatMap { row("oom_kill", of: $0) }) }
        let (limitName, killsName) =
            place.version == 1 ? ("memory.limit_in_bytes", "memory.oom_control") : ("memory.max", "memory.events")
        var result = MemoryControl()
        result.kills = text("\(place.root)\(place.group)/\(killsName)").flatMap { row("oom_kill", of: $0) }
        result.kills = result.kills ?? text("/proc/vmstat").flatMap { row("oom_kill", of: $0) }
        var group = place.group
        while true {
            if let limit = text("\(place.root)\(group)/\(limitName)").flatMap(number), limit < unlimitedBytes {
                result.limitBytes = min(limit, result.limitBytes ?? limit)
            }
            guard let slash = group.lastIndex(of: "/") else { return result }
            group = String(group[..<slash])
        }
    }

    /// Version 1 writes the largest multiple of a page for no limit.
    private static let unlimitedBytes = 1 << 60

    private static func place(mounts: String, groups: String) -> (root: String, group: String, version: Int)? {
        var separate: String?
        var unified: String?
        for line in mounts.split(separator: "\n") {
            let fields = line.split(separator: " ")
            guard fields.count >= 4 else { continue }
            if fields[2] == "cgroup", fields[3].split(separator: ",").contains("memory") {
                separate = String(fields[1])
            }
            if fields[2] == "cgroup2" { unified = unified ?? String(fields[1]) }
        }
        // `4:memory:/path`, of version 2 `0::/path`.
        for line in groups.split(separator: "\n") {
            let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard fields.count == 3 else { continue }
            let group = fields[2] == "/" ? "" : String(fields[2])
            if let separate, fields[1].split(separator: ",").contains("memory") { return (separate, group, 1) }
            if separate == nil, let unified, fields[0] == "0", fields[1].isEmpty { return (unified, group, 2) }
        }
        return nil
    }

    private static func number(_ text: String) -> Int? { Int(text.prefix { $0 != "\n" }) }

    private static func row(_ key: String, of text: String) -> Int? {
        for line in text.split(separator: "\n") {
            let fields = line.split(separator: " ")
            if fields.count == 2, fields[0] == key { return Int(fields[1]) }
        }
        return nil
    }
}
