import CLinux
import NIOCore

/// Most of the code of a Swift program that a process has in memory was only read while it started: parsing of
/// arguments and configuration, and the runtime's search through all types for those that fit a protocol. The kernel
/// would drop it when memory runs short; a small board is better off with it gone before.
public enum StartCode {
    /// After the start; by then an agent has connected to its broker and read everything retained.
    static let delay: TimeAmount = .seconds(3)

    /// Takes code that is not used any more out of memory, once.
    public static func release(on group: any EventLoopGroup) {
        // What is lost where the kernel refuses is only room.
        _ = group.next().scheduleTask(in: delay) { _ = lamella_release_unused_code() }
    }
}
