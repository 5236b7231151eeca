import Costs

/// Looks for the value of each figure at which another plan becomes the best, by bisection over solves.
///
/// Of a figure that makes every plan's objective linear (a bandwidth's reciprocal, an intensity) there is one such
/// value in each direction. Where there are several, as limits can cause, one near to today's figure is found.
struct FlipSearch {
    /// Figures are looked at from a hundredth of today's to a hundred times it.
    static let range = 100.0
    /// Factors that are tried before the bisection, ever farther from 1.
    private static let probes = [1.25, 2, 5, 20, range]
    /// Relative width at which a bisection ends.
    private static let precision = 1e-3

    /// A figure, and the problem in which it is some times what it is.
    private struct Figure {
        var name: String
        var unit: String
        var now: Double
        var scaled: (Double) -> Problem
    }

    private let problem: Problem
    private let table: CostTable
    private let schedule: Schedule
    private let question: ChainQuestion

    init(_ problem: Problem, _ table: CostTable, _ schedule: Schedule, _ question: ChainQuestion) {
        self.problem = problem
        self.table = table
        self.schedule = schedule
        self.question = question
    }

    func flips(_ onStep: (String) -> Void) throws(PlanningError) -> [Explanation.Flip] {
        var found: [Explanation.Flip] = []
        for figure in figures {
            onStep("where \(figure.name) would change the plan")
            var flip = Explanation.Flip(figure: figure.name, unit: figure.unit, now: figure.now)
            if let (value, cuts) = try self.flip(figure, isUp: false) {
                flip.below = value
                flip.cutsBelow = cuts
            }
            if let (value, cuts) = try self.flip(figure, isUp: true) {
                flip.above = value
                flip.cutsAbove = cuts
            }
            found.append(flip)
        }
        return found
    }

    private var figures: [Figure] {
        var found: [Figure] = []
        for (index, link) in problem.links.enumerated() {
            found.append(
                Figure(
                    name: "link " + link.between.map(\.name).joined(separator: "-")
                        + (link.reverseBandwidthBytesPerS == nil ? "" : ", both ways in step,"), unit: "B/s",
                    now: link.bandwidthBytesPerS
                ) { factor in
                    var changed = problem
                    changed.links[index].bandwidthBytesPerS *= factor
                    changed.links[index].reverseBandwidthBytesPerS = link.reverseBandwidthBytesPerS.map { $0 * factor }
                    return changed
                })
        }
        for (index, device) in problem.devices.enumerated() {
            // What was measured does not follow a change of speed.
            if !problem.bundles.contains(where: { $0.device == device.id }) {
                found.append(
                    Figure(
                        name: "speed of \(device.id)" + (device.points.count > 1 ? ", all clocks in step," : ""),
                        unit: "FLOP/s", now: device.points[device.fastestPoint].flops
                    ) { factor in
                        var changed = problem
                        changed.devices[index].flops *= factor
                        changed.devices[index].operatingPoints = device.operatingPoints.map { points in
                            points.map { point in
                                var point = point
                                point.flops *= factor
                                return point
                            }
                        }
                        return changed
                    })
            }
            if problem.objective == .carbon || problem.constraints.maximumCarbonG != nil,
                let intensity = device.intensityGPerKwh, intensity > 0
            {
                found.append(
                    Figure(name: "intensity of \(device.id)", unit: "g/kWh", now: intensity) { factor in
                        var changed = problem
                        changed.devices[index].intensityGPerKwh = intensity * factor
                        return changed
                    })
            }
            if device.memoryBytes > 0 {
                found.append(
                    Figure(name: "memory of \(device.id)", unit: "B", now: Double(device.memoryBytes)) { factor in
                        var changed = problem
                        let bytes = min(Double(Problem.maximumBytes), Double(device.memoryBytes) * factor)
                        changed.devices[index].memoryBytes = Int(bytes)
                        return changed
                    })
            }
        }
        return found
    }

    /// The value at which another plan is the best, and that plan's cuts (nil: no plan is left).
    ///
    /// Three digits, away from today's value: whoever enters what is printed sees the plan change.
    private func flip(_ figure: Figure, isUp: Bool) throws(PlanningError) -> (value: Double, cuts: String?)? {
        var same = 1.0
        var other: Double?
        var cuts: String?
        for probe in Self.probes {
            let factor = isUp ? probe : 1 / probe
            let (isOther, found) = try isOtherBest(figure.scaled(factor))
            guard isOther else {
                same = factor
                continue
            }
            other = factor
            cuts = found
            break
        }
        guard var other else { return nil }
        while max(same, other) / min(same, other) > 1 + Self.precision {
            let middle = (same * other).squareRoot()
            let (isOther, found) = try isOtherBest(figure.scaled(middle))
            if isOther {
                other = middle
                cuts = found
            } else {
                same = middle
            }
        }
        let value = figure.now * other
        let rounded = FigureText.rounded(value, digits: 3, isUp ? .up : .down)
        let (isOther, found) = try isOtherBest(figure.scaled(rounded / figure.now))
        // Where plans change to and fro within the rounding the exact value is the one that is known to flip.
        return isOther ? (rounded, found) : (value, cuts)
    }

    private func isOtherBest(_ changed: Problem) throws(PlanningError) -> (Bool, String?) {
        let own: ChainQuestion.Answer?
        do { own = try ChainQuestion.price(schedule, changed, try CostTable(changed)) } catch { throw .invalid(error) }
        guard let best = try question.best(changed) else { return (own == nil, nil) }
        let isOther = own.map { best.value < $0.value * (1 - Explanation.tolerance) } ?? true
        return (isOther, Explanation.cuts(best.schedule, changed))
    }
}
