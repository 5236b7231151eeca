import Costs

/// A plan as text for a person: who runs what, what it is predicted to cost, how sure that is and what it rests on.
public struct PlanReport: Sendable {
    /// Consecutive layers on one device.
    public struct Run: Sendable, Equatable {
        public var first: Plan.Layer
        public var last: Plan.Layer
        public var device: DeviceID
        public var layerCount: Int { last.index - first.index + 1 }

        /// `conv1` or `conv1 .. relu3 (5 layers)`.
        public var text: String {
            layerCount == 1 ? first.name : "\(first.name) .. \(last.name) (\(layerCount) layers)"
        }
    }

    public let plan: Plan
    public let problem: Problem
    /// Seconds over which inferences, energy and carbon are summed up too (nil: not asked for).
    public let periodS: Double?

    public init(_ plan: Plan, of problem: Problem, periodS: Double? = nil) {
        self.plan = plan
        self.problem = problem
        self.periodS = periodS
    }

    /// The plan's layers, collapsed to runs on one device.
    public static func runs(_ plan: Plan) -> [Run] {
        var runs: [Run] = []
        for layer in plan.layers {
            if let last = runs.last, last.device == layer.device {
                runs[runs.count - 1].last = layer
            } else {
                runs.append(Run(first: layer, last: layer, device: layer.device))
            }
        }
        return runs
    }

    /// Several lines, each ended by a line feed.
    public var text: String {
        var lines = [
            "\(problem.model): \(plan.objective.rawValue) by planner \(plan.planner), found in "
                + FigureText.seconds(plan.solveS),
            "",
        ]
        lines += Self.table(
            [["layers", "device"]] + Self.runs(plan).map { [$0.text, $0.device.name] }, rightAligned: [])
        lines += [
            "",
            "predicted  \(FigureText.seconds(plan.latencyS)): compute \(FigureText.seconds(plan.computeS)), transfer "
                + "\(FigureText.seconds(plan.transferS)), weights \(FigureText.seconds(plan.weightsS))",
        ]
        lines += serviceLines + (limitsLine.map { [$0] } ?? [])
        lines += ["bound      \(boundText)", "alone      \(singleDeviceText)", ""]
        lines += Self.table(
            [["device", "class", "layers", "FLOP", "memory needed", "offered"]] + problem.devices.map(deviceRow),
            rightAligned: [2, 3, 4, 5])
        lines += energyTable + bundleTable
        if !plan.inputs.isEmpty {
            lines += ["", "What the figures rest on:"]
            lines += Self.table(plan.inputs.map { ["  " + $0.figure, $0.source + ageText($0)] }, rightAligned: [])
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private var boundText: String {
        guard let bound = plan.bound, let gap = plan.gap else { return "none proved" }
        let less =
            switch plan.objective {
            case .latency: "faster"
            case .throughput: "quicker from result to result"
            case .energy, .carbon: "better"
            }
        let text = FigureText.value(bound, of: plan.objective)
        return gap == 0
            ? "\(text): proved, no plan is \(less)"
            : "\(text): no plan can be more than \(FigureText.percent(gap)) \(less)"
    }

    private var singleDeviceText: String {
        guard let single = plan.singleDevice else {
            return problem.constraints == Constraints()
                ? "no device can hold the whole model" : "no device can hold the whole model and keep the limits"
        }
        let value = plan.value ?? 0
        let factor = value > 0 ? single.value / value : 1
        return "\(single.device): \(FigureText.value(single.value, of: plan.objective)), "
            + "\(FigureText.fixed(factor, decimals: 2)) times as \(plan.objective == .latency ? "long" : "much")"
    }

    private func deviceRow(_ device: Device) -> [String] {
        let share = plan.devices.first { $0.id == device.id }
        let layerCount = plan.layers.reduce(0) { $0 + ($1.device == device.id ? 1 : 0) }
        return [
            device.id.name, device.deviceClass.rawValue, "\(layerCount)",
            share.map { FigureText.percent($0.flopsShare) } ?? "-",
            share.map { FigureText.bytes($0.peakMemoryBytes) } ?? "-", FigureText.bytes(device.memoryBytes),
        ]
    }

    private func ageText(_ input: InputSource) -> String {
        input.ageS.map { ", \(FigureText.seconds($0)) old" } ?? ""
    }

    /// Rows in columns as wide as their widest cell, two spaces apart.
    public static func table(_ rows: [[String]], rightAligned: Set<Int>) -> [String] {
        let columns = rows.map(\.count).max() ?? 0
        let widths = (0..<columns).map { column in rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0 }
        return rows.map { row in
            var line = ""
            for (column, cell) in row.enumerated() {
                let padding = String(repeating: " ", count: widths[column] - cell.count)
                let isLast = column == row.count - 1
                line += rightAligned.contains(column) ? padding + cell : cell + (isLast ? "" : padding)
                if !isLast { line += "  " }
            }
            return line
        }
    }
}
