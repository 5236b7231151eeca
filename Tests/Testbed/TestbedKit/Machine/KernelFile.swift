import Glibc

/// Small files of the kernel's: control groups, `/proc`.
enum KernelFile {
    static let maximumBytes = 1 << 20

    /// - Throws: `TestbedError` with the path.
    static func read(_ path: String) throws(TestbedError) -> String {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw TestbedError("cannot read \(path)", code: errno) }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16_384)
        while bytes.count < maximumBytes {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw TestbedError("cannot read \(path)", code: errno) }
            if count == 0 { break }
            bytes += buffer[..<count]
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// - Throws: `TestbedError` with the path and the value.
    static func write(_ text: String, to path: String) throws(TestbedError) {
        let descriptor = open(path, O_WRONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw TestbedError("cannot write \(path)", code: errno) }
        defer { close(descriptor) }
        var text = text
        let (count, code) = text.withUTF8 { (Glibc.write(descriptor, $0.baseAddress, $0.count), errno) }
        guard count == text.utf8.count else { throw TestbedError("cannot write '\(text)' to \(path)", code: code) }
    }

    static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    /// Names of what is in a folder, sorted; empty where it cannot be read.
    static func names(in folder: String) -> [String] {
        guard let stream = opendir(folder) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    /// Removes a folder with all that is in it, on its own file system only; what cannot be removed stays.
    static func removeFolder(_ path: String) {
        var own = stat()
        guard lstat(path, &own) == 0 else { return }
        for name in names(in: path) {
            let child = "\(path)/\(name)"
            var found = stat()
            guard lstat(child, &found) == 0 else { continue }
            // A link is removed, never followed; a mount is left alone.
            if found.st_mode & S_IFMT == S_IFDIR {
                if found.st_dev == own.st_dev { removeFolder(child) }
            } else {
                unlink(child)
            }
        }
        rmdir(path)
    }
}
