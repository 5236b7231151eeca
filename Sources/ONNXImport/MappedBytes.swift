import Glibc

/// Bytes that stay where they are: a file mapped into memory, or an array that is kept alive.
///
/// A mapped file must not be cut short while it is in use; replace weights by renaming a new file over the old one.
public final class MappedBytes: @unchecked Sendable {
    // Safe to share: the memory is never written after `init`, and freed only with the last reference.
    private let base: UnsafeRawPointer?
    public let count: Int
    private let isMapped: Bool

    struct Failure: Error {
        let reason: String
    }

    /// Maps a regular file for reading. Throws `Failure` with the system's reason.
    init(path: String) throws {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw Failure(reason: String(cString: strerror(errno))) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw Failure(reason: String(cString: strerror(errno))) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw Failure(reason: "it is not a regular file") }
        count = Int(status.st_size)
        isMapped = true
        guard count > 0 else {
            base = nil
            return
        }
        let address = mmap(nil, count, PROT_READ, MAP_PRIVATE, descriptor, 0)
        guard let address, address != MAP_FAILED else { throw Failure(reason: String(cString: strerror(errno))) }
        base = UnsafeRawPointer(address)
    }

    /// Keeps a copy of an array.
    init(_ bytes: [UInt8]) {
        count = bytes.count
        isMapped = false
        guard count > 0 else {
            base = nil
            return
        }
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 16)
        memory.copyBytes(from: bytes)
        base = UnsafeRawPointer(memory.baseAddress)
    }

    deinit {
        guard let base else { return }
        let memory = UnsafeMutableRawPointer(mutating: base)
        if isMapped { munmap(memory, count) } else { memory.deallocate() }
    }

    public var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: count) }

    /// Lets the system take back the memory of a part that was read; it is read from the file again when needed.
    func release(_ range: Range<Int>) {
        guard isMapped, let base else { return }
        let page = sysconf(Int32(_SC_PAGESIZE))
        let start = (range.lowerBound / page) * page
        madvise(UnsafeMutableRawPointer(mutating: base + start), range.upperBound - start, MADV_DONTNEED)
    }
}

/// A part of mapped bytes.
public struct ByteRegion: Sendable {
    let owner: MappedBytes
    let range: Range<Int>

    public var count: Int { range.count }

    /// Runs `body` with the bytes, which must not be used after it returns.
    public func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        try withExtendedLifetime(owner) { try body(UnsafeRawBufferPointer(rebasing: owner.bytes[range])) }
    }
}
