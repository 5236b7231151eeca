import Board
import Costs

/// How fast a board computes and moves memory, and what its runner holds before any weight: measured once in a process
/// of its own (`lamella runner --measure-board`) and kept beside the board's state.
public struct BoardSpeed: Codable, Sendable, Equatable {
    public static let schema = "lamella/board-speed/2"
    /// Older figures are measured anew at the next start.
    public static let maximumAgeS = 30.0 * 86_400
    /// Bytes of each array of the bandwidth's loops: beyond the caches of a small board, and soon done.
    public static let arrayBytes = 16 << 20
    public static let bandwidthRepetitions = 3
    /// Of each of the two operators, the runs that are begun.
    public static let maximumMeasureTime: Duration = .seconds(1)
    /// What a runner holds of its own program once it has peers and requests, which a process that only measures never
    /// touches. Measured on x86-64.
    public static let bytesOfTransport = 6 << 20
    /// Files of the kernel answer within milliseconds, or something hangs and they may never do.
    public static let maximumReadTime: Duration = .seconds(2)

    public var schema: String
    /// Of ``ProcessorSpeed``, at the clock that the governor chose.
    public var flops: Double
    /// Of STREAM's triad; nil where too little memory was free, or nobody said how much.
    public var memoryBandwidthBytesPerS: Double?
    /// Resident in a runner that has run a model, without weights and activations; nil where the kernel does not tell.
    public var runtimeBytes: Int?
    public var threads: Int
    /// What the figures hold for: the processor, its cores, the memory, the library, the threads. Nil where the
    /// kernel's files did not answer; such figures hold until the process ends.
    public var fingerprint: String?
    /// RFC 3339 UTC.
    public var measuredAt: String

    enum CodingKeys: String, CodingKey {
        case schema, flops, threads, fingerprint
        case memoryBandwidthBytesPerS = "memory_bandwidth_bytes_per_s"
        case runtimeBytes = "runtime_bytes"
        case measuredAt = "measured_at"
    }

    /// Measures. Blocks for a second or three, and takes one core for that time; two seconds more where the files below
    /// the root do not answer.
    ///
    /// - Parameter nowS: seconds since 1970.
    public static func measure(threads: Int, root: SystemRoot, nowS: Double) throws -> BoardSpeed {
        let runtime = try OnnxRuntime.load()
        let speed = try ProcessorSpeed.measure(runtime, threads: threads, within: maximumMeasureTime)
        HeapMemory.release()
        let runtimeBytes = ProcessMemory.residentBytes().map { $0 + bytesOfTransport }
        let facts = root.answer(within: maximumReadTime) { root in
            let available = (try? root.text("/proc/meminfo", maximumBytes: SystemRoot.maximumProcBytes))
                .flatMap { BoardMemory.parse(meminfo: $0)?.availableBytes }
            return (
                fingerprint: fingerprint(threads: threads, root: root),
                arrayBytes: MemoryBandwidth.arrayBytes(
                    cacheBytes: MemoryBandwidth.cacheBytes(root), availableBytes: available)
            )
        }
        let bandwidth = facts?.arrayBytes.map {
            MemoryBandwidth.measure(
                arrayBytes: min($0, arrayBytes), threads: threads, repetitions: bandwidthRepetitions)
        }
        return BoardSpeed(
            schema: schema, flops: speed.flops, memoryBandwidthBytesPerS: bandwidth?.triadBytesPerS,
            runtimeBytes: runtimeBytes, threads: threads, fingerprint: facts?.fingerprint,
            measuredAt: UTCTime.string(secondsSince1970: nowS))
    }

    /// Cheap: reads a few files of the kernel.
    public static func fingerprint(threads: Int, root: SystemRoot) -> String {
        func text(_ path: String) -> String? { try? root.text(path, maximumBytes: SystemRoot.maximumProcBytes) }
        let processors = (text("/proc/cpuinfo") ?? "").split(separator: "\n")
        func first(_ key: String) -> String? {
            processors.first { $0.hasPrefix(key) }
                .flatMap { line in line.split(separator: ":" as Character).last.map { String($0) } }
                .map { $0.split(separator: " ").joined(separator: " ") }
        }
        let name = first("model name") ?? first("Model") ?? first("CPU part") ?? "unknown processor"
        let count = processors.count { $0.hasPrefix("processor") }
        let memory = text("/proc/meminfo").flatMap { BoardMemory.parse(meminfo: $0)?.totalBytes } ?? 0
        let library = NativeLibrary.candidates(named: "libonnxruntime.so.*").first ?? "none"
        return "\(name); \(count) cores; \(memory >> 20) MiB; \(library); \(threads) threads"
    }

    /// Do the figures still hold?
    ///
    /// - Parameter fingerprint: of the board now; nil: its files do not answer.
    public func holds(fingerprint: String?, nowS: Double) -> Bool {
        guard schema == Self.schema, let fingerprint, fingerprint == self.fingerprint,
            let measuredS = UTCTime.secondsSince1970(measuredAt)
        else { return false }
        // A clock that went back says nothing of the age.
        return nowS - measuredS < Self.maximumAgeS
    }
}
