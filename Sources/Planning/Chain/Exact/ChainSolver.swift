/// Solves a `ChainProgram` exactly: the schedule of least objective that keeps all limits, proved.
///
/// Where nothing binds it is a layered shortest path, O(layers x modes^2). Otherwise a resource-constrained shortest
/// path: label setting with dominance and Lagrangian completion bounds, inside a branch and bound over the modes of the
/// devices. Past its budget it gives the best schedule known and a bound of all others.
public struct ChainSolver: Sendable {
    /// What a search may use. All but `shouldStop` is counted, so that the same program always ends at the same place.
    public struct Budget {
        /// Steps of shortest paths, a label counted as 200 of them: six hundred million are some seconds.
        public var maximumWork: Int
        /// Bytes that the labels of one search may take.
        public var maximumLabelBytes: Int
        /// Asked now and then; true ends the search.
        public var shouldStop: () -> Bool

        public init(
            maximumWork: Int = 600_000_000, maximumLabelBytes: Int = 256 << 20,
            shouldStop: @escaping () -> Bool = { false }
        ) {
            self.maximumWork = maximumWork
            self.maximumLabelBytes = maximumLabelBytes
            self.shouldStop = shouldStop
        }
    }

    public init() {}

    /// - Parameters:
    ///   - start: a schedule to improve on; ignored where it breaks a limit.
    ///   - onImprovement: told each better schedule with its objective, as it is found.
    public func solve(
        _ program: ChainProgram, start: ChainSchedule? = nil, budget: Budget = Budget(),
        onImprovement: ((ChainSchedule, Double) -> Void)? = nil
    ) -> ChainOutcome {
        Self.solve(
            program, limits: ChainLimits(program), start: start, budget: budget, onImprovement: onImprovement)
    }

    /// The same with limits of one's own.
    static func solve(
        _ program: ChainProgram, limits: ChainLimits, start: ChainSchedule?, budget: Budget,
        onImprovement: ((ChainSchedule, Double) -> Void)?
    ) -> ChainOutcome {
        guard limits.capacityBytes.allSatisfy({ $0 >= 0 }) else { return .infeasible }
        let network = ChainNetwork(program, limits: limits)
        let incumbent = ChainIncumbent(network, onImprovement: onImprovement)
        if let start { incumbent.offer(start) }
        let isKept = network.allSteps()
        let graph = StageGraph(network, isKept: isKept)
        guard !graph.starts(0).isEmpty, !graph.ends(network.layerCount).isEmpty else { return .infeasible }
        let needs = StageNeeds(network, graph)
        var isUsed = [Bool](repeating: false, count: network.deviceCount)
        for layer in 0..<network.layerCount {
            if let only = needs.onlyDevice(layer) { isUsed[only] = true }
        }
        let relaxation = StageRelaxation(
            network, graph, needs, isUsed: isUsed, iterations: 1, incumbent: incumbent, start: nil, repairs: true)
        if relaxation.value < incumbent.threshold {
            let search = ChainSearch(
                network, incumbent: incumbent, budget: budget, workDone: graph.moveCount + graph.arcCount)
            search.run(isKept, graph, needs, start: relaxation.asStart)
            guard let best = incumbent.best else { return search.openBound == .infinity ? .infeasible : .unknown }
            let isProved = search.openBound >= incumbent.threshold
            return .found(best.schedule, bound: isProved ? best.objective : max(0, search.openBound))
        }
        guard let best = incumbent.best else { return .infeasible }
        return .found(best.schedule, bound: best.objective)
    }
}
