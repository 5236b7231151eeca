import Glibc

/// The exact lines that give the agent a right to a file of the kernel, now and after the next start.
enum Permission {
    enum Right { case read, write }

    static let group = "lamella"
    /// What `make install` puts in place: the processor's files, and those of devfreq.
    static let tmpfiles = "systemd-tmpfiles --create lamella.conf"

    static func lines(for path: String, to right: Right, _ error: SystemErrno) -> [String] {
        if error.code == EROFS { return readOnlyMount(path) }
        let letter = right == .read ? "r" : "w"
        let now = "sudo chgrp \(group) \(path) && sudo chmod g+\(letter) \(path)"
        if right == .write, path.hasPrefix("/sys/devices/system/cpu/cpufreq/") {
            return [now, "at each start, once `make install` was run; now: sudo \(tmpfiles)"]
        }
        if right == .write, path.hasPrefix("/sys/class/devfreq/") {
            return [
                now,
                "at each start, once `make install` was run; now: sudo udevadm control --reload && "
                    + "sudo udevadm trigger --action=change --subsystem-match=devfreq",
            ]
        }
        // tmpfiles.d sets modes whole, so that what the file grants already has to be known: none of those that the
        // agent reads is written by anybody but root.
        let mode = right == .read ? "0440" : "0664"
        return [
            now,
            "at each start: echo 'z \(path) \(mode) root \(group) -' | "
                + "sudo tee -a /etc/tmpfiles.d/lamella-board.conf",
        ]
    }

    /// Below a unit with ProtectKernelTunables= all of /sys is read-only but for what ReadWritePaths= names.
    private static func readOnlyMount(_ path: String) -> [String] {
        let folder = path.split(separator: "/").dropLast().reduce("") { $0 + "/" + $1 }
        let real = realpath(folder, nil).map { pointer in
            defer { free(pointer) }
            return String(cString: pointer)
        }
        return [
            "sudo mkdir -p /etc/systemd/system/lamella.service.d",
            "printf '[Service]\\nReadWritePaths=%s\\n' \(real ?? folder) | "
                + "sudo tee /etc/systemd/system/lamella.service.d/frequency.conf",
            "sudo systemctl daemon-reload && sudo systemctl restart lamella",
        ]
    }
}
