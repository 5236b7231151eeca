import Board
import Costs
import Estimator
import JSON
import ModelGraph
import ONNXImport
import Runtime
import Sharing

/// What `lamella profile --operators` says at its end.
struct OperatorProfileReport: Encodable {
    struct LeftOut: Encodable {
        var name: String
        var reason: String

        enum CodingKeys: String, CodingKey { case name, reason }
    }

    var model: String
    var output: String
    var measured = 0
    /// In the file before.
    var measuredBefore = 0
    /// Neither measured nor left out: the measurement was stopped.
    var left = 0
    var leftOut: [LeftOut] = []

    enum CodingKeys: String, CodingKey {
        case model, output, measured, left
        case measuredBefore = "measured_before"
        case leftOut = "left_out"
    }

    var text: String {
        "\(model): \(measured) parts of operators measured, \(measuredBefore) before, \(left) left, "
            + "\(leftOut.count) left out; rows in \(output)\n"
    }
}

extension ProfileCommand {
    /// Rows of compute traces, as `lamella estimator train` takes them.
    func measureOperators(_ stop: StopSignal) throws -> Bool {
        let imported = try ImportedModel.load(path: model ?? "")
        let name = ModelFile.name(model ?? "")
        let folder = output ?? "\(name)-traces"
        try FileBytes.makeFolder(folder)
        let weights = folder + "/lamella-weights"
        defer { TemporaryFolder.remove(weights) }
        let runtime = try OnnxRuntime.load()
        let loader = try BundleLoader(
            model: imported, granularity: .layer, folder: weights, threads: threads, runtime: runtime)
        let shared = SharedGraph(loader.graph)
        let shares = OperatorShare.all(of: shared)
        guard !shares.isEmpty else {
            throw ConfigurationError("\(name) has no convolution or linear operator, and traces know no others")
        }
        let file = folder + "/" + TraceKind.compute.usualFileName
        let log = try TraceLog(
            file, kind: .compute,
            comment: "parts of operators of \(name), \(threads) threads, ONNX Runtime \(runtime.version)")
        let profiler = OperatorProfiler(loader: loader, samples: samples) { stop.isRaised }
        var report = OperatorProfileReport(model: name, output: file)
        let line = ProgressLine()
        defer { line.end() }
        for (index, share) in shares.enumerated() {
            if stop.isRaised {
                report.left = shares.count - index
                break
            }
            guard !log.rows.contains(share.row) else {
                report.measuredBefore += 1
                continue
            }
            line.show("part \(index + 1) of \(shares.count)")
            do {
                let part = SegmentPart(position: share.position, region: share.region)
                guard let timeS = try profiler.measureS(part, of: shared) else {
                    report.left = shares.count - index
                    break
                }
                try log.append(share.row, timeS: timeS)
                report.measured += 1
            } catch let error as FileError {
                throw error
            } catch {
                let operatorName = loader.graph.operators[share.position].name
                report.leftOut.append(.init(name: operatorName, reason: "\(error)"))
                StandardError.say("\(operatorName) \(share.region): left out: \(error)")
            }
        }
        line.end()
        print(json ? try JSON.encode(report, pretty: true) : report.text, terminator: json ? "\n" : "")
        return report.left == 0 && report.leftOut.isEmpty
    }
}
