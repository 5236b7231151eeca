import Costs

/// What a change of plan takes before the new one can serve: weights that cross the network, and sessions to load.
public enum MoveEstimate {
    /// To cut a segment out of the graph and make a session of it, its weights apart.
    public static let sessionS = 0.05
    /// Weights are read once where they lie, and once more while they are laid out as the board computes best.
    public static let weightPasses = 2.0

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
        guard assignment.count == problem.layers.count, incumbent?.count ?? assignment.count == assignment.count else {
            return nil
        }
        let devices = Dictionary(problem.devices.map { ($0.id, $0) }) { first, _ in first }
        var longest = 0.0
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
            longest = max(longest, boardS)
        }
        return longest
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
