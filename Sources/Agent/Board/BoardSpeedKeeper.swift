import Board
import ChildProcesses
import Cluster
import Costs
import JSON
import NIOCore
import NIOPosix
import Runtime

/// The board's measured speed: kept in the state directory, measured by a child process where it is missing or old.
package struct BoardSpeedKeeper: Sendable {
    static let name = "board-speed.json"
    /// A board that is busy with something else gives no figure that is worth more waiting.
    package static let timeout: TimeAmount = .seconds(60)
    static let maximumFileBytes = 1 << 16
    /// Everything else comes first.
    static let niceLevel = 10

    var program: String
    var stateDirectory: String
    var systemRoot: String
    var threads: Int
    var group: any EventLoopGroup

    package init(
        program: String, stateDirectory: String, systemRoot: String, threads: Int, group: any EventLoopGroup
    ) {
        self.program = program
        self.stateDirectory = stateDirectory
        self.systemRoot = systemRoot
        self.threads = threads
        self.group = group
    }

    private var path: String { "\(stateDirectory)/\(Self.name)" }

    private static func kept(_ path: String) -> BoardSpeed? {
        guard FileBytes.exists(path), let bytes = try? FileBytes.read(path, maximumBytes: maximumFileBytes) else {
            return nil
        }
        return try? JSON.decode(BoardSpeed.self, from: bytes)
    }

    /// What an agent measured and kept, whether it still holds or not; nil: nothing that can be read. Blocks.
    package static func kept(stateDirectory: String) -> BoardSpeed? { kept("\(stateDirectory)/\(name)") }

    /// What was measured before on this hardware, or now.
    ///
    /// - Throws: one sentence that says why there is no figure.
    package func speed() async throws -> BoardSpeed {
        let (path, root, threads) = (path, SystemRoot(path: systemRoot), threads)
        let nowS = WallClock.secondsSince1970
        let kept = try await NIOThreadPool.singleton.runIfActive { () -> BoardSpeed? in
            let fingerprint = root.answer(within: BoardSpeed.maximumReadTime) { root in
                BoardSpeed.fingerprint(threads: threads, root: root)
            }
            guard let speed = Self.kept(path) else { return nil }
            return speed.holds(fingerprint: fingerprint, nowS: nowS) ? speed : nil
        }
        if let kept { return kept }
        let bytes = try await measure()
        let speed = try JSON.decode(BoardSpeed.self, from: bytes)
        // Of what board it is, and whether it replaces a better one, nobody can say.
        guard speed.fingerprint != nil else { return speed }
        try await NIOThreadPool.singleton.runIfActive { try FileBytes.writeDurably(bytes, to: path) }
        return speed
    }

    private func measure() async throws -> [UInt8] {
        let child = try await ChildProcess.start(
            ChildOptions(
                program: program,
                arguments: [
                    "runner", "--measure-board", "--node", "-", "--state-directory", stateDirectory, "--threads",
                    "\(threads)", "--system-root", systemRoot,
                ],
                niceLevel: Self.niceLevel, standardError: .lines),
            group: group)
        child.closeInput()
        let limit = group.next().scheduleTask(in: Self.timeout) { child.send(signal: 9) }
        defer { limit.cancel() }
        return try await withTaskCancellationHandler {
            var output: [UInt8] = []
            var errors: [String] = []
            var exit: ChildExit?
            for await event in child.events {
                switch event {
                case .line(let line): output = line
                case .errorLine(let line): errors.append(String(decoding: line.prefix(300), as: UTF8.self))
                case .exited(let status): exit = status
                case .lineTooLong, .outputEnded: break
                }
            }
            guard exit == .code(0), !output.isEmpty else {
                throw ConfigurationError(
                    "the board's speed was not measured: the measurement ended with "
                        + (exit.map { "\($0)" } ?? "no code") + (errors.last.map { " (\($0))" } ?? "")
                        + "; state flops and memory_bandwidth_bytes_per_s, "
                        + "or see lamella profile --board")
            }
            return output
        } onCancel: {
            child.send(signal: 9)
        }
    }
}

extension BoardSpeed {
    /// A device with what was measured in place of what nobody stated.
    package func completing(_ device: Device, _ unstated: Set<AgentConfiguration.MeasurableFigure>) -> Device {
        var device = device
        if unstated.contains(.flops) { device.flops = flops }
        if unstated.contains(.memoryBandwidth), let memoryBandwidthBytesPerS {
            device.memoryBandwidthBytesPerS = memoryBandwidthBytesPerS
        }
        // A board that offers less than that serves something else than ONNX Runtime, or pretends to be small.
        if let runtimeBytes { device.runtimeBytes = device.runtimeBytes ?? runtimeBytes }
        return device
    }
}

extension Agent {
    /// Looks for the board's speed, aside; the answer comes back through the mailbox.
    func lookForSpeed() {
        let needed = configuration.device.contains { device in
            device.runtimeBytes == nil || configuration.unstated[device.id] != nil
        }
        guard needed, speedTask == nil else { return }
        let keeper = BoardSpeedKeeper(
            program: program, stateDirectory: configuration.stateDirectory,
            systemRoot: configuration.board.systemRoot, threads: configuration.runner.threads, group: group)
        speedTask = Task { [mailbox] in
            do {
                let speed = try await keeper.speed()
                mailbox.post(.boardMeasured(.success(speed)))
            } catch {
                mailbox.post(.boardMeasured(.failure(ConfigurationError("\(error)"))))
            }
        }
    }

    func take(_ result: Result<BoardSpeed, ConfigurationError>) async {
        switch result {
        case .failure(let error): logger.warning("\(error)")
        case .success(let speed):
            boardSpeed = speed
            await feed(.capabilitiesChanged(capabilities()))
        }
    }

    /// Devices with what was measured of them, and where their figures are from.
    func measuredDevices() -> (devices: [Device], sources: [SpeedSource]?) {
        var sources: [SpeedSource] = []
        let devices = offered.map { device in
            let unstated = configuration.unstated[device.id] ?? []
            guard let boardSpeed else {
                if !unstated.isEmpty {
                    sources.append(
                        SpeedSource(device: device.id, figures: unstated.map(\.rawValue).sorted(), source: "assumed"))
                }
                return device
            }
            let measured = boardSpeed.completing(device, unstated)
            let unmeasured = boardSpeed.memoryBandwidthBytesPerS == nil ? unstated.intersection([.memoryBandwidth]) : []
            if !unmeasured.isEmpty {
                sources.append(
                    SpeedSource(device: device.id, figures: unmeasured.map(\.rawValue), source: "assumed"))
            }
            var figures = unstated.subtracting(unmeasured).map(\.rawValue)
            if device.runtimeBytes == nil, measured.runtimeBytes != nil {
                figures.append(AgentConfiguration.MeasurableFigure.runtimeBytes.rawValue)
            }
            if !figures.isEmpty {
                sources.append(
                    SpeedSource(
                        device: device.id, figures: figures.sorted(), source: "measured",
                        measuredAt: boardSpeed.measuredAt))
            }
            return measured
        }
        return (devices, sources.isEmpty ? nil : sources)
    }
}
