import Costs

/// Tries every assignment. For small problems, and as the judge of the other planners.
public struct ExhaustivePlanner: Planner {
    public static let name = "exhaustive"

    /// Assignments that it tries at most.
    public static let maximumAssignments = 20_000_000

    public init() {}

    public func plan(_ problem: Problem, clock: () -> Duration) throws(PlanningError) -> Plan {
        let start = clock()
        let table: CostTable
        do { table = try CostTable(problem) } catch { throw .invalid(error) }
        var assignments = 1
        for layer in 0..<table.layerCount where table.pinned[layer] == nil {
            assignments *= table.deviceCount
            guard assignments <= Self.maximumAssignments else {
                throw .limit(
                    "planner exhaustive: the problem has more than \(Self.maximumAssignments) assignments; "
                        + "use the planner exact")
            }
        }
        guard let path = Self.best(table) else {
            throw .infeasible(Infeasibility.sentence(problem, table: table))
        }
        let solveS = (clock() - start).inSeconds
        do {
            let plan = try Plan(
                path: path, planner: Self.name, boundS: .infinity, solveS: solveS, problem: problem, table: table)
            return plan
        } catch { throw .invalid(error) }
    }

    /// Counts through the assignments like an odometer, the last layer fastest; the first of the cheapest wins.
    private static func best(_ table: CostTable) -> [Int]? {
        var path = table.pinned.map { $0 ?? 0 }
        let free = table.pinned.indices.filter { table.pinned[$0] == nil }
        var best: [Int]?
        var bestS = Double.infinity
        while true {
            let cost = seconds(path, table)
            if cost < bestS, MemoryUse.fits(path, table: table) {
                best = path
                bestS = cost
            }
            var digit = free.count - 1
            while digit >= 0, path[free[digit]] == table.deviceCount - 1 {
                path[free[digit]] = 0
                digit -= 1
            }
            guard digit >= 0 else { return best }
            path[free[digit]] += 1
        }
    }

    private static func seconds(_ path: [Int], _ table: CostTable) -> Double {
        var total = 0.0
        for layer in 0..<table.layerCount {
            let device = path[layer]
            total += table.computeS(layer: layer, device: device) + table.weightsS(layer: layer, device: device)
            if layer + 1 < table.layerCount {
                total += table.transferS(after: layer, from: device, to: path[layer + 1])
            }
        }
        return total
    }
}
