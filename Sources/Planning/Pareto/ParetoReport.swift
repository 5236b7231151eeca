import Costs

/// A front for a person: a table, and a picture.
public struct ParetoReport: Sendable {
    public let front: ParetoFront
    public let problem: Problem

    public init(_ front: ParetoFront, of problem: Problem) {
        self.front = front
        self.problem = problem
    }

    /// Several lines, each ended by a line feed.
    public var text: String {
        let count = front.points.count
        var lines = [
            "\(problem.model): \(front.horizontal.figureName) against \(front.vertical.figureName), "
                + "\(count) plan\(count == 1 ? "" : "s")"
                + (front.isComplete ? ", the whole front" : "; the front may not be whole"), "",
        ]
        let header = ["", front.horizontal.figureName, front.vertical.figureName, "clocks", "plan"]
        let rows = front.points.enumerated().map { index, point in
            [
                index == front.chosen ? "*" : "", FigureText.value(point.x, of: front.horizontal),
                FigureText.value(point.y, of: front.vertical), PlanSummary.clocks(point.plan),
                PlanSummary.cuts(point.plan),
            ]
        }
        lines += PlanReport.table([header] + rows, rightAligned: [1, 2])
        lines += ["", "* \(front.chosenWhy)"]
        return lines.joined(separator: "\n") + "\n"
    }

    /// An SVG picture.
    public var svg: String {
        let points = front.points
        let model = problem.model.split(separator: "/" as Character).last.map(String.init) ?? problem.model
        let chosen = points[front.chosen]
        return Chart(
            "\(model): \(front.horizontal.figureName) against \(front.vertical.figureName)",
            horizontal: ChartAxis(front.horizontal.figureName, unit: front.horizontal.unit),
            vertical: ChartAxis(front.vertical.figureName, unit: front.vertical.unit),
            series: [
                Chart.Series(
                    "plans that none beats in both (\(points.count)\(front.isComplete ? "" : ", maybe not all"))",
                    .front, points.map { (x: $0.x, y: $0.y) },
                    hints: points.map {
                        "\(FigureText.value($0.x, of: front.horizontal)), "
                            + "\(FigureText.value($0.y, of: front.vertical)): \(PlanSummary.cuts($0.plan))"
                    })
            ],
            marks: [Chart.Mark("chosen: \(front.chosenWhy)", x: chosen.x, y: chosen.y)]
        ).svg
    }
}

/// A plan in a cell of a table.
public enum PlanSummary {
    /// `pi ..node_conv2d (3) | nano ..node_linear_2 (7) | pi`: which device runs up to which layer; of a shared plan
    /// only who has a part in it.
    public static func cuts(_ plan: Plan) -> String {
        if let sharing = plan.sharing {
            let names = sharing.devices.map(\.name).joined(separator: ", ")
            return sharing.devices.count > 1 ? "shared by " + names : "all on " + names
        }
        let runs = PlanReport.runs(plan)
        return runs.enumerated().map { index, run in
            index == runs.count - 1 ? run.device.name : "\(run.device) to \(run.last.name)"
        }.joined(separator: " | ")
    }

    /// `pi 1.2 GHz, nano 921.6 MHz`; a dash where no clock is chosen.
    public static func clocks(_ plan: Plan) -> String {
        let parts = plan.devices.compactMap { share in
            share.frequencyHz.map { "\(share.id) \(FigureText.hertz($0))" }
        }
        return parts.isEmpty ? "-" : parts.joined(separator: ", ")
    }
}
