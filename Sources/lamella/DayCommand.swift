import ArgumentParser
import Board
import Costs
import JSON
import Planning

/// `lamella day`: plans period by period over carbon traces.
struct DayCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "day",
        abstract: "Plan hour by hour over carbon traces, and hold the plans against simpler ones.",
        discussion: """
            Each device of the cluster file needs its zone, powers and transfer power. The folder holds hourly CSV \
            files of Electricity Maps. Every plan must do the wanted throughput; carbon is given for 1,000 \
            inferences, at the plan's own pace and where no more than wanted is done and the boards wait in between.

            EXAMPLES
              lamella day alexnet.onnx --cluster c1.toml --carbon traces --from 2023-07-01 --to 2023-07-02
              lamella day alexnet.onnx --cluster c1.toml --carbon traces --from 2023-01-01 --to 2024-01-01 \
                  --every 24 --svg year.svg

            EXIT STATUS
              0 there was a plan; 3 there was none; other: an error.
            """)

    @Argument(help: "The model, an ONNX file. Its weights need not be there.")
    var model: String?

    @OptionGroup var asked: ProblemOptions

    @Option(help: ArgumentHelp("A folder with CSV files of Electricity Maps.", valueName: "folder"))
    var carbon: String

    @Option(help: ArgumentHelp("UTC, as 2023-07-01 or 2023-07-01T06:00:00Z.", valueName: "time"))
    var from: String

    @Option(help: ArgumentHelp("UTC, not included.", valueName: "time"))
    var to: String

    @Option(parsing: .unconditional, help: ArgumentHelp("Hours from one plan to the next.", valueName: "hours"))
    var every = 1.0

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Inferences per second that are wanted; what the best single device can do where this is left out.",
            valueName: "number"))
    var throughput: Double?

    @Flag(help: "Count direct emissions only; without it the whole life cycle counts.")
    var direct = false

    @Option(help: ArgumentHelp("Draw it into a file.", valueName: "file"))
    var svg: String?

    @Option(help: ArgumentHelp("Write a row for each period and strategy; - is standard output.", valueName: "file"))
    var csv: String?

    @Flag(help: "Print JSON.")
    var json = false

    func validate() throws {
        try asked.requireSource(model: model)
        guard try Self.time(from, "--from") < Self.time(to, "--to") else {
            throw ValidationError("--to \(to) is not after --from \(from); times are UTC")
        }
        guard asked.objective == nil, asked.service == nil, asked.minimumThroughputPerS == nil,
            asked.wantedThroughputPerS == nil
        else {
            throw ValidationError(
                "a day is planned for least carbon of a continuous service; leave --objective, --service, "
                    + "--min-throughput and --wanted-throughput out, and say --throughput")
        }
        guard !(json && csv == "-") else {
            throw ValidationError("--json and --csv - both want standard output; give --csv a file")
        }
        guard every > 0, every.isFinite else { throw ValidationError("--every \(every): give hours above 0") }
        if let throughput, !(throughput > 0 && throughput.isFinite) {
            throw ValidationError("--throughput \(throughput): give inferences per second above 0")
        }
    }

    func run() throws {
        try PlanningFailure.reported(by: "day") {
            let all = try CarbonFolder.load(carbon, scope: direct ? .direct : .lifecycle)
            // The intensities come hour by hour; the file need not give any, and a limit on carbon has its figures.
            var problem = try asked.read(
                model: model, isContinuous: true, intensitiesGPerKwh: Self.means(all))
            problem.objective = .throughput
            // A zone that feeds no device says nothing, and its holes must not count.
            let zones = Set(problem.devices.compactMap(\.zone))
            let used = all.filter { zones.contains($0.zone) }
            let series = used.isEmpty ? all : used
            let window = try CarbonWindow(
                series, from: Self.time(from, "--from"), to: Self.time(to, "--to"), periodS: every * 3600)
            let study = try DayStudy(problem, window: window, throughputPerS: throughput)
            let progress = ProgressLine()
            let report = try study.run { done in
                progress.show("period \(done) of \(window.count)")
            }
            progress.end()
            if let svg { try FileText.write(report.drawing.svg, to: svg) }
            if let csv { try FileText.write(report.csv, to: csv) }
            if json {
                print(try JSON.encode(report, pretty: true))
            } else if csv != "-" {
                print(Self.text(report), terminator: "")
            }
            if report.total(.exact) == nil { throw ExitCode(PlanningFailure.infeasibleExitCode) }
        }
    }

    /// The mean intensity of each zone that has any.
    private static func means(_ series: [CarbonSeries]) -> [String: Double] {
        var means: [String: Double] = [:]
        for one in series where !one.points.isEmpty {
            means[one.zone] = one.points.reduce(0) { $0 + $1.intensityGPerKWh } / Double(one.points.count)
        }
        return means
    }

    private static func time(_ text: String, _ option: String) throws -> Double {
        let isDate = text.utf8.count == 10
        guard let seconds = UTCTime.secondsSince1970(feed: isDate ? text + " 00:00:00" : text) else {
            throw ValidationError("\(option) '\(text)' is no time in UTC; write 2023-07-01 or 2023-07-01T06:00:00Z")
        }
        return seconds
    }

    private static func text(_ report: DayReport) -> String {
        var table = TextTable([
            ("strategy", .left), ("periods", .right), ("g / 1,000", .right), ("waiting", .right), ("J / 1,000", .right),
            ("against exact", .right), ("moves", .right),
        ])
        // Four digits that count: grams for a thousand inferences may be small.
        func rounded(_ value: Double) -> String {
            guard value > 0, value.isFinite else { return "\(value)" }
            var scale = 1000.0
            var size = value
            while size < 1, scale < 1e12 {
                size *= 10
                scale *= 10
            }
            return "\((value * scale).rounded() / scale)"
        }
        let exact = report.total(.exact)
        for strategy in report.strategies {
            guard let total = report.total(strategy) else {
                table.add([strategy.title, "0", "no plan", "", "", "", ""])
                continue
            }
            let ratio = exact.map { total.carbonGPerThousand / $0.carbonGPerThousand }
            table.add([
                strategy.title, "\(total.periodCount)", rounded(total.carbonGPerThousand),
                rounded(total.waitingCarbonGPerThousand), rounded(total.energyJPerThousand),
                ratio.map { "\(rounded($0)) x" } ?? "", "\(total.moveCount)",
            ])
        }
        let unknown =
            report.unknownCount == 0
            ? ""
            : "\(FigureText.count(report.unknownCount, "period")) left out: \(report.unknownReason ?? "unknown")\n"
        let none = report.noPlanReason.map { "where there is no plan: \($0)\n" } ?? ""
        let periods = FigureText.count(report.periods.count, "period")
        return "\(report.model): \(periods), at least \(FigureText.number(report.throughputPerS)) inferences a second, "
            + "zones \(report.zones.joined(separator: ", "))\n\n\(table.text)\n"
            + "waiting: grams where just the wanted number is done and the boards idle in between\n"
            + "periods in which another strategy was better: \(report.periodsLost().count)\n" + unknown + none
    }
}
