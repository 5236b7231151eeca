import Costs

/// The part of a report that is about energy, carbon, clocks and continuous service: only what is known is shown.
extension PlanReport {
    /// Lines of the head: what one inference costs besides its latency.
    var serviceLines: [String] {
        var lines: [String] = []
        if let own = plan.ownEstimate {
            lines.append(
                "its own    \(FigureText.value(own, of: plan.objective)) by the equations of \(plan.planner); the "
                    + "figures here are the evaluator's")
        }
        if let cycleS = plan.cycleS {
            let rate = cycleS > 0 ? "\(FigureText.number(1 / cycleS)) inferences a second" : "no work"
            lines.append("cycle      \(FigureText.seconds(cycleS)): \(rate)")
        }
        if let energyJ = plan.energyJ {
            let scope = problem.energyScope == .edge ? ", edge devices only" : ""
            lines.append("energy     \(FigureText.joule(energyJ)) for one inference\(scope)")
        }
        if let carbonG = plan.carbonG {
            lines.append("carbon     \(FigureText.gram(carbonG)) CO2 for one inference")
        }
        if let periodS {
            let period = PeriodFigures(plan, periodS: periodS)
            let energy = period.energyJ.map { ", " + FigureText.joule($0) } ?? ""
            let carbon = period.carbonG.map { ", \(FigureText.gram($0)) CO2" } ?? ""
            lines.append(
                "period     \(FigureText.duration(periodS)): \(FigureText.number(period.inferences)) inferences"
                    + energy + carbon)
        }
        return lines
    }

    /// What was asked for besides the objective; nil where nothing was.
    var limitsLine: String? {
        let limits = problem.constraints
        var parts: [String] = []
        if let limit = limits.maximumLatencyS { parts.append("latency <= \(FigureText.seconds(limit))") }
        for limit in limits.maximumEnergy {
            parts.append("energy of \(limit.device) <= \(FigureText.joule(limit.energyJ))")
        }
        if let limit = limits.maximumCarbonG { parts.append("carbon <= \(FigureText.gram(limit))") }
        if let least = limits.minimumThroughputPerS { parts.append("\(FigureText.number(least)) inferences a second") }
        if let most = limits.maximumEntries { parts.append("\(most) entries to a device") }
        if !limits.privateLayers.isEmpty {
            let names = limits.privateLayers.map { problem.layers[$0].name }
            parts.append(
                "private "
                    + (names.count > 4 ? "\(names[0]) .. \(names[names.count - 1])" : names.joined(separator: ", "))
            )
        }
        return parts.isEmpty ? nil : "limits     " + parts.joined(separator: ", ")
    }

    /// One row for each device that is used: its clock, how long each inference keeps it, and where its energy goes.
    var energyTable: [String] {
        let shares = plan.devices
        let hasClock = shares.contains { $0.frequencyHz != nil }
        let hasEnergy = shares.contains { $0.energy != nil }
        let hasCarbon = shares.contains { $0.carbonG != nil }
        guard hasClock || hasEnergy || plan.cycleS != nil else { return [] }
        var header = ["device"]
        if hasClock { header.append("clock") }
        header.append("busy")
        if hasEnergy { header += ["compute", "upload", "download", "hold", "energy"] }
        if hasCarbon { header.append("carbon") }
        let rows = shares.map { share -> [String] in
            var row = [share.id.name]
            if hasClock { row.append(share.frequencyHz.map(FigureText.hertz) ?? "-") }
            row.append(share.loadS.map(FigureText.seconds) ?? "-")
            if hasEnergy {
                let energy = share.energy
                row += [energy?.computeJ, energy?.uploadJ, energy?.downloadJ, energy?.holdJ, energy?.totalJ].map {
                    $0.map(FigureText.joule) ?? "unknown"
                }
            }
            if hasCarbon { row.append(share.carbonG.map(FigureText.gram) ?? "unknown") }
            return row
        }
        return [""] + Self.table([header] + rows, rightAligned: Set(1..<header.count))
    }

    /// Bundles of more than one layer, where they were measured.
    var bundleTable: [String] {
        guard let bundles = plan.bundles else { return [] }
        let rows = bundles.filter { $0.last > $0.first }.map { bundle in
            [
                "\(problem.layers[bundle.first].name) .. \(problem.layers[bundle.last].name)", bundle.device.name,
                "\(bundle.last - bundle.first + 1) layers",
            ]
        }
        return rows.isEmpty ? [] : [""] + Self.table([["bundle", "device", "size"]] + rows, rightAligned: [])
    }
}
