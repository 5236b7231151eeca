import Board
import NIOPosix

/// What the kernel says of the board's load and memory; nil where it does not.
struct BoardLoad: Sendable {
    var load: Double?
    var memory: BoardMemory?

    static func read() async -> BoardLoad {
        let read = try? await NIOThreadPool.singleton.runIfActive {
            BoardLoad(
                load: text("/proc/loadavg").flatMap { $0.split(separator: " ").first }.flatMap { Double($0) },
                memory: text("/proc/meminfo").flatMap { BoardMemory.parse(meminfo: $0) })
        }
        return read ?? BoardLoad()
    }

    private static func text(_ path: String) -> String? {
        (try? FileBytes.read(path, maximumBytes: 1 << 16)).map { String(decoding: $0, as: UTF8.self) }
    }
}
