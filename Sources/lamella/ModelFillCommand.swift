import ArgumentParser
import JSON
import ONNXImport

struct ModelFillCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fill",
        abstract: "Give a model without weights seeded random ones, so that it can run.",
        discussion: """
            Writes a copy of the model and its data files into a folder. The same model and seed give the same bytes \
            on every machine. Weights are drawn so that activations keep their scale; results mean nothing, but they \
            can be compared. Data files that exist are not written over.

            EXAMPLES
              lamella model fill resnet50.onnx --output filled --seed 1
              lamella model fill resnet50.onnx --output filled --json
            """)

    @Argument(help: ArgumentHelp("The model.", valueName: "file.onnx"), completion: .file(extensions: ["onnx"]))
    var file: String

    @Option(name: .long, help: ArgumentHelp("Where the filled model goes.", valueName: "folder"))
    var output: String

    @Option(name: .long, help: ArgumentHelp("The seed of the weights.", valueName: "number"))
    var seed: UInt64 = 1

    @Flag(name: .long, help: "Print JSON.")
    var json = false

    func validate() throws {
        guard !output.isEmpty else { throw ValidationError("--output names no folder") }
    }

    private struct Report: Encodable {
        struct DataFile: Encodable {
            let path: String
            let bytes: Int
        }

        let model: String
        let seed: UInt64
        let tensors: Int
        let data: [DataFile]
    }

    func run() throws {
        let filled = try ImportedModel.load(path: file).fillWeights(seed: seed, into: output)
        if json {
            let report = Report(
                model: filled.graphFile, seed: seed, tensors: filled.tensors,
                data: filled.dataFiles.map { .init(path: $0.path, bytes: $0.byteCount) })
            print(try JSON.encode(report, pretty: true))
        } else {
            print("\(filled.graphFile): \(filled.tensors) tensors filled from seed \(seed)")
            for data in filled.dataFiles { print("\(data.path)  \(Readable.bytes(data.byteCount))") }
        }
    }
}
