/// A way through a `ChainProgram`: steps in the order of the layers.
public struct ChainSchedule: Sendable, Equatable {
    public struct Step: Sendable, Equatable {
        public var first: Int
        public var length: Int
        public var mode: Int

        public init(first: Int, length: Int, mode: Int) {
            self.first = first
            self.length = length
            self.mode = mode
        }
    }

    public var steps: [Step]

    public init(_ steps: [Step]) { self.steps = steps }
}

extension ChainProgram {
    /// What a schedule comes to.
    public struct Totals: Sendable, Equatable {
        /// One for each quantity.
        public var quantities: [Double]
        /// The plan's `S`; zero where there is none.
        public var shared: Double
        /// Seconds waited for hidden loads.
        public var waitS: Double

        public var objective: Double { quantities[0] }
    }

    /// Adds a schedule up, without looking at limits; nil where it is no schedule of this program.
    ///
    /// It is none where it does not cover the layers in order, takes a step or move that is not allowed, or uses two
    /// modes of one device.
    public func totals(_ schedule: ChainSchedule) -> Totals? {
        var totals = [Double](repeating: 0, count: quantityCount)
        var loads = [Double](repeating: 0, count: deviceCount)
        var modeOf = [Int?](repeating: nil, count: deviceCount)
        var finishS = [Double](repeating: 0, count: deviceCount)
        var waitS = 0.0
        var next = 0
        var previous: Int?
        for step in schedule.steps {
            guard step.first == next, (1...maximumStepLength).contains(step.length),
                step.first + step.length <= layerCount, modes.indices.contains(step.mode)
            else { return nil }
            let device = modes[step.mode].device
            guard modeOf[device] ?? step.mode == step.mode else { return nil }
            modeOf[device] = step.mode
            if let previous {
                let move = moveIndex(boundary: next, from: previous, to: step.mode)
                guard moveIsAllowed(move) else { return nil }
                for quantity in totals.indices { totals[quantity] += moves[move * quantityCount + quantity] }
                if !moveLoads.isEmpty { loads[modes[previous].device] += moveLoads[move] }
            }
            let index = stepIndex(first: step.first, length: step.length, mode: step.mode)
            guard stepIsAllowed(index) else { return nil }
            if let hiddenLoads {
                let now = totals[hiddenLoads.quantity]
                let loadS = hiddenLoads.loadS[index]
                let wait = previous == step.mode ? loadS : max(0, finishS[device] + loadS - now)
                totals[hiddenLoads.quantity] += wait
                waitS += wait
            }
            for quantity in totals.indices { totals[quantity] += steps[index * quantityCount + quantity] }
            if !stepLoads.isEmpty { loads[device] += stepLoads[index] }
            if let hiddenLoads { finishS[device] = totals[hiddenLoads.quantity] }
            next += step.length
            previous = step.mode
        }
        guard next == layerCount else { return nil }
        return withCharges(totals, loads: loads, isUsed: modeOf.map { $0 != nil }, waitS: waitS)
    }

    private func withCharges(_ sums: [Double], loads: [Double], isUsed: [Bool], waitS: Double) -> Totals {
        var totals = sums
        for device in 0..<deviceCount where isUsed[device] {
            for quantity in totals.indices { totals[quantity] += quantities[quantity].firstUse[device] }
        }
        let figure: Double =
            switch shared {
            case .none: 0
            case .total(let quantity): totals[quantity]
            case .bottleneck: loads.max() ?? 0
            }
        for device in 0..<deviceCount where isUsed[device] {
            for quantity in totals.indices { totals[quantity] += quantities[quantity].sharedPrice[device] * figure }
        }
        return Totals(quantities: totals, shared: figure, waitS: waitS)
    }

    /// Bytes of weights and activations that each device would hold.
    public func memoryBytes(_ schedule: ChainSchedule) -> [Int] {
        var weights = [Int](repeating: 0, count: deviceCount)
        var peaks = weights
        for step in schedule.steps {
            let device = modes[step.mode].device
            for layer in step.first..<(step.first + step.length) {
                weights[device] += weightBytes[layer]
                peaks[device] = max(peaks[device], workingPeakBytes[layer])
            }
        }
        return zip(weights, peaks).map { $0 + $1 }
    }

    /// Does a schedule keep every limit? Relative differences of `tolerance` are rounding.
    public func isFeasible(_ schedule: ChainSchedule, tolerance: Double = 1e-9) -> Bool {
        guard let totals = totals(schedule) else { return false }
        for (quantity, total) in zip(quantities, totals.quantities).dropFirst()
        where total > quantity.limit + tolerance * abs(quantity.limit) { return false }
        if case .bottleneck(let limit) = shared, totals.shared > limit + tolerance * abs(limit) { return false }
        return zip(memoryBytes(schedule), capacityBytes).allSatisfy { $0 <= $1 }
    }
}
