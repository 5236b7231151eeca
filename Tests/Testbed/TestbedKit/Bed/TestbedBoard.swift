import Agent
import Board
import ChildProcesses
import Cluster
import Costs
import Glibc
import NIOPosix
import Synchronization

/// A running virtual board: what it is, what is done to it, and what is true of it whatever its sensors say.
///
/// Calls that touch the kernel's files block for microseconds.
public final class TestbedBoard: Sendable {
    public let node: NodeID
    public let hardware: BoardHardware
    /// Of the board in the bed's network.
    public let address: String
    /// Where the board's `sys` and `proc` are.
    public let systemRoot: String
    /// Configuration, state and log of its agent.
    public let folder: String
    let namespace: String
    private let program: String
    private let host: BoardHost
    private let files: BoardFileSystem
    private let agent = Mutex<ChildProcess?>(nil)
    /// Size of the state's own disk; nil where it has none.
    private let disk = Mutex<Int?>(nil)

    init(
        node: NodeID, hardware: BoardHardware, address: String, folder: String, namespace: String, program: String,
        host: BoardHost, files: BoardFileSystem
    ) {
        self.node = node
        self.hardware = hardware
        self.address = address
        self.folder = folder
        self.namespace = namespace
        self.program = program
        self.host = host
        self.files = files
        systemRoot = files.mountPoint
    }

    public var configurationPath: String { "\(folder)/agent.toml" }
    public var logPath: String { "\(folder)/agent.log" }
    public var frontDoor: Endpoint { Endpoint(host: address, port: Scenario.frontDoorPort) }
    /// The agent's process, where it runs.
    public var agentProcess: ChildProcess? { agent.withLock { $0 } }

    var sampled: BoardHost { host }

    // MARK: What is true

    /// CPU time that all of the board's processes have used, in s.
    public func cpuSeconds() throws -> Double { try host.group.cpuSeconds() }

    /// Energy that the board has used since it was made, in J.
    public func energyJ() -> Double { board { $0.energyJ } ?? 0 }
    public func temperatureC() -> Double { board { $0.temperatureC } ?? .nan }
    /// Of the clock that sets the board's speed.
    public func frequencyHz() -> Double { board { $0.frequencyHz } ?? .nan }
    /// Cores of this machine that the board may use now.
    public func speedCores() -> Double { board { $0.speedCores } ?? .nan }
    public func throttleSteps() -> Int { board { $0.throttleSteps } ?? 0 }

    /// The most that the board was ever charged with, page cache included.
    public func peakMemoryBytes() throws -> Int { try host.group.peakMemoryBytes() }
    /// What the board's processes hold now, without the page cache.
    public func memoryUsedBytes() throws -> Int { try host.group.memoryUsedBytes() }
    /// The most that they held whenever it was looked at, fifty times a second.
    public var peakMemoryUsedBytes: Int { host.peakMemoryUsedBytes }
    /// Processes of the board that the kernel killed for want of memory.
    public func outOfMemoryKills() throws -> Int { try host.group.outOfMemoryKills() }
    /// Quota periods in which the board wanted more than it may have, and all in which it ran.
    public func throttledPeriods() throws -> (throttled: Int, all: Int) { try host.group.throttledPeriods() }
    /// What went wrong with the board's limits first; nil where nothing did.
    public var problem: TestbedError? { host.problem }

    private func board<Result>(_ body: (inout VirtualBoard) -> Result) -> Result? {
        try? host.use { (board) throws(KernelError) in body(&board) }
    }

    // MARK: What is done to it

    /// Reads one of the board's files, by its path below `systemRoot`.
    public func read(_ path: String) throws -> String { try KernelFile.read(systemRoot + path) }

    /// Writes one of the board's files as somebody with a shell would.
    public func write(_ path: String, _ text: String) throws { try KernelFile.write(text, to: systemRoot + path) }

    public func inject(_ fault: BoardFault) { _ = board { $0.inject(fault) } }
    public func heal(_ fault: BoardFault) { _ = board { $0.heal(fault) } }
    public func setAmbient(_ ambientC: Double) { _ = board { $0.setAmbient(ambientC) } }
    public func heat(to temperatureC: Double) { _ = board { $0.heat(to: temperatureC) } }

    public func setMemory(bytes: Int) throws {
        try host.group.setMemory(bytes: bytes)
        _ = board { $0.setMemory(bytes) }
    }

    // MARK: The disk

    public var stateDirectory: String { "\(folder)/state" }

