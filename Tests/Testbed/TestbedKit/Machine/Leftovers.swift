import Glibc

/// What a bed leaves on the machine when its process is killed, and how it is removed.
enum Leftovers {
    /// Removes everything of beds that are not alive. Blocks.
    ///
    /// - Returns: what was found, as words for people.
    static func remove(places: ControlGroupPlaces, isAlive: (BedName) -> Bool) -> [String] {
        var found: [String] = []
        var known: [BedName: Bool] = [:]
        func isDead(_ name: BedName?) -> Bool {
            guard let name else { return false }
            if let alive = known[name] { return !alive }
            let alive = isAlive(name)
            known[name] = alive
            return !alive
        }
        // Processes first: they hold the rest.
        for place in places.all {
            for group in KernelFile.names(in: place) where isDead(BedName(groupOrNamespace: group)) {
                if ControlGroup.remove(group, places: places) { found.append("control group \(group)") }
            }
        }
        for mount in mountPoints() {
            let parts = mount.split(separator: "/")
            guard parts.count > 2, mount.hasPrefix(BedName.folders + "/"), isDead(BedName(folder: String(parts[1])))
            else { continue }
            if umount2(mount, Int32(MNT_DETACH)) == 0 { found.append("mount \(mount)") }
        }
        for interface in KernelFile.names(in: "/sys/class/net") where isDead(BedName(interface: interface)) {
            if run(["ip", "link", "del", interface]) { found.append("interface \(interface)") }
        }
        for namespace in KernelFile.names(in: "/run/netns") where isDead(BedName(groupOrNamespace: namespace)) {
            if run(["ip", "netns", "del", namespace]) { found.append("network namespace \(namespace)") }
        }
        for folder in KernelFile.names(in: BedName.folders) where isDead(BedName(folder: folder)) {
            KernelFile.removeFolder("\(BedName.folders)/\(folder)")
            found.append("folder \(BedName.folders)/\(folder)")
        }
        return found
    }

    private static func mountPoints() -> [String] {
        let text = (try? KernelFile.read("/proc/self/mounts")) ?? ""
        return text.split(separator: "\n").compactMap { line in
            let fields = line.split(separator: " ")
            return fields.count > 2 && (fields[2].hasPrefix("fuse") || fields[2] == "tmpfs") ? String(fields[1]) : nil
        }
    }

    /// Runs a program and waits; this happens under a lock, away from everything asynchronous.
    private static func run(_ command: [String]) -> Bool {
        guard let name = command.first, let program = SystemCommand.find(name) else { return false }
        var arguments: [UnsafeMutablePointer<CChar>?] = command.map { strdup($0) } + [nil]
        defer { arguments.forEach { free($0) } }
        var process = pid_t()
        guard posix_spawn(&process, program, nil, nil, &arguments, environ) == 0 else { return false }
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
        return status == 0
    }
}
