import ArgumentParser
import JSON
import ModelGraph
import ONNXImport
import Planning

/// `lamella order`: in which order a model's operators need least memory.
struct OrderCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "order",
        abstract: "Find the order of a model's operators that needs least memory.",
        discussion: """
            Operators that do not need each other may run in any order, and the order decides which tensors live at \
            the same time. Of the orders with the least peak the one of least area is taken: the sum of what lives in \
            each step. Weights are apart. Beside it stand random orders, PEFT and Greedy, which do not look at \
            memory, and the published search BTSearch.

            EXAMPLES
              lamella order googlenet.onnx
              lamella order googlenet.onnx --svg memory.svg
              lamella order ssdlite320.onnx --states 1000000 --level-width 50000
              lamella order googlenet.onnx --json
            """)

    @Argument(
        help: ArgumentHelp("The model. Its weights need not be there.", valueName: "file.onnx"),
        completion: .file(extensions: ["onnx"]))
    var model: String

    @Option(
        name: .customLong("random"), parsing: .unconditional,
        help: ArgumentHelp("Random orders that are drawn.", valueName: "count"))
    var randomCount = RandomOrders.usualCount

    @Option(parsing: .unconditional, help: ArgumentHelp("Seed of the random orders.", valueName: "number"))
    var seed: UInt64 = 1

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("States of one part after which the exact search narrows.", valueName: "count"))
    var states = ExactOrder.Limits.usualPartStates

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("States that the exact search keeps of one level.", valueName: "count"))
    var levelWidth = ExactOrder.Limits.usualLevelWidth

    @Option(
        parsing: .unconditional, help: ArgumentHelp("Steps after which BTSearch ends.", valueName: "count"))
    var steps = BacktrackingOrder.usualSteps

    @Option(help: ArgumentHelp("Draw memory over the steps; - is standard output.", valueName: "file"))
    var svg: String?

    @Flag(help: "Print JSON.")
    var json = false

    /// More would need more memory than boards have.
    private static let maximumCount = 100_000_000

    func validate() throws {
        for (option, value) in [
            ("--random", randomCount), ("--states", states), ("--level-width", levelWidth), ("--steps", steps),
        ] where !(1...Self.maximumCount).contains(value) {
            throw ValidationError("\(option) \(value): give a number from 1 to \(Self.maximumCount)")
        }
        guard !(json && svg == "-") else {
            throw ValidationError("--json and --svg - both want standard output; give --svg a file")
        }
    }

    func run() throws {
        let imported = try ImportedModel.load(path: model)
        var settings = OrderComparison.Settings()
        settings.randomCount = randomCount
        settings.seed = seed
        settings.limits = ExactOrder.Limits(levelWidth: levelWidth, partStates: states)
        settings.backtrackingSteps = steps
        let clock = ContinuousClock()
        let start = clock.now
        let name = model.split(separator: "/" as Character).last.map(String.init) ?? model
        let comparison = try OrderComparison(imported.graph, model: name, settings: settings) { clock.now - start }
        if let svg { try FileText.write(comparison.chart.svg, to: svg) }
        if json {
            print(try JSON.encode(comparison, pretty: true))
        } else if svg != "-" {
            print(comparison.text, terminator: "")
        }
    }
}
