import Glibc

/// Why a file could not be read or written: one sentence with the path.
public struct FileError: Error, Sendable, Equatable, CustomStringConvertible {
    public var path: String
    public var operation: String
    public var reason: String
    /// It may succeed once there is room.
    public var isFullDisk = false

    public var description: String { "cannot \(operation) \(path): \(reason)" }

    init(_ operation: String, _ path: String, errno code: Int32 = errno) {
        self.path = path
        self.operation = operation
        isFullDisk = code == ENOSPC || code == EDQUOT
        reason = isFullDisk ? "the disk is full; free some space there" : String(cString: strerror(code))
    }

    init(_ operation: String, _ path: String, reason: String) {
        self.path = path
        self.operation = operation
        self.reason = reason
    }
}

/// Small files, whole. These calls block: never on the cooperative pool.
public enum FileBytes {
    /// - Throws: ``FileError``, also for a file larger than `maximumBytes`.
    public static func read(_ path: String, maximumBytes: Int) throws -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileError("read", path) }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0 {
                if errno == EINTR { continue }
                throw FileError("read", path)
            }
            if count == 0 { return bytes }
            bytes.append(contentsOf: buffer[..<count])
            guard bytes.count <= maximumBytes else {
                throw FileError("read", path, reason: "it is larger than \(maximumBytes) bytes")
            }
        }
    }

    /// Is there a file or folder at `path`?
    public static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    /// Writes so that after a crash or power loss the file holds either the old or the new bytes.
    ///
    /// - Throws: ``FileError``.
    public static func writeDurably(_ bytes: [UInt8], to path: String, permissions: mode_t = 0o644) throws {
        let temporary = path + ".new"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, permissions)
        guard descriptor >= 0 else { throw FileError("write", temporary) }
        do {
            defer { close(descriptor) }
            guard writeAll(bytes, to: descriptor), fsync(descriptor) == 0 else {
                let error = FileError("write", temporary)
                // What is there of it would only take room on a disk that has none.
                unlink(temporary)
                throw error
            }
        }
        guard rename(temporary, path) == 0 else { throw FileError("replace", path) }
        // The rename itself is durable only once the folder is.
        try syncFolder(of: path)
    }

    /// Writes to an open file, however many calls it takes.
    ///
    /// - Returns: false where it failed part way; `errno` says why.
    static func writeAll(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes { buffer -> Int in
                guard let base = buffer.baseAddress else { return 0 }
                return Glibc.write(descriptor, base + written, bytes.count - written)
            }
            if count < 0 {
                if errno == EINTR { continue }
                return false
            }
            written += count
        }
        return true
    }

    /// Returns once the name of a file survives a loss of power.
    ///
    /// - Throws: ``FileError``.
    static func syncFolder(of path: String) throws {
        let folder = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        let folderDescriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folderDescriptor >= 0 else { throw FileError("open", folder) }
        defer { close(folderDescriptor) }
        guard fsync(folderDescriptor) == 0 else { throw FileError("sync", folder) }
    }

    /// Bytes that the disk of a folder has left for this user; nil where it does not say.
    public static func availableBytes(in folder: String) -> Int? {
        var status = statvfs()
        guard statvfs(folder, &status) == 0 else { return nil }
        return Int(clamping: status.f_bavail) * Int(clamping: status.f_frsize)
    }

    /// Finds out before long work whether `writeDurably` can write there; leaves nothing behind.
    ///
    /// - Throws: ``FileError``.
    public static func checkWritable(_ path: String) throws {
        var status = stat()
        if stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
            throw FileError("write", path, reason: "it is a folder")
        }
        // As `writeDurably` does it: what the right to write depends on is the folder, not the file.
        let temporary = path + ".new"
        let there = exists(temporary)
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw FileError("write", path) }
        close(descriptor)
        if !there { unlink(temporary) }
    }

    /// Makes a folder and those above it.
    ///
    /// - Throws: ``FileError``.
    public static func makeFolder(_ path: String, permissions: mode_t = 0o755) throws {
        var partial = path.hasPrefix("/") ? "" : "."
        for component in path.split(separator: "/") {
            partial += "/" + component
            if mkdir(partial, permissions) != 0 && errno != EEXIST { throw FileError("make folder", partial) }
        }
    }
}
