import ModelGraph

/// A comparison of orders for people, and as a drawing.
extension OrderComparison {
    /// Several lines, each ended by a line feed.
    public var text: String {
        let operators = FigureText.count(operators.count, "operator")
        let parts = FigureText.count(search.parts, "part")
        var lines = ["\(model): \(operators), \(parts) with a choice of order", ""]
        let header = ["order", "peak", "area", "against random", "time"]
        let mean = [
            "random, mean of \(random.count)", FigureText.bytes(Int(random.meanPeakBytes)),
            Self.area(random.meanAreaBytes), "-", "-",
        ]
        var rows = systems.map { system in
            let area = Double(system.memory.areaBytes)
            let gain = random.meanAreaBytes > 0 ? 1 - area / random.meanAreaBytes : 0
            return [
                system.name, FigureText.bytes(system.memory.peakBytes), Self.area(area),
                "\(gain < 0 ? "+" : "-")\(FigureText.fixed(abs(gain) * 100, decimals: 1)) %",
                FigureText.seconds(system.timeS),
            ]
        }
        rows.insert(mean, at: 1)
        lines += PlanReport.table([header] + rows, rightAligned: [1, 2, 3, 4])
        lines += [
            "", "peak: the largest sum of live tensors, weights apart; area: the sum over all steps.", proof,
            "btsearch: \(FigureText.grouped(Double(backtrackingSearch.steps))) steps, "
                + (backtrackingSearch.isComplete ? "nothing left to try" : "stopped at its limit"),
            "arena of the exact order: \(FigureText.bytes(arena.byteCount)), "
                + (arena.byteCount == arena.leastBytes
                    ? "no more than its tensors need at once"
                    : "\(FigureText.bytes(arena.byteCount - arena.leastBytes)) more than its tensors need at once"),
        ]
        return lines.joined(separator: "\n") + "\n"
    }

    private var proof: String {
        let states =
            "\(FigureText.grouped(Double(search.statesSearched))) states searched, "
            + "\(FigureText.grouped(Double(search.statesPruned))) pruned"
        guard !search.isProved else { return "exact: \(states); proved, no order is better" }
        var open: [String] = []
        if search.peakGap > 0 { open.append("the peak \(FigureText.percent(search.peakGap))") }
        if search.areaGap > 0 { open.append("the area \(FigureText.percent(search.areaGap))") }
        return "exact: \(states); not proved, less might be possible: " + open.joined(separator: ", ")
    }

    private static func area(_ value: Double) -> String { "\(FigureText.fixed(value / 1e6, decimals: 1)) MB steps" }

    /// Memory over the steps of each order.
    public var chart: Chart {
        Chart(
            "\(model): memory of live tensors",
            horizontal: ChartAxis("step", unit: "", startsAtZero: true),
            vertical: ChartAxis("live tensors", unit: "MB", startsAtZero: true),
            series: systems.map { system in
                Chart.Series(
                    "\(system.name): peak \(FigureText.bytes(system.memory.peakBytes)), "
                        + "area \(Self.area(Double(system.memory.areaBytes)))", .steps,
                    system.memory.transientBytes.enumerated().map { step, bytes in
                        (x: Double(step), y: Double(bytes) / 1e6)
                    })
            })
    }
}