    /// Gives the agent's state a disk of its own, before the agent is started; then also another size.
    public func setDisk(bytes: Int) throws {
        try FileBytes.makeFolder(stateDirectory)
        let again = disk.withLock { $0 } == nil ? 0 : UInt(MS_REMOUNT)
        let options = "size=\(bytes),mode=0755"
        guard mount("lamella-testbed", stateDirectory, "tmpfs", UInt(MS_NOSUID) | again, options) == 0 else {
            throw TestbedError("cannot mount a disk of \(bytes) bytes at \(stateDirectory)", code: errno)
        }
        disk.withLock { $0 = bytes }
    }

    /// Writes until the disk takes no more.
    public func fillDisk() throws {
        guard disk.withLock({ $0 }) != nil else { throw TestbedError("\(node) has no disk of its own; use setDisk") }
        let descriptor = open(fillerPath, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw TestbedError("cannot write \(fillerPath)", code: errno) }
        defer { close(descriptor) }
        let zeros = [UInt8](repeating: 0, count: 4096)
        while Glibc.write(descriptor, zeros, zeros.count) > 0 {}
        guard errno == ENOSPC else { throw TestbedError("cannot fill \(fillerPath)", code: errno) }
    }

    public func freeDisk() { unlink(fillerPath) }

    private var fillerPath: String { "\(stateDirectory)/filler" }

    // MARK: Processes

    /// Starts a program as one of the board's: in its network, within its limits.
    public func start(
        _ program: String, _ arguments: [String], standardError: ChildOptions.StandardError = .lines
    ) async throws -> ChildProcess {
        // The shell joins the groups, and what it becomes stays in them.
        let pinned = hardware.processorNumber.map { "taskset --cpu-list \($0) " } ?? ""
        let script =
            "\(host.group.joining) && exec \(pinned)nsenter --net='/run/netns/\(namespace)' -- \"$0\" \"$@\""
        return try await ChildProcess.start(
            ChildOptions(
                program: "/bin/sh", arguments: ["-c", script, program] + arguments, standardError: standardError),
            group: MultiThreadedEventLoopGroup.singleton)
    }

    /// Starts the board's agent, also again after it was killed: it finds its state.
    public func startAgent() async throws {
        if let running = agentProcess, running.exit == nil { return }
        let process = try await start(program, ["agent", "--config", configurationPath], standardError: .file(logPath))
        agent.withLock { $0 = process }
        // Nobody reads what an agent prints, but a full pipe would stop it.
        Task { for await _ in process.events {} }
    }

    /// Kills the agent without notice, its runner with it, and returns when it is gone.
    public func killAgent() async {
        guard let process = agentProcess else { return }
        process.send(signal: Int(SIGKILL))
        _ = await process.waitForExit()
        agent.withLock { $0 = nil }
    }

    /// Asks the agent to end; nil where none runs.
    func stopAgent(grace: Duration) async -> ChildExit? {
        guard let process = agentProcess else { return nil }
        // One that was stopped would not hear it.
        process.send(signal: Int(SIGCONT))
        let exit = await process.terminate(grace: grace)
        agent.withLock { $0 = nil }
        return exit
    }

    /// Process ids of the board's children of the agent whose first argument is this: `runner`, `plan`.
    public func processes(running command: String) -> [Int] {
        host.group.processes().filter { process in
            let line = (try? KernelFile.read("/proc/\(process)/cmdline")) ?? ""
            return line.split(separator: "\0").dropFirst().first.map(String.init) == command
        }
    }

    /// The most that a process ever had in memory, in bytes (`VmHWM`); nil where it is gone.
    public static func peakResidentBytes(of process: Int) -> Int? {
        let text = (try? KernelFile.read("/proc/\(process)/status")) ?? ""
        for line in text.split(separator: "\n") where line.hasPrefix("VmHWM:") {
            let fields = line.split { $0 == " " || $0 == "\t" }
            return fields.count > 1 ? Int(fields[1]).map { $0 * 1024 } : nil
        }
        return nil
    }

    /// - Throws: `TestbedError` where there is no such process.
    public func act(_ action: ScenarioEvent.ProcessAction) async throws {
        switch action {
        case .killAgent: await killAgent()
        case .startAgent: try await startAgent()
        case .stopAgent: agentProcess?.send(signal: Int(SIGSTOP))
        case .continueAgent: agentProcess?.send(signal: Int(SIGCONT))
        case .killRunner: try signalRunners(SIGKILL)
        case .stopRunner: try signalRunners(SIGSTOP)
        case .continueRunner: try signalRunners(SIGCONT)
        }
    }

    private func signalRunners(_ number: Int32) throws {
        let runners = processes(running: "runner")
        guard !runners.isEmpty else { throw TestbedError("no runner runs on \(node)") }
        for runner in runners { kill(pid_t(runner), number) }
    }

    func unmount() {
        // A thread that waits would never let go of the files.
        heal(.hangs)
        files.unmount()
        if disk.withLock({ $0 }) != nil { umount2(stateDirectory, Int32(MNT_DETACH)) }
    }
}
