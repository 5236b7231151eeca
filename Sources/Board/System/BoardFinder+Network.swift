import Glibc

/// Network interfaces and the speed of their links.
extension BoardFinder {
    private static let folder = "/sys/class/net"

    mutating func networkInterfaces() -> [NetworkInterface] {
        folders(in: Self.folder, atMost: BoardLimits.maximumInterfaces).compactMap { name in
            let path = Self.folder + "/" + name
            // The folder also holds plain files on machines with bonded interfaces.
            guard name != "lo", root.exists(path + "/operstate") else { return nil }
            let state = attempt("whether \(name) is up is unknown") { root throws(BoardFault) in
                try root.text(path + "/operstate")
            }
            return NetworkInterface(
                name: name, operationalState: state, speedMbitPerS: speed(path + "/speed"),
                isWireless: root.exists(path + "/wireless") || root.exists(path + "/phy80211"))
        }
    }

    /// The kernel answers EINVAL, or -1, for a link that has no speed or is down: that is no fault.
    private mutating func speed(_ path: String) -> Int? {
        let bytes: [UInt8]
        do throws(SystemErrno) {
            bytes = try root.files.read(root.resolved(path), maximumBytes: SystemRoot.maximumAttributeBytes)
        } catch {
            if !error.isAbsence, ![EINVAL, EOPNOTSUPP, ENODEV].contains(error.code) {
                note(BoardFault(reading: path, error).meaning("the link's speed is unknown until it is measured"))
            }
            return nil
        }
        if ["-1\n", "-1", "4294967295\n", "0\n"].contains(String(decoding: bytes, as: UTF8.self)) { return nil }
        return attempt("the link's speed is unknown until it is measured") { root throws(BoardFault) in
            try root.integer(path, in: BoardLimits.linkMbitPerS)
        }
    }
}
