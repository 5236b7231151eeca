import Glibc

/// A file with one secret in one line, that nobody but its owner and its group may touch.
public enum SecretFile {
    /// Blocks on the file.
    ///
    /// - Throws: ``FeedFault`` of kind `secret`: the path, what is wrong and what to do; never what the file holds.
    public static func read(_ path: String) throws(FeedFault) -> Secret {
        func fault(_ problem: String, _ advice: String) -> FeedFault {
            FeedFault(.secret, "the token file \(path) \(problem)", advice)
        }
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            throw fault("cannot be opened: \(String(cString: strerror(errno)))", "write the token there, in one line")
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw fault("is no file", "write the token into a file, in one line")
        }
        // Of the file that is open, not of its name: the name could mean another file by now.
        guard status.st_mode & 0o007 == 0 else {
            throw fault("may be read or written by everybody on this machine", "chmod o-rwx \(path)")
        }
        var bytes = [UInt8](repeating: 0, count: Secret.maximumBytes + 2)
        let count = Glibc.read(descriptor, &bytes, bytes.count)
        guard count >= 0 else {
            throw fault("cannot be read: \(String(cString: strerror(errno)))", "write the token there, in one line")
        }
        var line = bytes[..<count]
        while line.last == UInt8(ascii: "\n") || line.last == UInt8(ascii: "\r") { line.removeLast() }
        guard !line.isEmpty else { throw fault("is empty", "write the token there, in one line") }
        guard let secret = Secret(String(decoding: line, as: UTF8.self)) else {
            throw fault(
                "holds more than one word of at most \(Secret.maximumBytes) plain signs",
                "write the token alone there, in one line")
        }
        return secret
    }
}
