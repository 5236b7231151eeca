import Costs
import Glibc

/// A file of lines that a measurement adds to.
///
/// What was added is on disk when `append` returns. One process at a time: the file is locked for as long as this
/// lives. All calls block.
final class GrowingFile {
    let path: String
    /// What stood in the file when it was opened.
    let bytes: [UInt8]
    private let isNew: Bool
    private let descriptor: Int32

    /// Opens the file, and makes it where there is none.
    ///
    /// - Parameter advice: what to do where another process adds to it.
    /// - Throws: ``FileError``, or ``DataFault`` where another process adds to it.
    init(_ path: String, maximumBytes: Int, advice: String) throws {
        isNew = !FileBytes.exists(path)
        descriptor = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw FileError("write", path) }
        self.path = path
        do {
            guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
                throw DataFault(file: path, "another process adds to it", advice)
            }
            bytes = try FileBytes.read(path, maximumBytes: maximumBytes)
        } catch {
            close(descriptor)
            throw error
        }
    }

    deinit { close(descriptor) }

    /// Takes away all but the first bytes.
    func shorten(to byteCount: Int) throws(FileError) {
        guard ftruncate(descriptor, off_t(byteCount)) == 0 else { throw FileError("shorten", path) }
    }

    /// A file that was made survives a loss of power from now on.
    func keep() throws {
        if isNew { try FileBytes.syncFolder(of: path) }
    }

    /// Returns once the text survives a loss of power.
    ///
    /// - Throws: ``FileError``, such as for a full disk; what was written of the text is taken back.
    func append(_ text: String) throws(FileError) {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw FileError("write", path) }
        guard FileBytes.writeAll(Array(text.utf8), to: descriptor) else {
            let error = FileError("write", path)
            _ = ftruncate(descriptor, status.st_size)
            throw error
        }
        guard fdatasync(descriptor) == 0 else { throw FileError("write", path) }
    }
}
