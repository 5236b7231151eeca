import Costs

/// Plans period by period over carbon traces and adds up what each strategy would have emitted.
///
/// Every plan must do the wanted throughput. It is priced twice: at its own pace, and doing no more than is wanted with
/// the boards idle in between; so strategies are compared at the same throughput.
public struct DayStudy: Sendable {
    public let problem: Problem
    public let window: CarbonWindow
    public let throughputPerS: Double

    private let strategies = DayStrategy.allCases

    /// - Parameter throughputPerS: inferences per second (nil: what the best single device can do).
    /// - Throws: where a device's zone has no trace or nothing can do the throughput, in one sentence.
    public init(_ problem: Problem, window: CarbonWindow, throughputPerS: Double? = nil) throws(PlanningError) {
        for device in problem.devices {
            guard let zone = device.zone else {
                throw .invalid(ProblemError("device \(device.id): it has no zone; say which grid feeds it"))
            }
            guard window.zones.contains(zone) else {
                throw .invalid(
                    ProblemError(
                        "device \(device.id): there is no carbon trace of its zone \(zone); there are "
                            + window.zones.joined(separator: ", ")))
            }
        }
        var base = problem
        base.service = .continuous
        if base.weights == .preloaded { base.weights = .resident }
        base.objective = .carbon
        base.constraints.minimumThroughputPerS = nil
        self.window = window
        if let throughputPerS {
            self.throughputPerS = throughputPerS
        } else {
            self.throughputPerS = try Self.throughputOfOneDevice(base)
        }
        base.constraints.minimumThroughputPerS = self.throughputPerS
        self.problem = base
    }

    private static func throughputOfOneDevice(_ problem: Problem) throws(PlanningError) -> Double {
        var asked = problem
        asked.objective = .throughput
        do {
            guard let best = try SingleDeviceSearch.best(asked, table: CostTable(asked)), best.value > 0 else {
                let limits = problem.constraints == Constraints() ? "" : " and keep the limits"
                throw PlanningError.infeasible(
                    Infeasibility.unreachable(problem, solver: ChainSolver())
                        ?? "\(problem.model): no single device can do it\(limits), so say what throughput is wanted")
            }
            // A hair below, so that rounding does not forbid the plan that sets the pace.
            return (1 - 1e-6) / best.value
        } catch let error as PlanningError {
            throw error
        } catch let error as ProblemError {
            throw .invalid(error)
        } catch {
            throw .solver("\(error)")
        }
    }

    /// - Parameter progress: called with the periods done; of `window.count`.
    public func run(progress: (Int) -> Void = { _ in }) throws(PlanningError) -> DayReport {
        var report = DayReport(
            model: problem.model, zones: window.zones, strategies: strategies, throughputPerS: throughputPerS,
            periodS: window.periodS, periods: [], unknownCount: 0, unknownReason: nil, noPlanReason: nil)
        let standing = try standingPlans()
        var done = 0
        for period in window {
            defer {
                done += 1
                progress(done)
            }
            guard let intensities = period.intensitiesGPerKWh else {
                report.unknownCount += 1
                report.unknownReason = report.unknownReason ?? period.gaps.first.map { "\($0)" }
                continue
            }
            let entries = try entries(
                intensities, periodS: period.timeS.upperBound - period.timeS.lowerBound, standing: standing)
            if report.noPlanReason == nil, let exact = strategies.firstIndex(of: .exact), entries[exact] == nil {
                report.noPlanReason = whyNone(with(intensities))
            }
            report.periods.append(
                DayReport.Period(
                    at: UTCTime.string(secondsSince1970: period.timeS.lowerBound), intensitiesGPerKwh: intensities,
                    entries: entries))
        }
        return report
    }

    /// Plans that do not change with the hour.
    private func standingPlans() throws(PlanningError) -> [DayStrategy: Plan] {
        let means = window.series.map { series in
            let points = series.points.map(\.intensityGPerKWh)
            return points.isEmpty ? 0 : points.reduce(0, +) / Double(points.count)
        }
        var energy = with(means)
        energy.objective = .energy
        var plans: [DayStrategy: Plan] = [:]
        plans[.fixed] = try? ExactPlanner().plan(with(means))
        plans[.leastEnergy] = try? ExactPlanner().plan(energy)
        return plans
    }

    private func with(_ intensities: [Double]) -> Problem {
        var changed = problem
        for index in changed.devices.indices {
            guard let zone = changed.devices[index].zone, let place = window.zones.firstIndex(of: zone) else {
                continue
            }
            changed.devices[index].intensityGPerKwh = intensities[place]
        }
        return changed
    }

    private func entries(
        _ intensities: [Double], periodS: Double, standing: [DayStrategy: Plan]
    ) throws(PlanningError) -> [DayReport.Entry?] {
        let own = with(intensities)
        var waiting = own
        waiting.wantedThroughputPerS = throughputPerS
        let tables: (CostTable, CostTable)
        do { tables = (try CostTable(own), try CostTable(waiting)) } catch { throw .invalid(error) }
        return strategies.map { strategy in
            guard let plan = plan(strategy, own: own, waiting: waiting, standing: standing) else { return nil }
            let schedule = plan.schedule(in: own, table: tables.0)
            guard let pace = try? Evaluator.price(schedule, of: own, table: tables.0),
                let slow = try? Evaluator.price(schedule, of: waiting, table: tables.1),
                let carbonG = pace.carbonG, let waitingCarbonG = slow.carbonG, let energyJ = pace.energyJ,
                pace.cycleS > 0
            else { return nil }
            let source = problem.source
            return DayReport.Entry(
                carbonGPerThousand: 1000 * carbonG, waitingCarbonGPerThousand: 1000 * waitingCarbonG,
                energyJPerThousand: 1000 * energyJ, inferences: periodS / pace.cycleS,
                cutLayer: plan.layers.first { $0.device != source }?.index)
        }
    }

    private func whyNone(_ problem: Problem) -> String {
        if let sentence = Infeasibility.unreachable(problem, solver: ChainSolver()) { return sentence }
        do {
            _ = try ExactPlanner().plan(problem)
            return "\(problem.model): its plan cannot be priced; give every device its powers"
        } catch {
            return "\(error)"
        }
    }

    private func plan(
        _ strategy: DayStrategy, own: Problem, waiting: Problem, standing: [DayStrategy: Plan]
    ) -> Plan? {
        switch strategy {
        case .exact: return try? ExactPlanner().plan(own)
        case .waiting: return try? ExactPlanner().plan(waiting)
        case .fixed, .leastEnergy: return standing[strategy]
        case .cadi:
            var published = own
            published.costModel = .published
            return try? CADI(solver: ChainSolver()).plan(published)
        case .bestBoard:
            guard let table = try? CostTable(own), let best = try? SingleDeviceSearch.best(own, table: table) else {
                return nil
            }
            var pinned = own
            let fixed = own.pinnedDevices
            pinned.pins = own.layers.indices.map { Pin(layer: $0, device: fixed[$0] ?? best.device) }
            return try? ExactPlanner().plan(pinned)
        }
    }
}
