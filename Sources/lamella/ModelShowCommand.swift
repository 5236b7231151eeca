import ArgumentParser
import JSON
import ModelGraph
import ONNXImport

struct ModelShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show layers, cut points, FLOP, weights and memory of an ONNX file.",
        discussion: """
            Reads the graph only: the weights need not be there. A layer is a run of operators between two points \
            that a single tensor crosses; "memory" is its weights and its largest sum of live activations. \
            FLOP is twice the multiply-accumulates, biases included.

            EXAMPLES
              lamella model show alexnet.onnx
              lamella model show resnet50.onnx --granularity operator
              lamella model show resnet50.onnx --json
            """)

    @Argument(help: ArgumentHelp("The model.", valueName: "file.onnx"), completion: .file(extensions: ["onnx"]))
    var file: String

    @Option(
        name: .long,
        help: """
            operator: a layer between every two neighbouring cut points. \
            layer: from one convolution or linear operator to the next.
            """)
    var granularity: LayerGranularity = .layer

    @Flag(name: .long, help: "Print JSON.")
    var json = false

    func run() throws {
        let report = ModelReport(try ImportedModel.load(path: file), granularity: granularity)
        print(json ? try JSON.encode(report, pretty: true) : report.text)
    }
}
