import Costs

/// The best plan that gives every layer that is not pinned to one device.
package enum SingleDeviceSearch {
    /// More ways to set the clocks than that are searched, not tried: pins may bring many devices into it. As many as
    /// `Verifier` tries; fewer where each is a search for bundles, which it leaves alone.
    package static let triedMost = 4096
    private static let triedWithBundlesMost = 64
    /// Steps of that search, `ChainSolver.Budget.maximumWork`: some tenths of a second.
    private static let searchWork = 20_000_000

    /// Nil where no device alone keeps the memories and limits or can be reached.
    package static func best(
        _ problem: Problem, table: CostTable, triedMost most: Int? = nil
    ) throws(ProblemError) -> Plan.SingleDevice? {
        let triedMost = most ?? (table.hasMeasuredBundles ? triedWithBundlesMost : triedMost)
        let hasEnergy = QuantityLayout(problem, table: table, energy: EnergyTable(problem)).hasEnergy
        var best: Plan.SingleDevice?
        for device in 0..<table.deviceCount {
            let path = table.pinned.map { $0 ?? device }
            guard MemoryUse.fits(path, table: table),
                path.enumerated().allSatisfy({ table.isAllowed(layer: $0.offset, device: $0.element) })
            else { continue }
            let choosesClocks = hasEnergy || table.hasMeasuredBundles
            for schedule in schedules(path, problem, table, choosesClocks: choosesClocks, triedMost: triedMost) {
                guard BundledPath.keepsPublishedRule(schedule, problem: problem, table: table),
                    let prediction = try? Evaluator.price(schedule, of: problem, table: table),
                    Limits.broken(by: prediction, path: path, problem: problem) == nil,
                    let value = prediction.value(problem.objective), value < best?.value ?? .infinity
                else { continue }
                best = Plan.SingleDevice(
                    device: problem.devices[device].id, latencyS: prediction.latencyS, value: value)
            }
        }
        return best
    }

    /// The path at all clocks of the devices on it, where they are few; at the best ones, where they are many.
    private static func schedules(
        _ path: [Int], _ problem: Problem, _ table: CostTable, choosesClocks: Bool, triedMost: Int
    ) -> [Schedule] {
        let used = choosesClocks ? Set(path).sorted() : []
        let count = used.reduce(1.0) { $0 * Double(table.points[$1].count) }
        guard count <= Double(triedMost) else { return searched(path, problem).map { [$0] } ?? [] }
        return choices(of: used, table: table).map {
            BundledPath.schedule(path, points: $0, problem: problem, table: table)
        }
    }

    /// Every way to give the used devices a point each; the others keep their fastest.
    private static func choices(of used: [Int], table: CostTable) -> [[Int]] {
        var found = [table.fastestPoints]
        for device in used {
            found = found.flatMap { points in
                table.points[device].indices.map { point in
                    var points = points
                    points[device] = point
                    return points
                }
            }
        }
        return found
    }

    /// Nil where the budget ends before a schedule that keeps the limits is found.
    private static func searched(_ path: [Int], _ problem: Problem) -> Schedule? {
        var pinned = problem
        pinned.pins = path.enumerated().map { Pin(layer: $0.offset, device: problem.devices[$0.element].id) }
        guard let table = try? CostTable(pinned), let built = try? ProblemProgram(pinned, table: table),
            case .found(let chain, _) = ChainSolver().solve(built.program, budget: .init(maximumWork: searchWork))
        else { return nil }
        return built.schedule(chain)
    }
}

/// A path whose runs are cut into measured bundles as the rule of the problem says.
enum BundledPath {
    /// Equation 7.5, where it counts: at most ceil(n / maximum bundle size) bundles for the n layers of a device.
    static func keepsPublishedRule(_ schedule: Schedule, problem: Problem, table: CostTable) -> Bool {
        guard table.hasMeasuredBundles, problem.costModel == .published else { return true }
        let model = problem.layers.count { $0.kind == .model }
        let size = min(problem.constraints.maximumBundleSize ?? .max, max(1, model))
        return (0..<table.deviceCount).allSatisfy { device in
            let own = schedule.steps.filter { $0.device == device && problem.layers[$0.first].kind == .model }
            let layerCount = own.reduce(0) { $0 + $1.last - $1.first + 1 }
            return own.count <= (layerCount + size - 1) / size
        }
    }

    static func schedule(_ path: [Int], points: [Int], problem: Problem, table: CostTable) -> Schedule {
        guard table.hasMeasuredBundles else { return Schedule(path: path, points: points) }
        let modes = points.enumerated().map { ChainProgram.Mode(device: $0, point: $1) }
        let splits = RunSplits(
            problem, table: table, modes: modes,
            maximumSize: min(problem.constraints.maximumBundleSize ?? .max, table.layerCount))
        var steps: [Schedule.Step] = []
        var first = 0
        while first < path.count {
            var last = first
            if problem.layers[first].kind == .model {
                while last + 1 < path.count, path[last + 1] == path[first], problem.layers[last + 1].kind == .model {
                    last += 1
                }
                for bundle in splits.bundles(first...last, mode: path[first]) {
                    steps.append(
                        .init(
                            first: bundle.lowerBound, last: bundle.upperBound, device: path[first],
                            point: points[path[first]]))
                }
            } else {
                steps.append(.init(first: first, last: first, device: path[first], point: points[path[first]]))
            }
            first = last + 1
        }
        return Schedule(steps)
    }
}
