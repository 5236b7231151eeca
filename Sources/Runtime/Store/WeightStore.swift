import Crypto
import Glibc
import NIOCore

/// Graphs and weights on this board's disk, each blob a file named by the SHA-256 of its bytes.
///
/// Agent and runner use the same folder at the same time: a blob appears by an atomic rename, whole and verified,
/// or not at all. What was received of a blob so far is kept beside it as `<name>.part`. All calls block on the
/// disk: never call them on the cooperative pool.
public struct WeightStore: Sendable {
    /// Absolute.
    public let directory: String
    /// Most bytes that blobs and parts may take together; nil: as much as the disk has.
    public let limitBytes: Int?

    private static let pieceBytes = 1 << 20
    private static let putMark = ".put."

    /// Opens the store, and makes its folder if it is not there.
    public init(directory: String, limitBytes: Int? = nil) throws(WeightStoreError) {
        try Self.makeDirectory(directory)
        guard let resolved = realpath(directory, nil) else { throw .system("open", directory) }
        defer { free(resolved) }
        self.directory = String(cString: resolved)
        self.limitBytes = limitBytes
        removeLeftovers()
    }

    /// Whether a text is the lowercase hexadecimal form of a SHA-256, and so safe as a file's name.
    public static func isName(_ text: String) -> Bool {
        text.utf8.count == 64
            && text.utf8.allSatisfy {
                (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
                    || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0)
            }
    }

    /// The name of a blob of these bytes.
    public static func name(of bytes: UnsafeRawBufferPointer) -> String {
        var hash = SHA256()
        hash.update(bufferPointer: bytes)
        return hexadecimal(hash.finalize())
    }

    public func path(of sha256: String) -> String { directory + "/" + sha256 }

    public func contains(_ sha256: String) -> Bool { byteCount(of: sha256) != nil }

    /// Nil where the blob is not in the store.
    public func byteCount(of sha256: String) -> Int? {
        var status = stat()
        guard Self.isName(sha256), stat(path(of: sha256), &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            return nil
        }
        return Int(status.st_size)
    }

    /// Bytes that an interrupted transfer of a blob has left; 0 where there are none.
    public func partialByteCount(of sha256: String) -> Int {
        var status = stat()
        guard Self.isName(sha256), stat(path(of: sha256) + ".part", &status) == 0 else { return 0 }
        return Int(status.st_size)
    }

    /// Names of all whole blobs, sorted.
    public func names() -> [String] { entries().map(\.name).filter(Self.isName).sorted() }

    /// Bytes on disk, parts included.
    public func usedBytes() -> Int { entries().reduce(0) { $0 + $1.byteCount } }

    /// Stores bytes under their name. Does nothing where the blob is there already.
    ///
    /// - Throws: `corrupt` where the bytes are not those of the name, `full`, `system`.
    public func put(_ bytes: UnsafeRawBufferPointer, sha256: String) throws(WeightStoreError) {
        if byteCount(of: sha256) == bytes.count { return }
        // A name of its own for each thread: agent and runner may put the same blob at the same time.
        let partial = try PartialBlob(
            store: self, sha256: sha256, totalBytes: bytes.count,
            path: path(of: sha256) + "\(Self.putMark)\(getpid()).\(pthread_self())", resume: false)
        do throws(WeightStoreError) {
            var offset = 0
            while offset < bytes.count {
                let end = min(offset + Self.pieceBytes, bytes.count)
                try partial.append(UnsafeRawBufferPointer(rebasing: bytes[offset..<end]))
                offset = end
            }
            try partial.finish()
        } catch {
            partial.discard()
            throw error
        }
    }

    /// Stores an array under its own name, and gives that name.
    public func put(_ bytes: [UInt8]) throws(WeightStoreError) -> String {
        let outcome = bytes.withUnsafeBytes { raw in
            let name = Self.name(of: raw)
            return Result { () throws(WeightStoreError) in
                try put(raw, sha256: name)
                return name
            }
        }
        return try outcome.get()
    }

