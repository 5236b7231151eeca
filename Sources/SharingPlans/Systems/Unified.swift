import Sharing

/// One planner above the others: dynamic programming over layers and a larger choice of ways to share, seeded with
/// every other system's plan, then improved change by change under `SharedSchedule` (`SharingDescent`).
///
/// GenEFlow's search takes as long as one lets it; it is a seed in the size that the options give.
public enum Unified {
    public struct Outcome: Sendable {
        public let plan: SharingPlan
        /// `SharingBound`; infinite where no plan keeps the memories.
        public let boundS: Double
        /// `MemoryBound`: every plan exceeds the memories by so much; 0 where one may fit.
        public let leastExcessBytes: Int
        /// All that were compared, the plan itself last.
        public let candidates: [SharingPlan]

        /// How far the plan may be above the least latency, as a part of the bound (0.1: 10 %; nil: the bound is 0, or
        /// the plan does not fit, and the bound is of plans that do).
        public var gap: Double? { boundS > 0 && plan.evaluation.fits ? plan.evaluation.latencyS / boundS - 1 : nil }
    }

    /// Layers in one segment at most.
    static let longestSegment = 12
    /// Parts of operators that are priced at most while plans are improved.
    static let workMost = 1_200_000
    /// Plans that are improved at most, beside one of stages.
    static let startsMost = 3
    /// Prices of memory that a plan which does not fit is improved under.
    static let penaltiesMost = 5
    /// Searches for a plan that fits, each with other prices of memory.
    static let memoryRoundsMost = 3

    /// Plans a graph for a cluster.
    ///
    /// A plan is there after milliseconds, one that keeps the memories (`StagePlacement`) soon behind; the rest of the
    /// budget goes to the other systems, to a search of its own and to improving, each up to a part of it.
    ///
    /// - Parameter seeds: plans that are known already; the result is never worse than any of them.
    public static func plan(
        _ shared: SharedGraph, _ cluster: SharingCluster, _ options: SharingOptions = SharingOptions(),
        seeds: [SharingPlan] = []
    ) throws(SharingError) -> Outcome {
        let begun = options.started()
        // What is left for pricing what was found once more.
        var options = begun.until(Part.all)
        var candidates = seeds
        // Beside the others, so that they push no other plan out of those that are improved.
        var stages: [SharingPlan] = []
        var fault: SharingError?
        var pricingS = 0.0
        for system in SharingSystem.allCases where system != .unified && !seeds.contains(where: { $0.system == system })
        {
            let limited = options.until(part(system))
            if limited.timeIsUp, !candidates.isEmpty { continue }
            let beginS = options.elapsedS
            do {
                if let plan = try system.search(shared, on: cluster, limited, until: { limited.timeIsUp }) {
                    candidates.append(plan)
                }
            } catch { fault = fault ?? error }
            if system == .local { pricingS = options.elapsedS - beginS }
            if system == .local, !candidates.contains(where: \.evaluation.fits) {
                stages = try StagePlacement(shared, cluster).plans { options.timeIsUp }
            }
            // Shares of rows are about as much to price as any plan.
            if system == .oneDimH, let timeS = begun.budget.timeS {
                options = options.ending(at: timeS - pricings * (options.elapsedS - beginS))
            }
        }
        // What one system cannot plan at all, as a tensor of too many axes, others may.
        if candidates.isEmpty, let fault { throw fault }
        for device in cluster.devices.indices where device != cluster.source && !options.timeIsUp {
            candidates.append(
                try SharingPlan(.unified, scheme: .whole(on: device, of: cluster.deviceCount), shared, cluster))
        }
        let search = try search(shared, cluster, options, pricingS: pricingS, &candidates)
        if let fastest = fastest(candidates), !fastest.evaluation.fits, !options.timeIsUp,
            let placed = MemoryPlacement.layouts(shared, cluster)
        {
            candidates.append(try SharingPlan(.unified, placed, shared, cluster))
        }
        // The first of equals, so that simpler systems win.
        var best = candidates[0]
        for candidate in candidates where isBetter(candidate.evaluation, best.evaluation) { best = candidate }
        if !options.until(Part.searches).timeIsUp, let polished = try polished(best, shared, cluster, options) {
            candidates.append(polished)
            if isBetter(polished.evaluation, best.evaluation) { best = polished }
        }
        var starts = starts(candidates)
        if let stage = self.best(of: stages) {
            starts.append(stage.assignment)
            candidates.append(stage)
            if isBetter(stage.evaluation, best.evaluation) { best = stage }
        }
        let boundS =
            if let solver = options.solver {
                SharingBound.latencyS(shared, cluster, solver, within: min(boundTimeMostS, options.leftS * Part.bound))
            } else {
                SharingBound.latencyS(shared, cluster)
            }
        var plan = SharingPlan(.unified, from: best)
        if let search, let layouts = try improve(starts, search, cluster, options),
            layouts != best.assignment.layouts
        {
            let improved = try SharingPlan(.unified, layouts, shared, cluster)
            if !isBetter(best.evaluation, improved.evaluation) { plan = improved }
        }
        plan.boundS = boundS
        return Outcome(
            plan: plan, boundS: boundS, leastExcessBytes: MemoryBound.excessBytes(shared, cluster),
            candidates: candidates + [plan])
    }

