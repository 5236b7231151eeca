import Glibc
import Synchronization

/// Follows the serial log of a SmartPower 3: its serial port, or a file that another program writes it to.
///
/// A port must have the meter's baud rate already (`stty -F /dev/ttyUSB0 raw 115200`). Of a file only what is added
/// counts; one that was emptied or replaced is read from its start. Calls take what is there and do not wait for more.
public final class SmartPower3File: Sendable {
    /// Bytes that one call takes: several seconds of the meter's fastest rate.
    public static let maximumBytes = 1 << 16

    public let path: String

    private struct State {
        var log: SmartPower3Log
        var descriptor: Int32 = -1
        var isFile = false
        var device: dev_t = 0
        var inode: ino_t = 0
        var offset: off_t = 0
        /// What was there before the first look is old.
        var hasLooked = false
    }

    private let state: Mutex<State>

    public init(path: String, channel: SmartPower3Line.Channel) {
        self.path = path
        state = Mutex(State(log: SmartPower3Log(channel: channel)))
    }

    deinit { state.withLock { Self.close(&$0) } }

    /// Lines that were torn or changed on their way, since the start.
    public var badLines: Int { state.withLock { $0.log.badLines } }

    /// The samples since the last call, the last of them taken as being of `now`. None is no fault: ask again later.
    ///
    /// - Throws: ``BoardFault`` where the port or file is gone or cannot be read; the next call opens it again.
    public func read(now: Duration) throws(BoardFault) -> [PowerSample] {
        let result: Result<[PowerSample], BoardFault> = state.withLock { state in
            do throws(SystemErrno) {
                return .success(state.log.take(try bytes(&state), now: now))
            } catch {
                Self.close(&state)
                return .failure(BoardFault(reading: path, error).meaning("the board's power is not measured"))
            }
        }
        return try result.get()
    }

    private func bytes(_ state: inout State) throws(SystemErrno) -> [UInt8] {
        if state.descriptor >= 0, state.isFile, isReplaced(state) { Self.close(&state) }
        if state.descriptor < 0 { try open(&state) }
        var buffer = [UInt8](repeating: 0, count: Self.maximumBytes)
        var filled = 0
        // A port gives a few lines at a time.
        while filled < buffer.count {
            let count = buffer.withUnsafeMutableBytes { bytes in
                Glibc.read(state.descriptor, bytes.baseAddress?.advanced(by: filled), bytes.count - filled)
            }
            if count > 0 {
                filled += count
                continue
            }
            if count == 0 {
                // An unplugged port reads as one that has nothing to say.
                if filled == 0, !state.isFile, hasHungUp(state) { throw SystemErrno(EIO) }
                break
            }
            if errno == EAGAIN || errno == EWOULDBLOCK { break }
            guard errno == EINTR else { throw .current }
        }
        state.offset += off_t(filled)
        return Array(buffer[..<filled])
    }

    private func hasHungUp(_ state: State) -> Bool {
        var asked = pollfd(fd: state.descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&asked, 1, 0) == 1 && Int32(asked.revents) & (POLLHUP | POLLERR) != 0
    }

    private func open(_ state: inout State) throws(SystemErrno) {
        let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
        guard descriptor >= 0 else { throw .current }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT != S_IFDIR else {
            Glibc.close(descriptor)
            throw SystemErrno(EISDIR)
        }
        state.descriptor = descriptor
        state.isFile = status.st_mode & S_IFMT == S_IFREG
        state.device = status.st_dev
        state.inode = status.st_ino
        state.offset = state.isFile && !state.hasLooked ? lseek(descriptor, 0, SEEK_END) : 0
        state.hasLooked = true
    }

    /// The name stands for another file now, or the file is shorter than what was read of it.
    private func isReplaced(_ state: State) -> Bool {
        var status = stat()
        guard stat(path, &status) == 0 else { return true }
        return status.st_dev != state.device || status.st_ino != state.inode || status.st_size < state.offset
    }

    private static func close(_ state: inout State) {
        if state.descriptor >= 0 { Glibc.close(state.descriptor) }
        state.descriptor = -1
    }
}
