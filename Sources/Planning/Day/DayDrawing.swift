import Costs

extension DayReport {
    /// Points that a line of the picture has at most; beyond it neighbours are averaged.
    static let maximumPointsDrawn = 400

    /// Carbon, energy, inferences and the cut over time, one chart below the other.
    public var drawing: ChartStack {
        func chart(_ title: String, unit: String, _ figure: (Entry) -> Double?) -> Chart {
            Chart(
                title, horizontal: timeAxis, vertical: ChartAxis(title, unit: unit, startsAtZero: true),
                series: strategies.indices.compactMap { index in
                    let points = points(index, figure)
                    return points.isEmpty ? nil : Chart.Series(strategies[index].title, .steps, points)
                })
        }
        var charts = [
            Chart(
                "\(model): grid intensity", horizontal: timeAxis,
                vertical: ChartAxis("intensity", unit: "g/kWh", startsAtZero: true),
                series: zones.indices.map { zone in
                    Chart.Series(zones[zone], .steps, averaged { $0.intensitiesGPerKwh[zone] })
                })
        ]
        charts += [
            chart("carbon", unit: "g / 1,000") { $0.carbonGPerThousand },
            chart("energy", unit: "J / 1,000") { $0.energyJPerThousand },
            chart("inferences in a period", unit: "") { $0.inferences },
            chart("first layer away from the source (0: none)", unit: "") { Double($0.cutLayer ?? 0) },
        ]
        return ChartStack(charts)
    }

    private var timeAxis: ChartAxis { ChartAxis("hours since \(periods.first?.at ?? "the start")", unit: "h") }

    private func points(_ strategy: Int, _ figure: (Entry) -> Double?) -> [(x: Double, y: Double)] {
        averaged { period in period.entries[strategy].flatMap(figure) }
    }

    private func averaged(_ figure: (Period) -> Double?) -> [(x: Double, y: Double)] {
        guard let first = periods.first.flatMap({ UTCTime.secondsSince1970($0.at) }) else { return [] }
        let width = (periods.count + Self.maximumPointsDrawn - 1) / Self.maximumPointsDrawn
        return stride(from: 0, to: periods.count, by: max(1, width)).compactMap { start in
            let group = periods[start..<min(periods.count, start + width)]
            let values = group.compactMap(figure)
            guard !values.isEmpty, let at = UTCTime.secondsSince1970(periods[start].at) else { return nil }
            return ((at - first) / 3600, values.reduce(0, +) / Double(values.count))
        }
    }

    /// A row for each period and strategy.
    public var csv: String {
        var lines = [
            "at,strategy,carbon_g_per_1000,waiting_carbon_g_per_1000,energy_j_per_1000,inferences,cut_layer,"
                + zones.map { "intensity_g_per_kwh_\($0)" }.joined(separator: ",")
        ]
        for period in periods {
            let intensities = period.intensitiesGPerKwh.map { "\($0)" }.joined(separator: ",")
            for (strategy, entry) in zip(strategies, period.entries) {
                guard let entry else { continue }
                let cut = entry.cutLayer.map { "\($0)" } ?? ""
                lines.append(
                    "\(period.at),\(strategy.rawValue),\(entry.carbonGPerThousand),"
                        + "\(entry.waitingCarbonGPerThousand),\(entry.energyJPerThousand),\(entry.inferences),"
                        + "\(cut),\(intensities)")
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