    /// Parts of the budget's time after which nothing new is begun.
    private enum Part {
        static let systems = 0.3
        static let evolution = 0.45
        static let programs = 0.6
        static let searches = 0.75
        static let all = 0.95
        /// Of what is left when all was searched.
        static let bound = 0.4
    }

    /// Seconds that the program of the bound may take where there is no budget.
    private static let boundTimeMostS = 5.0
    /// As many plans may be priced once the time is up.
    private static let pricings = 2.0

    private static func part(_ system: SharingSystem) -> Double {
        switch system {
        case .local: 1
        case .geneFlow: Part.evolution
        case .geneFlowLP: Part.programs
        default: Part.systems
        }
    }

    /// Searches over all ways to share, and adds what it finds; nil where there is no time for it.
    ///
    /// - Parameter pricingS: what it takes to price a plan of one device; the layouts of a scheme take about as long.
    private static func search(
        _ shared: SharedGraph, _ cluster: SharingCluster, _ options: SharingOptions, pricingS: Double,
        _ candidates: inout [SharingPlan]
    ) throws(SharingError) -> SegmentSearch? {
        let limited = options.until(Part.searches)
        let schemes = schemes(shared, cluster, options)
        guard !limited.timeIsUp, limited.leftS > pricingS * Double(schemes.count) else { return nil }
        var search = SegmentSearch(
            shared, cluster, schemes, longest: longestSegment,
            pricing: SegmentPricing(overlapsLinks: true))
        if let found = search.run(until: { limited.timeIsUp }) {
            let first = try SharingPlan(.unified, found, shared, cluster)
            candidates.append(first)
            if !candidates.contains(where: \.evaluation.fits) {
                candidates += try fitting(first, &search, shared, cluster, limited)
            }
        }
        return search
    }

    /// A plan of the same axes and devices, with the shares of a linear program (nil: nobody solves it).
    private static func polished(
        _ plan: SharingPlan, _ shared: SharedGraph, _ cluster: SharingCluster, _ options: SharingOptions
    ) throws(SharingError) -> SharingPlan? {
        guard let solver = options.solver else { return nil }
        let bounds = LayerStarts.positions(shared) + [shared.graph.operators.count]
        let layers = zip(bounds, bounds.dropFirst()).map { $0..<$1 }
        guard layers.count <= GeneFlowLP.layersMost else { return nil }
        let choices = GeneFlowLP.choices(plan.assignment.layouts, shared, cluster, layers)
        let relaxation = ShareRelaxation(shared, cluster, layers, choices)
        guard let solution = try? solver.least(of: relaxation.program, within: options.leftS),
            let layouts = relaxation.layouts(solution)
        else {
            return nil
        }
        return try SharingPlan(.unified, layouts, shared, cluster)
    }

    /// The first of the best.
    private static func best(of plans: [SharingPlan]) -> SharingPlan? {
        plans.dropFirst().reduce(plans.first) { best, plan in
            best.map { isBetter(plan.evaluation, $0.evaluation) ? plan : $0 }
        }
    }

    private static func fastest(_ candidates: [SharingPlan]) -> SharingPlan? {
        candidates.min { $0.evaluation.latencyS < $1.evaluation.latencyS }
    }

    /// The candidates that are worth improving: the best one, the fastest one, and those that follow.
    private static func starts(_ candidates: [SharingPlan]) -> [SharedAssignment] {
        let best = candidates.enumerated().sorted {
            ($0.element.evaluation.excessBytes, $0.element.evaluation.latencyS, $0.offset) < (
                $1.element.evaluation.excessBytes, $1.element.evaluation.latencyS, $1.offset
            )
        }.map(\.element)
        var starts: [SharedAssignment] = []
        for plan in [best.first, fastest(candidates)].compactMap(\.self) + best where starts.count < startsMost {
            if !starts.contains(plan.assignment) { starts.append(plan.assignment) }
        }
        return starts
    }

