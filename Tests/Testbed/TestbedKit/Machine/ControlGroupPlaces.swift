/// Where this machine keeps the control groups for CPU time, its accounting and memory; each may be of version 1 or 2.
package struct ControlGroupPlaces: Sendable, Equatable {
    package struct Place: Sendable, Equatable {
        /// Where the hierarchy is mounted.
        package var path: String
        package var version: Int

        package init(path: String, version: Int) {
            self.path = path
            self.version = version
        }
    }

    package var cpu: Place
    package var accounting: Place
    package var memory: Place

    /// The places that are different folders.
    package var all: [String] {
        var paths: [String] = []
        for place in [cpu, accounting, memory] where !paths.contains(place.path) { paths.append(place.path) }
        return paths
    }

    /// - Parameters:
    ///   - mounts: the text of `/proc/mounts`.
    ///   - unifiedControllers: `cgroup.controllers` of a version 2 hierarchy mounted at the path given.
    /// - Throws: `TestbedError` naming the controller that is nowhere.
    package static func find(
        mounts: String, unifiedControllers: (String) -> [Substring]
    ) throws(TestbedError) -> ControlGroupPlaces {
        var separate: [Substring: String] = [:]
        var unified: [Substring: String] = [:]
        var unifiedRoot: String?
        for line in mounts.split(separator: "\n") {
            let fields = line.split(separator: " ")
            guard fields.count >= 4 else { continue }
            let path = String(fields[1])
            if fields[2] == "cgroup" {
                for option in fields[3].split(separator: ",") where separate[option] == nil { separate[option] = path }
            } else if fields[2] == "cgroup2", unifiedRoot == nil {
                unifiedRoot = path
                for controller in unifiedControllers(path) { unified[controller] = path }
            }
        }
        func place(_ controller: Substring) throws(TestbedError) -> Place {
            if let path = separate[controller] { return Place(path: path, version: 1) }
            if let path = unified[controller] { return Place(path: path, version: 2) }
            throw TestbedError(
                "this machine has no control groups for '\(controller)'; see /proc/mounts, and boot with them")
        }
        let cpu = try place("cpu")
        // Version 2 accounts with the controller cpu, or without any.
        let accounting = cpu.version == 2 ? cpu : try place("cpuacct")
        return ControlGroupPlaces(cpu: cpu, accounting: accounting, memory: try place("memory"))
    }

    package static func ofThisMachine() throws(TestbedError) -> ControlGroupPlaces {
        try find(mounts: try KernelFile.read("/proc/mounts")) { path in
            let text = (try? KernelFile.read("\(path)/cgroup.controllers")) ?? ""
            return text.split { $0 == " " || $0 == "\n" }
        }
    }
}
