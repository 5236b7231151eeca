import Agent
import ArgumentParser
import Board
import Cluster
import Costs
import JSON
import NIOPosix

struct InferCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "infer",
        abstract: "Run inputs through the cluster and measure it.",
        discussion: """
            Each row of the input is one request (--rows for a model that takes several). Requests enter at the \
            source board of the model, which the broker names, and are repeated under the same id if the connection \
            is lost, so that each is answered once. A --front-door that does not answer at all is an error at once.

            EXIT CODES
              0  every request was answered
              1  a request failed, or there was nothing to send it to

            EXAMPLES
              lamella infer digits --input test_images.npy --labels test_labels.npy
              lamella infer resnet50 --input image.npy --output scores.npy
              lamella infer digits --input test_images.npy --repeat 10 --concurrency 4 --json
              lamella infer digits --input image.npy --front-door 192.168.1.7:8080
            """)

    /// Of one .npy file.
    static let maximumFileBytes = 4 << 30

    @Argument(help: "Name of the model in the cluster.")
    var model: String

    @Option(name: .long, help: ArgumentHelp("Inputs, first axis first.", valueName: "x.npy"), completion: .file())
    var input: String

    @Option(name: .long, help: ArgumentHelp("Where the outputs go, joined.", valueName: "y.npy"), completion: .file())
    var output: String?

    @Option(name: .long, help: ArgumentHelp("The right class of each row.", valueName: "l.npy"), completion: .file())
    var labels: String?

    @Option(name: .long, help: "Send everything so many times.")
    var `repeat` = 1

    @Option(name: .long, help: "Requests under way at a time.")
    var concurrency = 1

    @Option(name: .long, help: "Rows in one request: the first axis that the model takes.")
    var rows = 1

    @Option(name: .long, help: ArgumentHelp("For one request, with its repetitions.", valueName: "seconds"))
    var deadline: Double = 60

    @OptionGroup var options: FrontDoorOptions

    @Flag(name: .long, help: "Print JSON.")
    var json = false

    func validate() throws {
        guard (1...1_000_000).contains(`repeat`) else { throw ValidationError("--repeat must be 1 to 1000000") }
        guard (1...1024).contains(concurrency) else { throw ValidationError("--concurrency must be 1 to 1024") }
        guard rows >= 1 else { throw ValidationError("--rows must be at least 1") }
        guard deadline > 0, deadline <= 86_400 else {
            throw ValidationError("--deadline must be above 0 and at most 86400")
        }
        do {
            try Route.modelName(model)
        } catch {
            throw ValidationError(error.description)
        }
    }

    func run() async throws {
        let inputs = try TensorRequests.split(try await Self.read(input), rows: rows)
        let expected = try await readLabels(count: inputs.count * rows)
        if let output { try await NIOThreadPool.singleton.runIfActive { try FileBytes.checkWritable(output) } }
        let endpoint = try await options.endpoint(forModel: model)
        // Requests are repeated while a board that was there restarts; one that never answered is said at once.
        if options.frontDoor != nil { try await InferenceClient.checkReachable(endpoint) }
        let clock = ContinuousClock()
        let start = clock.now
        let outcomes = try await send(inputs, to: endpoint)
        var report = InferenceReport(
            model: model, frontDoor: endpoint.description, outcomes: outcomes, wallS: (clock.now - start).inSeconds)
        try report.score(outcomes, expected: expected, rows: rows)
        if let output { try await write(outcomes.prefix(inputs.count), to: output) }
        print(json ? try JSON.encode(report, pretty: true) : report.text)
        if report.answered < report.requests { throw ExitCode.failure }
    }

    /// Sends one request, and where that is answered the others: a wrong shape, an unknown model or a board that is
    /// not there is then said once.
    private func send(_ inputs: [NPYArray], to endpoint: Endpoint) async throws -> [InferenceClient.Outcome] {
        // A client of its own for each call: ids are made of the client's and the position.
        func client() -> InferenceClient {
            InferenceClient(endpoint: endpoint, model: model, concurrency: concurrency, deadline: .seconds(deadline))
        }
        let first = await client().run([inputs[0]])
        if case .failure(let error) = first[0].result { throw error }
        let total = inputs.count * `repeat`
        let progress = ProgressLine()
        var others = await client().run((1..<total).map { inputs[$0 % inputs.count] }) { done in
            progress.show("\(done + 1) of \(total) requests done")
        }
        progress.end()
        for position in others.indices { others[position].index += 1 }
        return first + others
    }

    private func readLabels(count: Int) async throws -> [Int]? {
        guard let labels else { return nil }
        let values = try TensorRequests.labels(try await Self.read(labels))
        guard values.count == count else {
            throw NPYError("\(labels) has \(values.count) labels, but \(input) has \(count) rows")
        }
        return values
    }

    /// The outputs of the first round; where one is missing nothing is written, since rows could not be told apart.
    private func write(_ outcomes: some Collection<InferenceClient.Outcome>, to path: String) async throws {
        var parts: [NPYArray] = []
        for outcome in outcomes {
            guard case .success(let answer) = outcome.result else {
                throw NPYError("\(path) is not written, because request \(outcome.index) was not answered")
            }
            parts.append(answer.output)
        }
        let whole = parts.count == 1 ? parts[0] : try NPYArray.concatenated(parts)
        try await NIOThreadPool.singleton.runIfActive { try FileBytes.writeDurably(whole.encoded(), to: path) }
    }

    private static func read(_ path: String) async throws -> NPYArray {
        try await NIOThreadPool.singleton.runIfActive {
            try NPYArray(parsing: FileBytes.read(path, maximumBytes: maximumFileBytes), name: path)
        }
    }
}
