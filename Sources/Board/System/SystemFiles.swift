import Glibc

/// Why the kernel did not do what a file operation asked for.
public struct SystemErrno: Error, Sendable, Equatable, Hashable, CustomStringConvertible {
    public var code: Int32

    public init(_ code: Int32) { self.code = code }

    /// The C library's sentence, such as `Permission denied`.
    public var description: String { String(cString: strerror(code)) }

    static var current: SystemErrno { SystemErrno(errno) }

    /// A right is lacking: the file's mode, or a file system that is mounted read-only.
    public var isLackOfRights: Bool { [EACCES, EPERM, EROFS].contains(code) }
    public var isAbsence: Bool { [ENOENT, ENOTDIR].contains(code) }
}

/// The file operations that the board module needs, one system call or a few each.
///
/// Tests replace them, to refuse as a kernel does and to stop between any two of them. They block.
public protocol SystemFiles: Sendable {
    /// At most `maximumBytes`; a longer file is `EFBIG`.
    func read(_ path: String, maximumBytes: Int) throws(SystemErrno) -> [UInt8]
    /// A file of the kernel: opened without making it, written by one call.
    func writeAttribute(_ text: String, to path: String) throws(SystemErrno)
    /// May this process write the file, as far as the kernel says beforehand?
    func checkWritable(_ path: String) throws(SystemErrno)
    func exists(_ path: String) -> Bool
    /// Names in a folder, sorted, without `.` and `..`; more than `maximumNames` is `EFBIG`.
    func names(in folder: String, maximumNames: Int) throws(SystemErrno) -> [String]

    /// Makes or empties a file and writes it; what a crash in between leaves is any part of it.
    func write(_ bytes: [UInt8], to path: String) throws(SystemErrno)
    /// Returns once the file's bytes, or the folder's entries, survive a loss of power.
    func sync(_ path: String) throws(SystemErrno)
    func rename(_ path: String, to other: String) throws(SystemErrno)
    /// A file that is not there is no error.
    func remove(_ path: String) throws(SystemErrno)
}

/// The machine's own files.
public struct LinuxFiles: SystemFiles {
    public init() {}

    public func read(_ path: String, maximumBytes: Int) throws(SystemErrno) -> [UInt8] {
        // A pipe in the place of an attribute must not hold the reader up.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
        guard descriptor >= 0 else { throw .current }
        defer { close(descriptor) }
        var buffer = [UInt8](repeating: 0, count: maximumBytes + 1)
        var count = 0
        while count < buffer.count {
            let size = buffer.count
            let got = buffer.withUnsafeMutableBytes { bytes -> Int in
                guard let base = bytes.baseAddress else { return 0 }
                return Glibc.read(descriptor, base + count, size - count)
            }
            if got < 0 {
                if errno == EINTR { continue }
                throw .current
            }
            if got == 0 { return Array(buffer[..<count]) }
            count += got
        }
        throw SystemErrno(EFBIG)
    }

    public func writeAttribute(_ text: String, to path: String) throws(SystemErrno) {
        // Emptied first as a shell's `>` does: the kernel's files do not care, those that stand in for them do.
        let descriptor = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
        guard descriptor >= 0 else { throw .current }
        defer { close(descriptor) }
        let bytes = Array(text.utf8)
        while true {
            let written = Glibc.write(descriptor, bytes, bytes.count)
            if written == bytes.count { return }
            if written < 0 && errno == EINTR { continue }
            // The kernel takes all of an attribute or none.
            throw written < 0 ? .current : SystemErrno(EIO)
        }
    }

    public func checkWritable(_ path: String) throws(SystemErrno) {
        guard access(path, W_OK) == 0 else { throw .current }
    }

    public func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    public func names(in folder: String, maximumNames: Int) throws(SystemErrno) -> [String] {
        guard let directory = opendir(folder) else { throw .current }
        defer { closedir(directory) }
        var names: [String] = []
        while true {
            errno = 0
            guard let entry = readdir(directory) else {
                guard errno == 0 else { throw .current }
                return names.sorted()
            }
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
            guard names.count <= maximumNames else { throw SystemErrno(EFBIG) }
        }
    }

    public func write(_ bytes: [UInt8], to path: String) throws(SystemErrno) {
        // Never through a link that somebody put there.
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw .current }
        defer { close(descriptor) }
        guard FileBytes.writeAll(bytes, to: descriptor) else { throw .current }
    }

    public func sync(_ path: String) throws(SystemErrno) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .current }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw .current }
    }

    public func rename(_ path: String, to other: String) throws(SystemErrno) {
        guard Glibc.rename(path, other) == 0 else { throw .current }
    }

    public func remove(_ path: String) throws(SystemErrno) {
        guard unlink(path) == 0 || errno == ENOENT else { throw .current }
    }
}
