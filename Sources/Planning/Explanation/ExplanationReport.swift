import Costs

/// An explanation as text for a person.
public struct ExplanationReport: Sendable {
    public let explanation: Explanation

    public init(_ explanation: Explanation) { self.explanation = explanation }

    /// Several lines, each ended by a line feed.
    public var text: String {
        let it = explanation
        var lines = ["\(it.model): \(it.objective.figureName) \(figure(it.value))", "  \(it.cuts)", ""]
        if let better = it.better, let value = better.value {
            lines += ["This is not the best plan. Better, with \(figure(value)):", "  \(better.cuts ?? "")", ""]
        }
        lines.append("Instead there would be:")
        lines += PlanReport.table(
            it.alternatives.map { other in
                guard let value = other.value else { return ["  " + other.name, "-", "-", "no such plan"] }
                return ["  " + other.name, figure(value), change(value), other.cuts ?? ""]
            }, rightAligned: [1, 2])
        lines.append("")
        let binding = it.limits.filter(\.isBinding)
        let free = it.limits.filter { !$0.isBinding }
        lines.append(
            binding.isEmpty ? "No limit binds: without any one of them the plan is as good." : "Limits that bind:")
        lines += PlanReport.table(
            binding.map { ["  " + $0.name, "without it " + figure($0.valueWithout), change($0.valueWithout)] },
            rightAligned: [2])
        if !binding.isEmpty, !free.isEmpty {
            lines.append("Limits that do not bind: " + free.map(\.name).joined(separator: "; "))
        }
        lines += [""] + flipLines
        return lines.joined(separator: "\n") + "\n"
    }

    private var flipLines: [String] {
        let it = explanation
        guard it.better == nil else { return ["What would have to change is said of best plans only."] }
        let range = FigureText.number(it.range)
        var lines = [
            "What would change the plan, one figure at a time, from 1/\(range) of today's to \(range) times it:"
        ]
        for flip in it.flips {
            if let below = flip.below {
                lines.append(
                    "  plan flips when \(flip.figure) falls below \(amount(below, flip.unit)) (now "
                        + "\(amount(flip.now, flip.unit))): then \(flip.cutsBelow ?? "no plan is left")")
            }
            if let above = flip.above {
                lines.append(
                    "  plan flips when \(flip.figure) rises above \(amount(above, flip.unit)) (now "
                        + "\(amount(flip.now, flip.unit))): then \(flip.cutsAbove ?? "no plan is left")")
            }
        }
        let still = it.flips.filter { $0.below == nil && $0.above == nil }
        if !still.isEmpty { lines.append("  never: " + still.map(\.figure).joined(separator: ", ")) }
        return lines
    }

    private func figure(_ value: Double) -> String { FigureText.value(value, of: explanation.objective) }

    /// `+7.5 %`
    private func change(_ value: Double) -> String {
        guard explanation.value > 0 else { return "" }
        let share = value / explanation.value - 1
        return (share > 0 ? "+" : "") + FigureText.percent(share)
    }

    private func amount(_ value: Double, _ unit: String) -> String {
        guard unit == "B/s" || unit == "B" || unit == "FLOP/s" else {
            return "\(FigureText.threeDigits(value)) \(unit)"
        }
        switch abs(value) {
        case ..<1e3: return "\(FigureText.threeDigits(value)) \(unit)"
        case ..<1e6: return "\(FigureText.threeDigits(value / 1e3)) k\(unit)"
        case ..<1e9: return "\(FigureText.threeDigits(value / 1e6)) M\(unit)"
        case ..<1e12: return "\(FigureText.threeDigits(value / 1e9)) G\(unit)"
        default: return "\(FigureText.threeDigits(value / 1e12)) T\(unit)"
        }
    }
}