    /// A whole blob, for graphs.
    public func bytes(of sha256: String, maximumBytes: Int = 256 << 20) throws(WeightStoreError) -> [UInt8] {
        let (piece, totalBytes) = try read(sha256, offset: 0, maximumBytes: maximumBytes)
        guard totalBytes <= maximumBytes else {
            throw WeightStoreError(.full, "blob \(sha256) has \(totalBytes) bytes, the most is \(maximumBytes)")
        }
        return Array(piece.readableBytesView)
    }

    /// A piece of a blob from an offset on, at most `maximumBytes` long, and the whole blob's size.
    public func read(
        _ sha256: String, offset: Int, maximumBytes: Int
    ) throws(WeightStoreError) -> (bytes: ByteBuffer, totalBytes: Int) {
        guard let totalBytes = byteCount(of: sha256) else {
            throw WeightStoreError(.missing, "blob \(sha256) is not in \(directory)")
        }
        guard offset >= 0, offset <= totalBytes else {
            throw WeightStoreError(.missing, "blob \(sha256) has \(totalBytes) bytes, none at offset \(offset)")
        }
        let descriptor = open(path(of: sha256), O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .system("read", path(of: sha256)) }
        defer { close(descriptor) }
        let wanted = min(maximumBytes, totalBytes - offset)
        var buffer = ByteBufferAllocator().buffer(capacity: max(wanted, 1))
        while buffer.readableBytes < wanted {
            let place = buffer.readableBytes
            let count = buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: wanted - place) { bytes in
                max(0, pread(descriptor, bytes.baseAddress, wanted - place, off_t(offset + place)))
            }
            guard count > 0 else { throw .system("read", path(of: sha256)) }
        }
        return (buffer, totalBytes)
    }

    /// Goes on with a blob where an earlier transfer of it stopped, or starts it.
    public func receive(_ sha256: String) throws(WeightStoreError) -> PartialBlob {
        guard Self.isName(sha256) else {
            throw WeightStoreError(.corrupt, "\"\(sha256.prefix(80))\" is no hexadecimal SHA-256")
        }
        return try PartialBlob(
            store: self, sha256: sha256, totalBytes: nil, path: path(of: sha256) + ".part", resume: true)
    }

    /// Deletes whole blobs that nobody wants any more.
    public func remove(_ sha256: String) throws(WeightStoreError) {
        guard Self.isName(sha256) else { return }
        guard unlink(path(of: sha256)) == 0 || errno == ENOENT else { throw .system("delete", path(of: sha256)) }
    }

    static func hexadecimal(_ digest: SHA256.Digest) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: digest.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }

    /// Deletes what processes that are no more were putting when they ended.
    private func removeLeftovers() {
        for (name, _) in entries() {
            let parts = name.split(separator: ".")
            guard parts.count == 4, parts[1] == "put", let process = Int32(parts[2]) else { continue }
            if kill(process, 0) != 0 && errno == ESRCH { unlink(directory + "/" + name) }
        }
    }

    private static func makeDirectory(_ path: String) throws(WeightStoreError) {
        var built = path.hasPrefix("/") ? "/" : ""
        for part in path.split(separator: "/") {
            built += (built.isEmpty || built.hasSuffix("/") ? "" : "/") + part
            guard mkdir(built, 0o755) == 0 || errno == EEXIST || errno == EROFS || errno == EACCES else {
                throw .system("make", built)
            }
        }
    }

    private func entries() -> [(name: String, byteCount: Int)] {
        guard let folder = opendir(directory) else { return [] }
        defer { closedir(folder) }
        var found: [(String, Int)] = []
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            var status = stat()
            guard stat(directory + "/" + name, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { continue }
            found.append((name, Int(status.st_size)))
        }
        return found
    }
}
