import Glibc
import MQTT
import Synchronization

/// Joins a virtual board with its control group: CPU time and memory flow in, the speed flows out.
final class BoardHost: ServedFiles {
    private struct State {
        var board: VirtualBoard
        var quotaCores: Double?
        var peakMemoryUsedBytes = 0
        var problem: TestbedError?
    }

    let group: ControlGroup
    private let state: Mutex<State>

    /// - Throws: `TestbedError` where the kernel refuses a limit.
    init(_ board: VirtualBoard, group: ControlGroup) throws(TestbedError) {
        self.group = group
        state = Mutex(State(board: board))
        try group.setMemory(bytes: board.memoryBytes)
        sample()
        if let problem { throw problem }
    }

    /// What went wrong with the control group first; nil where nothing did.
    var problem: TestbedError? { state.withLock { $0.problem } }

    /// The most that the board's processes held at any sample, without the page cache.
    var peakMemoryUsedBytes: Int { state.withLock { $0.peakMemoryUsedBytes } }

    /// Brings the board to the present, hands it to the body, and does what follows from it.
    func use<Result>(_ body: (inout VirtualBoard) throws(KernelError) -> Result) throws(KernelError) -> Result {
        try state.withLock { (state) throws(KernelError) -> Result in
            do throws(TestbedError) {
                let used = try group.memoryUsedBytes()
                state.peakMemoryUsedBytes = max(state.peakMemoryUsedBytes, used)
                state.board.advance(to: Self.nowS(), cpuS: try group.cpuSeconds(), memoryUsedBytes: used)
            } catch {
                state.problem = state.problem ?? error
            }
            defer { Self.applySpeed(&state, group) }
            return try body(&state.board)
        }
    }

    func sample() { _ = try? use { _ in } }

    private static func applySpeed(_ state: inout State, _ group: ControlGroup) {
        let cores = state.board.speedCores
        guard cores != state.quotaCores else { return }
        do throws(TestbedError) {
            try group.setQuota(cores: cores)
            state.quotaCores = cores
        } catch {
            state.problem = state.problem ?? error
        }
    }

    static func nowS() -> Double {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        return Double(now.tv_sec) + Double(now.tv_nsec) / 1e9
    }

    /// Holds up the thread that serves the files while the board hangs, and with it whoever asks: until that one is
    /// killed. The kernel lets nobody die whose question is being answered, so that the question must end here.
    private func answerInTime(_ thread: Int) throws(KernelError) {
        while state.withLock({ $0.board.faults.contains(.hangs) }) {
            if Self.isKilled(thread) { throw .interrupted }
            _ = poll(nil, 0, 5)
        }
    }

    /// Is the thread gone, or does SIGKILL wait for it? So it does for each thread of a process that ends.
    private static func isKilled(_ thread: Int) -> Bool {
        guard let text = try? KernelFile.read("/proc/\(thread)/status") else { return true }
        for line in text.split(separator: "\n") where line.hasPrefix("SigPnd:") || line.hasPrefix("ShdPnd:") {
            let digits = line.split { $0 == "\t" || $0 == " " }.last ?? ""
            if let pending = UInt64(digits, radix: 16), pending & 1 << (UInt64(SIGKILL) - 1) != 0 { return true }
        }
        return false
    }

    // Names and permissions do not depend on time.
    func entry(at path: String) throws(KernelError) -> VirtualBoard.Entry {
        try state.withLock { (state) throws(KernelError) in try state.board.entry(at: path) }
    }

    func checkOpen(_ path: String, reading: Bool, writing: Bool) throws(KernelError) {
        try state.withLock { (state) throws(KernelError) in
            try state.board.checkOpen(path, reading: reading, writing: writing)
        }
    }

    func read(_ path: String, for thread: Int) throws(KernelError) -> [UInt8] {
        try answerInTime(thread)
        return try use { (board) throws(KernelError) in try board.read(path) }
    }

    func write(_ path: String, _ bytes: [UInt8], for thread: Int) throws(KernelError) {
        try answerInTime(thread)
        try use { (board) throws(KernelError) in try board.write(path, bytes) }
    }
}

/// Brings all boards of a bed to the present many times a second, so that heat, governors and sensors go on while
/// nobody looks.
final class BoardSampler: Sendable {
    static let intervalMS: Int32 = 20

    private final class StopFlag: Sendable {
        let isRaised = Atomic(false)
    }

    private let flag = StopFlag()

    init(_ hosts: [BoardHost]) throws(TestbedError) {
        let flag = flag
        let started = OwnThread.tryStart {
            while !flag.isRaised.load(ordering: .relaxed) {
                for host in hosts { host.sample() }
                _ = poll(nil, 0, Self.intervalMS)
            }
        }
        guard started else { throw TestbedError("cannot start a thread that watches the boards") }
    }

    deinit { stop() }

    func stop() { flag.isRaised.store(true, ordering: .relaxed) }
}
