import Glibc

/// The limits that the kernel holds a virtual board to, and what it counts of it. All calls block for microseconds.
package final class ControlGroup: Sendable {
    /// The kernel takes no quota below.
    static let leastQuotaS = 0.001
    /// The kernel takes no period beyond these.
    package static let periodsS = 0.001...1.0

    /// `lamella-<pid>-<number>/<board>`.
    let name: String
    private let places: ControlGroupPlaces

    private var cpu: String { "\(places.cpu.path)/\(name)" }
    private var accounting: String { "\(places.accounting.path)/\(name)" }
    private var memory: String { "\(places.memory.path)/\(name)" }

    /// Makes the group of a whole bed. It comes before everything else on the machine, so that what others compute does
    /// not slow the boards beyond their quotas.
    static func makeParent(_ name: String, places: ControlGroupPlaces) throws(TestbedError) {
        for (path, place) in [(places.cpu.path, places.cpu), (places.memory.path, places.memory)]
        where place.version == 2 {
            try KernelFile.write("+cpu +memory", to: "\(path)/cgroup.subtree_control")
        }
        for path in places.all { try make("\(path)/\(name)") }
        if places.cpu.version == 1 {
            try KernelFile.write("262144", to: "\(places.cpu.path)/\(name)/cpu.shares")
        } else {
            try KernelFile.write("10000", to: "\(places.cpu.path)/\(name)/cpu.weight")
        }
        for path in Set([places.cpu, places.memory].filter { $0.version == 2 }.map(\.path)) {
            try KernelFile.write("+cpu +memory", to: "\(path)/\(name)/cgroup.subtree_control")
        }
    }

    /// - Parameter name: below a group of `makeParent`.
    init(_ name: String, places: ControlGroupPlaces) throws(TestbedError) {
        self.name = name
        self.places = places
        for path in places.all { try Self.make("\(path)/\(name)") }
    }

    private static func make(_ path: String) throws(TestbedError) {
        guard mkdir(path, 0o755) == 0 || errno == EEXIST else {
            throw TestbedError("cannot make the control group \(path)", code: errno)
        }
    }

    /// The shortest period of which so many cores are a quota that the kernel takes, in s, with a fifth to spare.
    ///
    /// The shorter, the smaller the work that takes as long as on a board of that speed: what needs less than a quota
    /// passes at the speed of this machine. A kernel that notices a used-up quota only at its tick, often every 4 ms,
    /// takes the surplus off later periods, and gains nothing by a short one.
    package static func period(cores: Double) -> Double {
        let needed = 1.2 * leastQuotaS / max(cores, 1e-6)
        return min(max((needed * 1e4).rounded(.up) / 1e4, periodsS.lowerBound), periodsS.upperBound)
    }

    func setQuota(cores: Double) throws(TestbedError) {
        let periodS = Self.period(cores: cores)
        let period = Int((periodS * 1e6).rounded())
        let quota = Int((max(cores * periodS, Self.leastQuotaS) * 1e6).rounded())
        if places.cpu.version == 1 {
            try KernelFile.write("\(period)", to: "\(cpu)/cpu.cfs_period_us")
            try KernelFile.write("\(quota)", to: "\(cpu)/cpu.cfs_quota_us")
        } else {
            try KernelFile.write("\(quota) \(period)", to: "\(cpu)/cpu.max")
        }
    }

    /// Limits memory and swap together. A limit below what is used makes the kernel reclaim, then kill.
    func setMemory(bytes: Int) throws(TestbedError) {
        if places.memory.version == 2 {
            try KernelFile.write("\(bytes)", to: "\(memory)/memory.max")
            if KernelFile.exists("\(memory)/memory.swap.max") {
                try KernelFile.write("0", to: "\(memory)/memory.swap.max")
            }
            return
        }
        let plain = "\(memory)/memory.limit_in_bytes"
        let withSwap = "\(memory)/memory.memsw.limit_in_bytes"
        // The second may never be below the first, so that the order depends on the direction.
        let isCounted = KernelFile.exists(withSwap)
        if isCounted, let now = Self.number(try KernelFile.read(withSwap)), now < bytes {
            try KernelFile.write("\(bytes)", to: withSwap)
        }
        try KernelFile.write("\(bytes)", to: plain)
        if isCounted { try KernelFile.write("\(bytes)", to: withSwap) }
    }

    /// CPU time used by all processes that were ever in the group, in s.
    func cpuSeconds() throws(TestbedError) -> Double {
        if places.accounting.version == 1 {
            let text = try KernelFile.read("\(accounting)/cpuacct.usage")
            return Double(try figure(text, "cpuacct.usage")) / 1e9
        }
        let text = try KernelFile.read("\(accounting)/cpu.stat")
        return Double(try figure(Self.row("usage_usec", of: text), "cpu.stat")) / 1e6
    }

    /// Periods in which the group wanted more than its quota, and all periods in which it ran.
    func throttledPeriods() throws(TestbedError) -> (throttled: Int, all: Int) {
        let text = try KernelFile.read("\(cpu)/cpu.stat")
        return (
            try figure(Self.row("nr_throttled", of: text), "cpu.stat"),
            try figure(Self.row("nr_periods", of: text), "cpu.stat")
        )
    }

    /// What the processes hold, without what the page cache holds on their behalf.
    func memoryUsedBytes() throws(TestbedError) -> Int {
        let text = try KernelFile.read("\(memory)/memory.stat")
        let key = places.memory.version == 1 ? "total_rss" : "anon"
        return try figure(Self.row(key, of: text), "memory.stat")
    }

    /// The most that the group was ever charged with, the page cache included.
    func peakMemoryBytes() throws(TestbedError) -> Int {
        let name = places.memory.version == 1 ? "memory.max_usage_in_bytes" : "memory.peak"
        return try figure(try KernelFile.read("\(memory)/\(name)"), name)
    }

    /// Processes that the kernel killed because the group had no memory left.
    func outOfMemoryKills() throws(TestbedError) -> Int {
        let path = outOfMemoryFile
        return try figure(Self.row("oom_kill", of: try KernelFile.read(path)), path)
    }

    /// Where they are counted.
    var outOfMemoryFile: String {
        "\(memory)/\(places.memory.version == 1 ? "memory.oom_control" : "memory.events")"
    }

    func processes() -> [Int] {
        let text = (try? KernelFile.read("\(cpu)/cgroup.procs")) ?? ""
        return text.split(separator: "\n").compactMap { Int($0) }
    }

    /// Shell words that put the shell itself into the group; what it starts is then in it too.
    var joining: String {
        places.all.map { "echo $$ >'\($0)/\(name)/cgroup.procs'" }.joined(separator: " && ")
    }

    /// Kills what is in the group and removes it. Returns false where something of it stays.
    @discardableResult
    static func remove(_ name: String, places: ControlGroupPlaces) -> Bool {
        for path in places.all {
            let folder = "\(path)/\(name)"
            guard KernelFile.exists(folder) else { continue }
            var children: [String] = []
            for child in KernelFile.names(in: folder) {
                var found = stat()
                if lstat("\(folder)/\(child)", &found) == 0, found.st_mode & S_IFMT == S_IFDIR {
                    children.append("\(folder)/\(child)")
                }
            }
            for group in children + [folder] { empty(group) }
        }
        return !places.all.contains { KernelFile.exists("\($0)/\(name)") }
    }

    /// Rounds of killing what is in a group; processes may start others meanwhile.
    private static let maximumRounds = 500

    private static func empty(_ group: String) {
        for _ in 0..<maximumRounds {
            let text = (try? KernelFile.read("\(group)/cgroup.procs")) ?? ""
            for process in text.split(separator: "\n").compactMap({ pid_t($0) }) where process > 1 {
                kill(process, SIGKILL)
            }
            // Fails with EBUSY until the last process is gone.
            if rmdir(group) == 0 || errno == ENOENT { return }
            _ = poll(nil, 0, 10)
        }
    }

    private func figure(_ text: String?, _ file: String) throws(TestbedError) -> Int {
        guard let text, let value = Self.number(text) else {
            throw TestbedError("\(file) of the control group \(name) does not say what it should")
        }
        return value
    }

    private static func number(_ text: String) -> Int? {
        Int(text.prefix { $0 != "\n" })
    }

    private static func row(_ key: String, of text: String) -> String? {
        for line in text.split(separator: "\n") {
            let fields = line.split(separator: " ")
            if fields.count == 2, fields[0] == key { return String(fields[1]) }
        }
        return nil
    }
}
