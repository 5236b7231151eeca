import ArgumentParser
import Glibc
import JSON
import MQTT
import Runtime

/// Measures the data plane: the runner against ONNX Runtime alone, the transport against iperf3.
struct BenchRuntimeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "runtime", abstract: "Measure the runner and the transport on this machine.",
        shouldDisplay: false)

    @Option(help: "A model with weights, in ONNX.")
    var model: String

    @Option(help: "A folder for the model's weights; it grows by the model's size.")
    var folder = "/tmp/lamella-bench"

    @Option(help: "Inferences of each kind, in turn; medians are printed.")
    var repeats = 30

    @Option(help: "Transfers over loopback of each kind, in turn; medians are printed.")
    var transfers = 5

    @Option(help: "Megabytes of one transfer.")
    var megabytes = 4000

    @Flag(help: "Print JSON.")
    var json = false

    private struct Result: Encodable {
        var model: String
        var repeats: Int
        var directS: Double
        var runnerS: Double
        var segmentS: Double
        var ratio: Double
        var transfers: Int
        var transportBytesPerS: Double
        /// Nil where iperf3 is not installed.
        var iperf3BytesPerS: Double?
        var transportRatio: Double?

        enum CodingKeys: String, CodingKey {
            case model, ratio, repeats, transfers
            case directS = "direct_s"
            case runnerS = "runner_s"
            case segmentS = "segment_s"
            case transportBytesPerS = "transport_bytes_per_s"
            case iperf3BytesPerS = "iperf3_bytes_per_s"
            case transportRatio = "transport_ratio"
        }
    }

    func run() async throws {
        let inference = try await RunnerBenchmark.run(modelPath: model, folder: folder, repeats: repeats)
        let tensorBytes = 4 << 20
        var rates: [Double] = []
        var references: [Double] = []
        for _ in 0..<transfers {
            rates.append(
                try await TransportBenchmark.run(
                    tensorBytes: tensorBytes, count: max(8, megabytes * 1_000_000 / tensorBytes)))
            if let reference = try Self.iperf3() { references.append(reference) }
        }
        let throughput = rates.sorted()[rates.count / 2]
        let reference: Double? = references.count == rates.count ? references.sorted()[references.count / 2] : nil
        let result = Result(
            model: model, repeats: repeats, directS: inference.directS, runnerS: inference.runnerS,
            segmentS: inference.segmentS, ratio: inference.ratio, transfers: transfers,
            transportBytesPerS: throughput, iperf3BytesPerS: reference,
            transportRatio: reference.map { throughput / $0 })
        print(json ? try JSON.encode(result, pretty: true) : Self.text(result))
    }

    func validate() throws {
        guard (1...100_000).contains(repeats), (1...1000).contains(transfers), (1...1_000_000).contains(megabytes)
        else { throw ValidationError("give 1 to 100000 repeats, 1 to 1000 transfers and 1 to 1000000 megabytes") }
    }

    private static func text(_ result: Result) -> String {
        func milliseconds(_ seconds: Double) -> String { "\((seconds * 1e5).rounded() / 100) ms" }
        func rate(_ bytesPerS: Double) -> String { "\((bytesPerS / 1e7).rounded() / 100) GB/s" }
        func ratio(_ value: Double) -> String { "\((value * 1000).rounded() / 1000)" }
        var lines = [
            "one board against ONNX Runtime alone: \(milliseconds(result.runnerS)) / \(milliseconds(result.directS)) "
                + "= \(ratio(result.ratio)); of it the segment \(milliseconds(result.segmentS)), "
                + "the way there and back \(milliseconds(result.runnerS - result.segmentS)) "
                + "(medians of \(result.repeats) pairs)"
        ]
        if let reference = result.iperf3BytesPerS, let share = result.transportRatio {
            lines.append(
                "transport against iperf3 on loopback: \(rate(result.transportBytesPerS)) / \(rate(reference)) "
                    + "= \(ratio(share)) (medians of \(result.transfers) pairs)")
        } else {
            lines.append("transport on loopback: \(rate(result.transportBytesPerS)) (iperf3 is not installed)")
        }
        return lines.joined(separator: "\n")
    }

    /// One stream over loopback for two seconds; bytes per second that were received. Nil where iperf3 is missing.
    private static func iperf3() throws -> Double? {
        let port = try LoopbackPort.free()
        // Nobody is told when the server listens; until then the client is refused, with success where it prints
        // JSON, and asks again.
        let script = """
            command -v iperf3 >/dev/null || exit 0
            iperf3 -s -1 -p \(port) >/dev/null 2>&1 & server=$!
            for attempt in 1 2 3 4 5 6 7 8 9 10; do
                answer=$(iperf3 -c 127.0.0.1 -p \(port) -t 2 -J 2>/dev/null)
                case $answer in *sum_received*) break ;; esac
                sleep 0.1
            done
            kill $server 2>/dev/null
            printf '%s' "$answer"
            """
        guard let text = output(of: script), let value = try? JSON.parse(text),
            case .object(let members) = value,
            case .object(let end)? = members.first(where: { $0.key == "end" })?.value,
            case .object(let received)? = end.first(where: { $0.key == "sum_received" })?.value
        else { return nil }
        switch received.first(where: { $0.key == "bits_per_second" })?.value {
        case .number(let bits): return bits / 8
        case .integer(let bits): return Double(bits) / 8
        default: return nil
        }
    }

    private static func output(of script: String) -> String? {
        guard let pipe = popen(script, "r") else { return nil }
        defer { pclose(pipe) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = fread(&buffer, 1, buffer.count, pipe)
            if count == 0 { break }
            bytes += buffer[..<count]
        }
        return String(validating: bytes, as: UTF8.self)
    }
}
