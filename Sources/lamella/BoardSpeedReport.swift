import Runtime

/// What `lamella profile --board` says.
struct BoardSpeedReport: Encodable {
    struct Point: Encodable {
        /// Nil where the clock is left as it is.
        var frequencyHz: Double?
        var convolutionFlops: Double
        var matrixFlops: Double
        /// The work of both over the time of both.
        var flops: Double
        var copyBytesPerS: Double
        var scaleBytesPerS: Double
        var addBytesPerS: Double
        var triadBytesPerS: Double

        enum CodingKeys: String, CodingKey {
            case flops
            case frequencyHz = "frequency_hz"
            case convolutionFlops = "convolution_flops"
            case matrixFlops = "matrix_flops"
            case copyBytesPerS = "copy_bytes_per_s"
            case scaleBytesPerS = "scale_bytes_per_s"
            case addBytesPerS = "add_bytes_per_s"
            case triadBytesPerS = "triad_bytes_per_s"
        }
    }

    struct LeftOut: Encodable {
        var frequencyHz: Double
        var reason: String

        enum CodingKeys: String, CodingKey {
            case reason
            case frequencyHz = "frequency_hz"
        }
    }

    var device: String
    var threads: Int
    var onnxRuntime: String
    /// Are the arrays at least four times the last cache, as STREAM asks? (nil: the cache is unknown)
    var isCacheCovered: Bool?
    /// Of each of the three arrays; nil until measured.
    var arrayBytes: Int?
    /// By rising clock.
    var points: [Point] = []
    var leftOut: [LeftOut] = []

    enum CodingKeys: String, CodingKey {
        case device, threads, points
        case onnxRuntime = "onnx_runtime"
        case isCacheCovered = "is_cache_covered"
        case arrayBytes = "array_bytes"
        case leftOut = "left_out"
    }

    init(device: String, threads: Int, onnxRuntime: String, isCacheCovered: Bool?) {
        self.device = device
        self.threads = threads
        self.onnxRuntime = onnxRuntime
        self.isCacheCovered = isCacheCovered
    }

    mutating func add(_ speed: ProcessorSpeed, _ memory: MemoryBandwidth, at frequencyHz: Double?) {
        arrayBytes = memory.arrayBytes
        points.append(
            Point(
                frequencyHz: frequencyHz, convolutionFlops: speed.convolutionFlops, matrixFlops: speed.matrixFlops,
                flops: speed.flops, copyBytesPerS: memory.copyBytesPerS, scaleBytesPerS: memory.scaleBytesPerS,
                addBytesPerS: memory.addBytesPerS, triadBytesPerS: memory.triadBytesPerS))
        points.sort { $0.frequencyHz ?? 0 < $1.frequencyHz ?? 0 }
    }

    mutating func leaveOut(_ frequencyHz: Double, _ reason: String) {
        leftOut.append(LeftOut(frequencyHz: frequencyHz, reason: reason))
    }

    var sentences: [String] {
        var sentences = leftOut.map { "\(Readable.hertz($0.frequencyHz)) is left out: \($0.reason)" }
        if isCacheCovered == false {
            sentences.append(
                "the arrays are smaller than four times the last cache, so that the memory bandwidth may be too high")
        }
        return sentences
    }

    /// A table for people as comments, then the lines for agent.toml: all of it may be pasted there.
    var text: String {
        guard let best = points.last else { return "# nothing was measured" }
        var table = TextTable([
            ("CLOCK", .right), ("CONVOLUTION", .right), ("MATRIX", .right), ("BOTH", .right), ("COPY", .right),
            ("SCALE", .right), ("ADD", .right), ("TRIAD", .right),
        ])
        for point in points {
            table.add(
                [point.frequencyHz.map { Readable.hertz($0) } ?? "as it is"]
                    + [point.convolutionFlops, point.matrixFlops, point.flops].map { Readable.flops($0) }
                    + [point.copyBytesPerS, point.scaleBytesPerS, point.addBytesPerS, point.triadBytesPerS]
                    .map { Readable.bytesPerSecond($0) })
        }
        let threads = "\(threads) thread\(threads == 1 ? "" : "s")"
        let how =
            "measured with \(threads), ONNX Runtime \(onnxRuntime), three arrays of \(Readable.bytes(arrayBytes ?? 0))"
        var lines = table.text.split(separator: "\n").map { "# \($0)" } + ["# \(how)"]
        // Of [[device]]; the memory moves as fast as at the highest clock, of which a device has one figure only.
        lines += [
            "[[device]]", "id = \"\(device)\"", "flops = \(Self.figure(best.flops))",
            "memory_bandwidth_bytes_per_s = \(Self.figure(best.triadBytesPerS))",
        ]
        for point in points {
            guard let frequencyHz = point.frequencyHz else { continue }
            lines += [
                "[[device.operating_point]]", "frequency_hz = \(Self.figure(frequencyHz))",
                "flops = \(Self.figure(point.flops))",
            ]
        }
        return lines.joined(separator: "\n")
    }

    /// Whole units are more than exact.
    private static func figure(_ value: Double) -> String { "\(value.rounded())" }
}
