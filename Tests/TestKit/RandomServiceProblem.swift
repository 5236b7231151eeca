import Costs

/// Random problems with all that a plan may be asked for, the same for the same seed.
public struct RandomServiceProblem: Sendable {
    public enum Limit: Sendable, CaseIterable { case none, latency, energy, carbon, throughput, entries, wanted }
    public enum Bundles: Sendable, CaseIterable {
        case none
        /// Every bundle up to the largest size is measured.
        case all
        /// Some are missing.
        case some
    }

    public var base: RandomProblem
    public var objective = Objective.latency
    public var service = Service.oneAtATime
    public var costModel = CostModel.sound
    public var weights: WeightsPolicy?
    public var limit = Limit.none
    public var bundles = Bundles.none
    public var maximumBundleSize: Int?
    /// Operating points of a device, at most.
    public var points = 1
    public var privateCount = 0
    public var withExits = false

    public init(layers: Int, devices: Int, memory: RandomProblem.Memory = .loose) {
        base = RandomProblem(layers: layers, devices: devices, memory: memory)
    }

    /// - Throws: what the evaluator says of a random path; it is a fault of the generator.
    public func make(seed: UInt64) throws -> Problem {
        var generator = SeededGenerator(seed: seed ^ 0x5EED)
        var problem = base.make(seed: seed)
        problem.objective = objective
        problem.service = service
        problem.costModel = costModel
        if let weights { problem.weights = weights }
        if costModel == .sound, seed % 3 == 1 { problem.requestS = Double(seed % 7) * 0.004 }
        if service == .continuous, problem.weights == .preloaded { problem.weights = .resident }
        for index in problem.devices.indices { decorate(&problem.devices[index], &generator) }
        for index in problem.links.indices where generator.chance(0.3) {
            problem.links[index].reverseBandwidthBytesPerS = generator.logarithmic(in: 1e6...1e9)
        }
        if withExits {
            var reach = 1.0
            for index in problem.layers.indices {
                if problem.layers[index].kind == .model, generator.chance(0.3) { reach *= 0.7 }
                problem.layers[index].reachProbability = reach
            }
        }
        if privateCount > 0 {
            problem.pins = problem.pins.filter { $0.layer > privateCount }
            problem.constraints.privateLayers = Array(1...min(privateCount, base.layers))
            if base.devices > 1, problem.devices.count > 1 { problem.devices[1].node = problem.devices[0].node }
        }
        problem.energyScope = generator.chance(0.3) ? .edge : .all
        problem.constraints.maximumBundleSize = maximumBundleSize
        if bundles != .none { addBundles(&problem, &generator) }
        try addLimit(&problem, &generator)
        return problem
    }

    private func decorate(_ device: inout Device, _ generator: inout SeededGenerator) {
        let idleW = Double.random(in: 0.5...3, using: &generator)
        device.idlePowerW = generator.chance(0.2) ? 0 : idleW
        device.computePowerW = idleW + generator.logarithmic(in: 1...100)
        device.transferPower = TransferPower(
            uploadWPerMbitPerS: Double.random(in: 0...0.01, using: &generator),
            downloadWPerMbitPerS: Double.random(in: 0...0.01, using: &generator),
            baseW: Double.random(in: 0...2, using: &generator))
        device.intensityGPerKwh = Double.random(in: 0...800, using: &generator)
        let count = Int.random(in: 1...points, using: &generator)
        guard count > 1 else { return }
        let fastest = device.flops
        let mostW = device.computePowerW ?? idleW
        device.operatingPoints = (1...count).map { step in
            let share = Double(step) / Double(count)
            return OperatingPoint(
                frequencyHz: 1e9 * share, flops: fastest * share,
                computePowerW: idleW + (mostW - idleW) * share * share * Double.random(in: 0.8...1, using: &generator))
        }
    }

    private func addBundles(_ problem: inout Problem, _ generator: inout SeededGenerator) {
        let model = problem.layers.indices.filter { problem.layers[$0].kind == .model }
        let size = maximumBundleSize ?? model.count
        for device in problem.devices {
            let isSlowTogether = generator.chance(0.5)
            for point in device.points {
                for first in model {
                    var seconds = 0.0
                    for last in first..<(first + size) where last <= model[model.count - 1] {
                        seconds +=
                            problem.layers[last].flop / point.flops * Double.random(in: 1...1.3, using: &generator)
                        guard problem.layers[last].reachProbability == problem.layers[first].reachProbability else {
                            continue
                        }
                        let isKept = bundles == .all || generator.chance(0.7)
                        guard isKept else { continue }
                        let together = isSlowTogether && last > first ? 1.4 : 1.0
                        let latencyS = seconds * together
                        let powerW = point.computePowerW ?? 1
                        problem.bundles.append(
                            MeasuredBundle(
                                first: first, last: last, device: device.id, frequencyHz: point.frequencyHz,
                                latencyS: latencyS, energyJ: generator.chance(0.5) ? latencyS * powerW : nil))
                    }
                }
            }
        }
    }

    /// A limit between the least and the most that some random paths need.
    private func addLimit(_ problem: inout Problem, _ generator: inout SeededGenerator) throws {
        guard limit != .none else { return }
        if limit == .entries {
            problem.constraints.maximumEntries = Int.random(in: 1...2, using: &generator)
            return
        }
        let table = try CostTable(problem)
        var found: [Prediction] = []
        for _ in 0..<60 {
            var path: [Int] = []
            for layer in 0..<table.layerCount {
                let keep = path.last.map { table.isAllowed(layer: layer, device: $0) } ?? false
                let choice =
                    keep && generator.chance(0.6)
                    ? path[path.count - 1] : Int.random(in: 0..<table.deviceCount, using: &generator)
                path.append(table.pinned[layer] ?? choice)
            }
            let points = table.points.map { Int.random(in: 0..<$0.count, using: &generator) }
            if let prediction = try? Evaluator.price(
                Schedule(path: path, points: points), of: problem, table: table)
            {
                found.append(prediction)
            }
        }
        guard !found.isEmpty else { return }
        func between(_ values: [Double]) -> Double {
            let low = values.min() ?? 1
            let high = values.max() ?? 1
            return max(1e-12, low * 0.9 + (high - low) * Double.random(in: 0...0.5, using: &generator))
        }
        switch limit {
        case .none, .entries: break
        case .latency: problem.constraints.maximumLatencyS = between(found.map(\.latencyS))
        case .carbon: problem.constraints.maximumCarbonG = between(found.compactMap(\.carbonG))
        case .throughput: problem.constraints.minimumThroughputPerS = 1 / between(found.map(\.cycleS))
        case .wanted:
            if service == .continuous { problem.wantedThroughputPerS = 1 / (2 * between(found.map(\.cycleS))) }
        case .energy:
            for device in problem.devices where generator.chance(0.7) {
                let used = found.compactMap { $0.devices.first { $0.id == device.id }?.energy?.totalJ }
                guard !used.isEmpty else { continue }
                problem.constraints.maximumEnergy.append(.init(device: device.id, energyJ: between(used)))
            }
        }
    }
}
