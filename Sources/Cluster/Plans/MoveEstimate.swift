import Costs

/// What a change of plan takes before the new one can serve: weights that cross the network, and sessions to load.
public enum MoveEstimate {
    /// To cut a segment out of the graph and make a session of it, its weights apart.
    public static let sessionS = 0.05
    /// Weights are read once where they lie, and once more while they are laid out as the board computes best.
    public static let weightPasses = 2.0

    /// What a change takes.
    public struct Cost: Sendable, Hashable {
        /// Until the slowest board is ready.
        public var timeS: Double
        /// Of the boards that load, while they do (nil: a power is unknown).
        public var energyJ: Double?
        /// The same in grams of CO2 equivalent (nil: a power or an intensity is unknown).
        public var carbonG: Double?

        public init(timeS: Double, energyJ: Double? = nil, carbonG: Double? = nil) {
            self.timeS = timeS
            self.energyJ = energyJ
            self.carbonG = carbonG
        }
    }

    /// Seconds until the slowest board is ready. Boards work side by side; each first fetches what it lacks, then loads
    /// its segments and runs each once.
    ///
    /// A board is taken to have the weights of the layers that the plan in force gives it, and of all layers where it
    /// holds the model. What is left on disk from plans before is not known here, so that this is an upper bound.
    ///
    /// - Parameters:
    ///   - assignment: the new plan's device for each layer of the problem.
    ///   - incumbent: the same of the plan in force; nil where there is none with these layers.
    ///   - holders: boards that hold every weight.
    /// - Returns: nil where a board lacks weights and no link leads from a holder to it.
    public static func seconds(
        to assignment: [DeviceID], from incumbent: [DeviceID]?, of problem: Problem, holders: [NodeID]
    ) -> Double? {
        cost(to: assignment, from: incumbent, of: problem, holders: holders)?.timeS
    }

    /// The same with what the boards take from the grid meanwhile: each the power of its hungriest device in use.
    public static func cost(
        to assignment: [DeviceID], from incumbent: [DeviceID]?, of problem: Problem, holders: [NodeID]
    ) -> Cost? {
        guard assignment.count == problem.layers.count, incumbent?.count ?? assignment.count == assignment.count else {
            return nil
        }
        let devices = Dictionary(problem.devices.map { ($0.id, $0) }) { first, _ in first }
        var cost = Cost(timeS: 0, energyJ: 0, carbonG: 0)
        for node in Set(problem.devices.map(\.node)).sorted() {
            // Pseudo layers have neither weights nor a session.
            func layersHere(_ assignment: [DeviceID]) -> [Int] {
                assignment.indices.filter {
                    devices[assignment[$0]]?.node == node && problem.layers[$0].kind == .model
                }
            }
            let layers = layersHere(assignment)
            let before = incumbent.map(layersHere) ?? []
            // The same layers on the same devices: the sessions of the plan in force are used again.
            if layers == before, layers.allSatisfy({ assignment[$0] == incumbent?[$0] }) { continue }
            let missing = holders.contains(node) ? [] : layers.filter { !before.contains($0) }
            let missingBytes = missing.reduce(0) { $0 + problem.layers[$1].weightBytes }
            var boardS = 0.0
            if missingBytes > 0 {
                guard let bandwidth = bandwidth(to: node, from: holders, problem, devices) else { return nil }
                boardS += Double(missingBytes) / bandwidth
            }
            for (position, layer) in layers.enumerated() {
                guard let device = devices[assignment[layer]] else { return nil }
                let weightBytes = Double(problem.layers[layer].weightBytes)
                boardS += weightPasses * weightBytes / device.memoryBandwidthBytesPerS
                boardS += problem.layers[layer].flop / device.flops
                let follows = position > 0 && layers[position - 1] == layer - 1
                if !follows || assignment[layer - 1] != assignment[layer] { boardS += sessionS }
            }
            cost.timeS = max(cost.timeS, boardS)
            let used = Set(layers.map { assignment[$0] }).sorted().compactMap { devices[$0] }
            cost.add(timeS: boardS, of: used)
        }
        return cost
    }

    /// Of the best link from a holder to the board.
    private static func bandwidth(
        to node: NodeID, from holders: [NodeID], _ problem: Problem, _ devices: [DeviceID: Device]
    ) -> Double? {
        problem.links.compactMap { link in
            let ends = link.between.compactMap { devices[$0] }
            let leads =
                ends.contains { $0.node == node } && ends.contains { $0.node != node && holders.contains($0.node) }
            guard leads else { return nil }
            return ends.compactMap(\.networkBandwidthBytesPerS).reduce(link.bandwidthBytesPerS, min)
        }.max()
    }
}

extension MoveEstimate.Cost {
    /// In the unit of an objective: joule, gram, else seconds.
    public func value(_ objective: Objective) -> Double? {
        switch objective {
        case .latency, .throughput: timeS
        case .energy: energyJ
        case .carbon: carbonG
        }
    }

    fileprivate mutating func add(timeS: Double, of used: [Device]) {
        guard !used.isEmpty else { return }
        let powers = used.map { $0.points[$0.fastestPoint].computePowerW }
        guard powers.allSatisfy({ $0 != nil }), let powerW = powers.compactMap(\.self).max() else {
            energyJ = nil
            carbonG = nil
            return
        }
        energyJ = energyJ.map { $0 + powerW * timeS }
        let intensities = used.map(\.intensityGPerKwh)
        guard intensities.allSatisfy({ $0 != nil }), let intensity = intensities.compactMap(\.self).max() else {
            carbonG = nil
            return
        }
        carbonG = carbonG.map { $0 + powerW * timeS * intensity / EnergyTable.joulePerKwh }
    }
}
