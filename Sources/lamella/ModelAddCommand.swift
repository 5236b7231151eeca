import Agent
import ArgumentParser
import JSON

struct ModelAddCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add",
        abstract: "Import an ONNX file into the cluster.",
        discussion: """
            The weights go to one board, each under the SHA-256 of its bytes; what the board has already is not sent \
            again, and an upload that was cut off goes on. Other boards fetch what a plan assigns to them. That board \
            is the model's source and destination: requests enter and results arrive there.

            EXAMPLES
              lamella model add digits.onnx
              lamella model add resnet50.onnx --name eyes --board camera --broker 192.168.1.5:1883
            """)

    @Argument(help: ArgumentHelp("The model.", valueName: "file.onnx"), completion: .file(extensions: ["onnx"]))
    var file: String

    @Option(name: .long, help: "Its name in the cluster; without it, the file's name without .onnx.")
    var name: String?

    @Option(name: .long, help: "The board that gets it; without it, the leader.")
    var board: String?

    @OptionGroup var options: FrontDoorOptions

    @Flag(name: .long, help: "Print the model's record as JSON.")
    var json = false

    var modelName: String { name ?? ModelName.of(path: file) }

    func validate() throws {
        do {
            try Route.modelName(modelName)
        } catch {
            throw ValidationError(error.description)
        }
    }

    func run() async throws {
        let endpoint = try await options.endpoint(ofBoard: board)
        let progress = ProgressLine()
        let record = try await ModelUploader(endpoint: endpoint).upload(path: file, name: modelName) { done, total in
            progress.show("\(Readable.bytes(done)) of \(Readable.bytes(total)) of weights are there")
        }
        progress.end()
        if json {
            print(try JSON.encode(record, pretty: true))
        } else {
            print(
                """
                model \(record.name), version \(record.version): weights \(Readable.bytes(record.weightBytes)), \
                graph \(record.graphSHA256.prefix(12)), at \(endpoint)
                """)
        }
    }
}
