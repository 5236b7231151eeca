import Costs

/// What several planners make of one problem.
public struct PlannerComparison: Sendable {
    public struct Row: Sendable {
        public var planner: String
        /// Nil where the planner has none.
        public var plan: Plan?
        /// Why it has none.
        public var why: String?
    }

    public let problem: Problem
    public let rows: [Row]
    /// Index of the row whose plan is best, the first among equals; nil where no planner has a plan.
    public let best: Int?

    /// Relative difference below which two plans are equally good.
    private static let tolerance = 1e-9

    public init(_ problem: Problem, rows: [Row]) {
        self.problem = problem
        self.rows = rows
        var best: (index: Int, value: Double)?
        for (index, row) in rows.enumerated() {
            guard let value = row.plan?.value else { continue }
            if value < (best?.value ?? .infinity) * (1 - Self.tolerance) { best = (index, value) }
        }
        self.best = best?.index
    }

    /// Asks one planner, and takes what it throws for its answer.
    public static func row(_ planner: String, plan: () throws(PlanningError) -> Plan) -> Row {
        do {
            return Row(planner: planner, plan: try plan())
        } catch {
            return Row(planner: planner, why: error.description)
        }
    }
}

extension PlannerComparison: Encodable {
    private enum CodingKeys: String, CodingKey { case model, objective, best, rows }
    private enum RowKeys: String, CodingKey { case planner, isBest = "best", why, plan }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(problem.model, forKey: .model)
        try container.encode(problem.objective, forKey: .objective)
        try container.encodeIfPresent(best.map { rows[$0].planner }, forKey: .best)
        var list = container.nestedUnkeyedContainer(forKey: .rows)
        for (index, row) in rows.enumerated() {
            var one = list.nestedContainer(keyedBy: RowKeys.self)
            try one.encode(row.planner, forKey: .planner)
            try one.encode(index == best, forKey: .isBest)
            try one.encodeIfPresent(row.why, forKey: .why)
            try one.encodeIfPresent(row.plan, forKey: .plan)
        }
    }
}

/// A comparison as a table for people, and as comma-separated values for spreadsheets.
extension PlannerComparison {
    private typealias Column = (title: String, isNumber: Bool, cell: (Plan) -> String?)

    /// Several lines, each ended by a line feed. Columns of which no planner knows anything are left out.
    public var text: String {
        let objective = problem.objective
        let value: Column = (objective.figureName, true, { $0.value.map { FigureText.value($0, of: objective) } })
        var columns: [Column] = objective == .latency ? [] : [value]
        columns += [
            ("latency", true, { FigureText.seconds($0.latencyS) }),
            ("Tc", true, { FigureText.seconds($0.computeS) }),
            ("Tx", true, { FigureText.seconds($0.transferS) }),
            ("Tw", true, { FigureText.seconds($0.weightsS) }),
        ]
        if objective != .throughput { columns.append(("cycle", true, { $0.cycleS.map(FigureText.seconds) })) }
        if objective != .energy { columns.append(("energy", true, { $0.energyJ.map(FigureText.joule) })) }
        if objective != .carbon { columns.append(("carbon", true, { $0.carbonG.map(FigureText.gram) })) }
        columns += [
            ("its own", true, { $0.ownEstimate.map { FigureText.value($0, of: objective) } }),
            (
                "clocks", false,
                { $0.devices.contains { $0.frequencyHz != nil } ? PlanSummary.clocks($0) : nil }
            ),
            ("memory", false, { Self.memory($0) { FigureText.bytes($0) } }),
            ("solve", true, { FigureText.seconds($0.solveS) }),
            ("bound", true, { $0.bound.map { FigureText.value($0, of: objective) } }),
            ("gap", true, { $0.gap.map(FigureText.percent) }),
        ]
        let plans = rows.compactMap(\.plan)
        let shown = columns.filter { column in plans.contains { column.cell($0) != nil } }
        var lines = ["\(problem.model): least \(objective.figureName)", ""]
        let header = ["", "planner"] + shown.map(\.title) + ["cuts, or why there is no plan"]
        let table = rows.enumerated().map { index, row in
            [index == best ? "*" : "", row.planner]
                + shown.map { column in row.plan.flatMap(column.cell) ?? "-" }
                + [row.plan.map(PlanSummary.cuts) ?? row.why ?? "-"]
        }
        let numbers = Set(shown.indices.filter { shown[$0].isNumber }.map { $0 + 2 })
        lines += PlanReport.table([header] + table, rightAligned: numbers)
        if let best { lines += ["", "* the best: \(rows[best].planner)"] }
        return lines.joined(separator: "\n") + "\n"
    }

    /// A line for each planner below a line of titles, quoted as RFC 4180 says; an empty field is unknown.
    public var csv: String {
        let titles = [
            "planner", "best", "objective", "value", "latency_s", "compute_s", "transfer_s", "weights_s", "cycle_s",
            "energy_j", "carbon_g", "own_estimate", "frequencies", "memory_bytes", "cuts", "solve_s", "bound", "gap",
            "why",
        ]
        var lines = [titles.joined(separator: ",")]
        for (index, row) in rows.enumerated() {
            let plan = row.plan
            let frequencies = plan.map { plan in
                plan.devices.compactMap { share in share.frequencyHz.map { "\(share.id)=\($0)" } }.joined(
                    separator: " ")
            }
            let figures = [
                plan?.value, plan?.latencyS, plan?.computeS, plan?.transferS, plan?.weightsS, plan?.cycleS,
                plan?.energyJ, plan?.carbonG, plan?.ownEstimate,
            ]
            var fields: [String?] = [row.planner, index == best ? "1" : "0", problem.objective.rawValue]
            fields += figures.map { $0.map { "\($0)" } }
            fields += [frequencies, plan.map { Self.memory($0) { "\($0)" } }, plan.map(PlanSummary.cuts)]
            fields += [plan?.solveS, plan?.bound, plan?.gap].map { $0.map { "\($0)" } }
            fields.append(row.why)
            lines.append(fields.map { Self.field($0 ?? "") }.joined(separator: ","))
        }
        return lines.joined(separator: "\r\n") + "\r\n"
    }

    private static func memory(_ plan: Plan, _ text: (Int) -> String) -> String {
        plan.devices.map { "\($0.id)=\(text($0.peakMemoryBytes))" }.joined(separator: " ")
    }

    private static func field(_ text: String) -> String {
        let isPlain = !text.contains { $0 == "," || $0 == "\"" || $0.isNewline }
        return isPlain
            ? text
            : "\""
                + text.split(separator: "\"" as Character, omittingEmptySubsequences: false)
                .joined(separator: "\"\"") + "\""
    }
}
