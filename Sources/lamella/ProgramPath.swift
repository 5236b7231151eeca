import Board
import Glibc

/// Where this program is, so that it can start itself again as runner or planner.
enum ProgramPath {
    static func current() throws -> String {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink("/proc/self/exe", &buffer, buffer.count - 1)
        guard count > 0 else {
            throw ConfigurationError("/proc/self/exe cannot be read; mount /proc, the agent starts itself as runner")
        }
        return String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
