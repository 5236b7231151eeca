import Costs
import ModelGraph
import Planning
import Sharing
import SharingPlans

/// A shared plan as text for a person: along what each layer is shared and how, what that is predicted to take, and
/// what it rests on.
public struct SharedPlanReport: Sendable {
    public let solution: SharedSolution

    public init(_ solution: SharedSolution) { self.solution = solution }

    /// Operators whose refusals are listed; the rest is counted.
    private static let refusalsShown = 8

    /// Several lines, each ended by a line feed.
    public var text: String {
        let plan = solution.plan
        var lines = [
            "\(solution.problem.problem.model): \(plan.objective.rawValue), operators shared by \(plan.planner), "
                + "found in \(FigureText.seconds(plan.solveS))",
            "",
        ]
        lines += layerTable
        lines += [
            "",
            "predicted  \(FigureText.seconds(plan.latencyS)): the busiest device computes "
                + "\(FigureText.seconds(plan.computeS)) of it and waits \(FigureText.seconds(plan.transferS))",
            "published  \(FigureText.seconds(solution.evaluation.publishedLatencyS)) by GenEFlow's equations, in which "
                + "devices go in step",
            "moved      \(FigureText.bytes(solution.evaluation.transferBytes)) between devices",
            boundLine, aloneLine,
        ]
        if let energyJ = plan.energyJ {
            let carbon = plan.carbonG.map { ", " + FigureText.gram($0) + " CO2 equivalent" } ?? ""
            lines.append("energy     \(FigureText.joule(energyJ)) for one inference\(carbon)")
        }
        lines.append("")
        lines += deviceTable + refusalLines
        if !plan.inputs.isEmpty {
            lines += ["", "What the figures rest on:"]
            lines += PlanReport.table(
                plan.inputs.map { input in
                    ["  " + input.figure, input.source + (input.ageS.map { ", \(FigureText.seconds($0)) old" } ?? "")]
                }, rightAligned: [])
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// Layers that are shared alike are one row.
    private var layerTable: [String] {
        var runs: [(first: GraphLayer, last: GraphLayer, count: Int, shares: LayerShares)] = []
        for layer in solution.layers {
            let shares = LayerShares(layer, solution.assignment, solution.graph)
            if let last = runs.last, cells(last.shares) == cells(shares) {
                runs[runs.count - 1].last = layer
                runs[runs.count - 1].count += 1
            } else {
                runs.append((layer, layer, 1, shares))
            }
        }
        let names = solution.problem.devices.map(\.id.name)
        let rows = runs.map { run in
            [run.count == 1 ? run.first.name : "\(run.first.name) .. \(run.last.name) (\(run.count) layers)"]
                + cells(run.shares)
        }
        return PlanReport.table(
            [["layers", "shared along"] + names + ["twice"]] + rows, rightAligned: Set(2..<names.count + 3))
    }

    /// Dimension, each device's part, and what is computed more than once.
    private func cells(_ shares: LayerShares) -> [String] {
        [shares.dimension] + shares.shares.map { $0 > 0 ? FigureText.percent($0) : "-" }
            + [shares.redundancy > 0.0005 ? FigureText.percent(shares.redundancy) : "-"]
    }

    private var boundLine: String {
        guard let bound = solution.plan.bound, let gap = solution.plan.gap else { return "bound      none proved" }
        let objective = solution.plan.objective
        return "bound      \(FigureText.value(bound, of: objective)): no plan can be more than "
            + "\(FigureText.percent(gap)) \(objective == .latency ? "faster" : "better")"
    }

    private var aloneLine: String {
        guard let single = solution.plan.singleDevice else {
            let limits = solution.problem.problem.constraints
            return "alone      no device can hold the whole model"
                + (limits == Constraints() ? "" : " and keep the limits")
        }
        let objective = solution.plan.objective
        let value = solution.plan.value ?? 0
        let factor = value > 0 ? single.value / value : 1
        return "alone      \(single.device): \(FigureText.value(single.value, of: objective)), "
            + "\(FigureText.fixed(factor, decimals: 2)) times as \(objective == .latency ? "long" : "much")"
    }

    private var deviceTable: [String] {
        let plan = solution.plan
        let evaluation = solution.evaluation
        let idleS = (try? BoardTimes(solution))?.idleS
        let rows = solution.problem.devices.enumerated().map { index, device in
            let share = plan.devices.first { $0.id == device.id }
            return [
                device.id.name, device.deviceClass.rawValue, share?.frequencyHz.map(FigureText.hertz) ?? "-",
                FigureText.seconds(evaluation.computeS[index]),
                idleS.map { FigureText.seconds($0[index]) } ?? "-",
                share.map { FigureText.percent($0.flopsShare) } ?? "-", FigureText.bytes(evaluation.weightBytes[index]),
                share.map { FigureText.bytes($0.peakMemoryBytes) } ?? "-", FigureText.bytes(device.memoryBytes),
            ]
        }
        return PlanReport.table(
            [["device", "class", "clock", "computes", "idle", "FLOP", "weights", "memory needed", "offered"]] + rows,
            rightAligned: Set(2...8))
    }

    private var refusalLines: [String] {
        let refusals = solution.found.refusals
        guard !refusals.isEmpty else { return [] }
        let left = refusals.count - Self.refusalsShown
        return ["", "Planned whole:"] + refusals.prefix(Self.refusalsShown).map { "  \($0)" }
            + (left > 0 ? ["  and \(FigureText.count(left, "more operator"))"] : [])
    }
}