    /// The best of what several plans become (nil: graphs of such tensors cannot be improved).
    private static func improve(
        _ starts: [SharedAssignment], _ search: SegmentSearch, _ cluster: SharingCluster, _ options: SharingOptions
    ) throws(SharingError) -> [SharedLayout]? {
        guard let table = PartTable(search.shared) else { return nil }
        var descent = SharingDescent(
            table, cluster, search.plain, starts: search.starts, work: 0, options)
        var best: (score: SharingDescent.Score, layouts: [SharedLayout])?
        for (index, start) in starts.enumerated() {
            // The first may use half of the work, and what one leaves over is the next one's. One more than those has
            // as much as one of them.
            descent.workLeft += workMost / (index == 0 ? 2 : 2 * max(1, min(starts.count, startsMost) - 1))
            try descent.begin(start.layouts)
            descent.runIntoMemory(rounds: penaltiesMost)
            if let known = best, !(descent.score < known.score) { continue }
            best = (descent.score, descent.layouts)
        }
        return best?.layouts
    }

    /// Plans of searches in which the memory of devices that lack some costs more and more.
    private static func fitting(
        _ first: SharingPlan, _ search: inout SegmentSearch, _ shared: SharedGraph, _ cluster: SharingCluster,
        _ options: SharingOptions
    ) throws(SharingError) -> [SharingPlan] {
        var plans = [first]
        var prices = cluster.devices.map { _ in 0.0 }
        // As if all weights together took as long as the plan.
        let unit = first.evaluation.latencyS / Double(max(1, shared.graph.weightBytes))
        for _ in 0..<memoryRoundsMost {
            guard let last = plans.last?.evaluation, !last.fits, !options.timeIsUp else { break }
            for (index, device) in cluster.devices.enumerated() {
                guard let memory = device.memoryBytes, last.peakBytes[index] > memory else { continue }
                let excess = Double(last.peakBytes[index] - memory) / Double(max(1, memory))
                prices[index] = prices[index] * 2 + unit * min(max(excess, 0.1), 4)
            }
            search.pricing = SegmentPricing(overlapsLinks: true, perWeightByteS: prices)
            guard let found = search.run(until: { options.timeIsUp }) else { break }
            plans.append(try SharingPlan(.unified, found, shared, cluster))
        }
        return Array(plans.dropFirst())
    }

    /// Ways to share: each cut over all devices, equally and by speed; rows and channels over some of the fastest; each
    /// device alone.
    ///
    /// Of them as many as fit into half of the memory budget, single devices first.
    static func schemes(
        _ shared: SharedGraph, _ cluster: SharingCluster, _ options: SharingOptions
    ) -> [SharingScheme] {
        let all = schemes(cluster)
        guard let memory = options.budget.memoryBytes else { return all }
        let each = shared.graph.operators.count * cluster.deviceCount * bytesForRegion
        let most = max(cluster.deviceCount + 1, memory / 2 / max(1, each))
        let single = all.filter { $0.cut == .whole }
        return all.filter { $0.cut != .whole }.prefix(most - single.count) + single
    }

    /// About as many bytes as a search keeps for each region of a scheme.
    private static let bytesForRegion = 250

    private static func schemes(_ cluster: SharingCluster) -> [SharingScheme] {
        let count = cluster.deviceCount
        var schemes = FlexPie.schemes(count)
        let isUnequal = Set(cluster.speeds).count > 1
        if isUnequal {
            for cut in [SharingScheme.Cut.rows, .columns, .channels, .grid] {
                schemes.append(.proportional(cut, cluster.speeds))
            }
        }
        let ranked = cluster.devices.indices.sorted {
            (-cluster.speeds[$0], $0 == cluster.fastest ? -1 : $0) < (
                -cluster.speeds[$1], $1 == cluster.fastest ? -1 : $1
            )
        }
        let memory = cluster.devices.map { Double($0.memoryBytes ?? 0) }
        if memory.allSatisfy({ $0 > 0 }), Set(memory).count > 1 {
            schemes.append(.proportional(.channels, memory))
        }
        for size in 2..<max(count, 2) {
            let some = Set(ranked.prefix(size))
            let weights = cluster.speeds.enumerated().map { some.contains($0.offset) ? $0.element : 0 }
            for cut in [SharingScheme.Cut.rows, .channels] { schemes.append(.proportional(cut, weights)) }
        }
        return schemes + cluster.devices.indices.map { .whole(on: $0, of: count) }
    }

    /// Memory first: a plan that fits beats one that does not.
    private static func isBetter(_ left: SharingEvaluation, _ right: SharingEvaluation) -> Bool {
        (left.excessBytes, left.latencyS) < (right.excessBytes, right.latencyS)
    }
}
