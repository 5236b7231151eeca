/// Where the files of a frequency domain are.
struct FrequencyFolder: Sendable, Equatable, Hashable {
    var kind: FrequencyDomain.Kind
    var path: String

    var governorPath: String { path + "/" + kind.governorFile }
    var minimumPath: String { path + "/" + kind.minimumFile }
    var maximumPath: String { path + "/" + kind.maximumFile }
    var currentPath: String { path + "/" + kind.currentFile }
    /// What the governor `userspace` was told; CPU policies only.
    var setSpeedPath: String? { kind == .cpuPolicy ? path + "/scaling_setspeed" : nil }

    /// What the files say now. Blocks.
    func state(_ root: SystemRoot) -> FrequencyState {
        func units(_ path: String) -> Int? {
            guard let text = try? root.text(path), let value = Int(text), value >= 0 else { return nil }
            return value
        }
        let governor = (try? root.text(governorPath)).flatMap { Self.isGovernor($0) ? $0 : nil }
        return FrequencyState(
            minimum: units(minimumPath), maximum: units(maximumPath), governor: governor,
            setSpeed: governor == "userspace" ? setSpeedPath.flatMap(units) : nil,
            currentHz: units(currentPath).map { Double($0) * Double(kind.unitHz) })
    }

    /// The folder and file of a path that frequency control may write; nil for every other path.
    ///
    /// What comes from a file on disk is checked by this before anything is written.
    static func of(_ path: String) -> (folder: FrequencyFolder, file: String)? {
        for kind in FrequencyDomain.Kind.allCases where path.hasPrefix(kind.folder + "/") {
            let parts = path.dropFirst(kind.folder.count + 1).split(separator: "/", omittingEmptySubsequences: false)
            guard parts.count == 2, parts[0] != ".", parts[0] != "..", !parts[0].isEmpty else { return nil }
            let folder = FrequencyFolder(kind: kind, path: kind.folder + "/" + parts[0])
            let files = [folder.governorPath, folder.minimumPath, folder.maximumPath, folder.setSpeedPath]
            return files.contains(path) ? (folder, String(parts[1])) : nil
        }
        return nil
    }

    /// Could the kernel have a governor of this name?
    static func isGovernor(_ text: String) -> Bool {
        (1...32).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }
}
