/// Improves a schedule by moving runs of consecutive steps to another mode, and devices to another mode, until nothing
/// helps.
///
/// A move is judged by the objective's own figures first, and priced in full only where these promise a gain.
struct ChainLocalSearch {
    private let network: ChainNetwork
    private let program: ChainProgram
    /// Steps of shortest paths that all of it was worth.
    private(set) var work = 0
    /// The same of pricing one step of a schedule.
    static let workOfPrice = 4

    init(_ network: ChainNetwork) {
        self.network = network
        program = network.program
    }

    /// Nil where nothing better was found.
    mutating func improve(
        _ start: ChainSchedule, objective: Double
    ) -> (schedule: ChainSchedule, objective: Double)? {
        var current = (schedule: start, objective: objective)
        var improved = false
        // Each round takes the best move of all; the limit only guards against rounding that would cycle.
        for _ in 0..<(4 * network.layerCount) {
            guard let better = bestMove(current.schedule, current.objective) ?? bestMode(current) else { break }
            current = better
            improved = true
        }
        return improved ? current : nil
    }

    private typealias Candidate = (schedule: ChainSchedule, objective: Double)

    /// Another mode for all steps of a device.
    private mutating func bestMode(_ current: Candidate) -> Candidate? {
        var best: Candidate?
        for device in 0..<network.deviceCount where network.modesOf[device].count > 1 {
            guard current.schedule.steps.contains(where: { network.deviceOf[$0.mode] == device }) else { continue }
            for mode in network.modesOf[device] {
                var steps = current.schedule.steps
                for index in steps.indices where network.deviceOf[steps[index].mode] == device {
                    steps[index].mode = mode
                }
                let schedule = ChainSchedule(steps)
                work += Self.workOfPrice * steps.count
                guard let objective = network.limits.objective(of: schedule, in: program),
                    objective < (best?.objective ?? current.objective) * (1 - 1e-12)
                else { continue }
                best = (schedule, objective)
            }
        }
        return best
    }

    /// Another mode for a run of steps.
    private mutating func bestMove(_ schedule: ChainSchedule, _ objective: Double) -> Candidate? {
        // The worth of S at the devices in use; those that come or go change it, which the full price then tells.
        var isUsed = [Bool](repeating: false, count: network.deviceCount)
        var modeOf = [Int](repeating: -1, count: network.deviceCount)
        var weightBytes = [Int](repeating: 0, count: network.deviceCount)
        var peakBytes = weightBytes
        let peakOf = schedule.steps.map { step in
            program.workingPeakBytes[step.first..<(step.first + step.length)].max() ?? 0
        }
        for (step, peak) in zip(schedule.steps, peakOf) {
            let device = network.deviceOf[step.mode]
            isUsed[device] = true
            modeOf[device] = step.mode
            weightBytes[device] += network.weightsBefore[step.first + step.length] - network.weightsBefore[step.first]
            peakBytes[device] = max(peakBytes[device], peak)
        }
        let none = [Double](repeating: 0, count: network.quantityCount)
        let worth = ChainWorth(network, quantity: none, isUsed: isUsed).quantity
        let steps = schedule.steps
        let stride = program.quantityCount
        func figure(_ figures: [Double], _ index: Int) -> Double {
            guard figures[index * stride].isFinite else { return .infinity }
            var sum = 0.0
            for quantity in worth.indices where worth[quantity] != 0 {
                sum += worth[quantity] * figures[index * stride + network.quantityOf[quantity]]
            }
            return sum
        }
        func move(_ position: Int, _ from: Int, _ to: Int) -> Double {
            figure(program.moves, program.moveIndex(boundary: steps[position].first, from: from, to: to))
        }
        // By position and mode: the step, and the step after one in the same mode.
        let modes = network.modeCount
        var stepOf: [Double] = []
        stepOf.reserveCapacity(steps.count * modes)
        for step in steps {
            let row = program.stepIndex(first: step.first, length: step.length, mode: 0)
            for mode in 0..<modes { stepOf.append(figure(program.steps, row + mode)) }
        }
        var againOf = stepOf
        for position in steps.indices.dropFirst() {
            for mode in 0..<modes { againOf[position * modes + mode] += move(position, mode, mode) }
        }
        // Of the schedule from its start to the end of each step, the move into the step included.
        var soFar = [Double](repeating: 0, count: steps.count)
        for position in steps.indices {
            soFar[position] = stepOf[position * modes + steps[position].mode]
            guard position > 0 else { continue }
            soFar[position] += soFar[position - 1] + move(position, steps[position - 1].mode, steps[position].mode)
        }
        // What the schedule pays for the move after each step, and what it would pay after another mode.
        var onward = stepOf
        for position in steps.indices {
            for mode in 0..<modes {
                let isLast = position + 1 == steps.count
                onward[position * modes + mode] = isLast ? 0 : move(position + 1, mode, steps[position + 1].mode)
            }
        }
        var best: Candidate?
        let isApproximate = network.shared == .bottleneck || network.hiddenQuantity != nil
        var leastGain = 1e-12 * abs(objective)
        let whole = (soFar.last ?? 0) + (isApproximate ? 0.01 * abs(objective) : 0)
        for first in steps.indices {
            for mode in 0..<network.modeCount where mode != steps[first].mode {
                let own = modeOf[network.deviceOf[mode]]
                guard own < 0 || own == mode else { continue }
                let device = network.deviceOf[mode]
                let start = first > 0 ? soFar[first - 1] : 0
                var moved = first > 0 ? move(first, steps[first - 1].mode, mode) : 0
                var bytes = weightBytes[device]
                var peak = peakBytes[device]
                for last in first..<steps.count {
                    moved += last > first ? againOf[last * modes + mode] : stepOf[last * modes + mode]
                    work += 1
                    // It saves no more than all that the schedule still pays, and never costs less for being longer.
                    guard moved < whole - start else { break }
                    if network.deviceOf[steps[last].mode] != device {
                        let step = steps[last]
                        bytes += network.weightsBefore[step.first + step.length] - network.weightsBefore[step.first]
                        peak = max(peak, peakOf[last])
                        guard bytes + peak <= network.capacityBytes[device] else { break }
                    }
                    let before = soFar[last] - start + onward[last * modes + steps[last].mode]
                    let after = moved + onward[last * modes + mode]
                    guard before - after > (isApproximate ? -0.01 * abs(objective) : leastGain) else { continue }
                    if isApproximate, steps.count > 64 { continue }
                    var candidate = steps
                    for position in first...last { candidate[position].mode = mode }
                    let moved = ChainSchedule(candidate)
                    work += Self.workOfPrice * steps.count
                    guard let price = network.limits.objective(of: moved, in: program),
                        price < (best?.objective ?? objective) - 1e-12 * abs(objective)
                    else { continue }
                    best = (moved, price)
                    leastGain = before - after
                }
            }
        }
        return best
    }
}
