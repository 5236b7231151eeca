import Board
import Glibc
import Synchronization

/// Files in memory that refuse and clamp as the kernel's do, and a process that can die between any two operations.
final class FakeKernel: SystemFiles {
    struct State {
        var files: [String: [UInt8]] = [:]
        /// Operations that change something until the process dies; nil: it lives.
        var operationsLeft: Int?
        var readErrors: [String: Int32] = [:]
        var writeErrors: [String: Int32] = [:]
        /// What a hot board holds the greatest frequency to, by folder.
        var caps: [String: Int] = [:]
        /// Attribute writes that took effect, in order.
        var log: [String] = []
        /// Folders whose least limit was above the greatest at some moment.
        var crossed: [String] = []
    }

    private let state = Mutex(State())

    init(_ files: [String: String]) {
        state.withLock { $0.files = files.mapValues { Array(($0 + "\n").utf8) } }
    }

    init(copying other: FakeKernel) {
        let copy = other.state.withLock { $0 }
        state.withLock { $0 = copy }
    }

    func change(_ body: (inout State) -> Void) { state.withLock { body(&$0) } }
    var log: [String] { state.withLock { $0.log } }
    var crossed: [String] { state.withLock { $0.crossed } }
    var paths: [String] { state.withLock { $0.files.keys.sorted() } }

    /// What is in a file, without the line's end; nil where there is none.
    func text(_ path: String) -> String? { state.withLock { Self.text($0, path) } }

    /// The kernel's files that differ between two, by name.
    func differences(from other: FakeKernel, without folder: String) -> [String] {
        let (own, others) = (state.withLock { $0.files }, other.state.withLock { $0.files })
        return Set(own.keys).union(others.keys).filter { !$0.hasPrefix(folder) && own[$0] != others[$0] }.sorted()
    }

    func copy() -> FakeKernel { FakeKernel(copying: self) }

    private static func text(_ state: State, _ path: String) -> String? {
        state.files[path].map { String(decoding: $0.last == 10 ? $0.dropLast() : $0[...], as: UTF8.self) }
    }

    // MARK: SystemFiles

    func read(_ path: String, maximumBytes: Int) throws(SystemErrno) -> [UInt8] {
        let (bytes, code): ([UInt8]?, Int32?) = state.withLock { state in
            let folder = Self.folder(path)
            if let cap = state.caps[folder], path.hasSuffix("max_freq"),
                let own = Self.text(state, path).flatMap(Int.init)
            {
                return (Array("\(min(cap, own))\n".utf8), state.readErrors[path])
            }
            return (state.files[path], state.readErrors[path])
        }
        if let code { throw SystemErrno(code) }
        guard let bytes else { throw SystemErrno(ENOENT) }
        guard bytes.count <= maximumBytes else { throw SystemErrno(EFBIG) }
        return bytes
    }

    func writeAttribute(_ text: String, to path: String) throws(SystemErrno) {
        try perform { state in
            if let code = state.writeErrors[path] { return code }
            guard state.files[path] != nil else { return ENOENT }
            return Self.set(text, path, &state)
        }
    }

    func checkWritable(_ path: String) throws(SystemErrno) {
        let code: Int32? = state.withLock { $0.writeErrors[path] ?? ($0.files[path] == nil ? ENOENT : nil) }
        if let code { throw SystemErrno(code) }
    }

    func exists(_ path: String) -> Bool {
        state.withLock { state in
            state.files[path] != nil || state.files.keys.contains { $0.hasPrefix(path + "/") }
        }
    }

    func names(in folder: String, maximumNames: Int) throws(SystemErrno) -> [String] {
        let paths = state.withLock { Array($0.files.keys) }
        let names = Set(
            paths.filter { $0.hasPrefix(folder + "/") }
                .compactMap { $0.dropFirst(folder.count + 1).split(separator: "/").first.map(String.init) })
        guard !names.isEmpty else { throw SystemErrno(ENOENT) }
        return names.sorted()
    }

    func write(_ bytes: [UInt8], to path: String) throws(SystemErrno) {
        try perform(dying: { $0.files[path] = Array(bytes.prefix(bytes.count / 2)) }) { state in
            if let code = state.writeErrors[path] { return code }
            state.files[path] = bytes
            return 0
        }
    }

    func sync(_ path: String) throws(SystemErrno) {
        try perform { $0.writeErrors["sync"] ?? 0 }
    }

    func rename(_ path: String, to other: String) throws(SystemErrno) {
        try perform { state in
            guard let bytes = state.files.removeValue(forKey: path) else { return ENOENT }
            state.files[other] = bytes
            return 0
        }
    }

    func remove(_ path: String) throws(SystemErrno) {
        try perform { state in
            // One that is not there costs nothing, so that it is no place to die.
            state.files[path] = nil
            return 0
        }
    }

    /// One operation, or what is left of it when the process dies in its midst; after that nothing has any effect.
    private func perform(
        dying: (inout State) -> Void = { _ in }, _ body: (inout State) -> Int32
    ) throws(SystemErrno) {
        let code: Int32 = state.withLock { state in
            if let left = state.operationsLeft {
                guard left > 0 else { return EIO }
                state.operationsLeft = left - 1
                if left == 1 {
                    // It dies here: an operation that is one system call was made or was not.
                    dying(&state)
                    return EIO
                }
            }
            return body(&state)
        }
        if code != 0 { throw SystemErrno(code) }
    }

    // MARK: What the kernel's files do

    private static func folder(_ path: String) -> String {
        path.lastIndex(of: "/").map { String(path[..<$0]) } ?? ""
    }

    private static func set(_ text: String, _ path: String, _ state: inout State) -> Int32 {
        let folder = folder(path)
        let file = String(path.dropFirst(folder.count + 1))
        func number(_ name: String) -> Int? { Self.text(state, folder + "/" + name).flatMap { Int($0) } }
        let isDevfreq = file == "min_freq" || file == "max_freq"
        let (minimumFile, maximumFile) =
            isDevfreq ? ("min_freq", "max_freq") : ("scaling_min_freq", "scaling_max_freq")
        var stored = text
        switch file {
        case minimumFile, maximumFile:
            guard var value = Int(text) else { return EINVAL }
            if let least = number("cpuinfo_min_freq"), let most = number("cpuinfo_max_freq") {
                value = min(max(value, least), most)
            }
            let minimum = file == minimumFile ? value : number(minimumFile) ?? 0
            let maximum = file == maximumFile ? value : number(maximumFile) ?? Int.max
            guard maximum == 0 || minimum <= maximum else {
                state.crossed.append("\(path)=\(text)")
                return EINVAL
            }
            stored = "\(value)"
        case "scaling_governor":
            let governors = Self.text(state, folder + "/scaling_available_governors") ?? ""
            guard governors.split(separator: " ").contains(Substring(text)) else { return EINVAL }
            // Only under this governor can a speed be set.
            if state.files[folder + "/scaling_setspeed"] != nil {
                let speed = text == "userspace" ? "600000\n" : "<unsupported>\n"
                state.files[folder + "/scaling_setspeed"] = Array(speed.utf8)
            }
        case "scaling_setspeed":
            guard Self.text(state, folder + "/scaling_governor") == "userspace" else { return EINVAL }
        default: return EACCES
        }
        state.files[path] = Array((stored + "\n").utf8)
        state.log.append("\(path)=\(text)")
        return 0
    }
}
