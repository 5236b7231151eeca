import Costs
import Planning

/// The systems of the dissertation, as kinds of random programs: up to 40 layers, 6 devices and 6 operating points.
public enum RandomChainKind: String, Sendable, CaseIterable {
    case base
    /// Weights cost only where the layer before ran on the same device.
    case preloadingPublished = "preloading-published"
    /// Weights are hidden behind what others do, as far as there is time for it.
    case preloadingSound = "preloading-sound"
    /// Bundles of one layer, of at most two, and of any length.
    case bundlesOfOne = "bundles-1"
    case bundlesOfTwo = "bundles-2"
    case bundlesOfAny = "bundles-any"
    /// Least energy under a latency limit.
    case latencyLimit = "latency-limit"
    /// Least latency under an energy limit for each device.
    case energyLimits = "energy-limits"
    /// Least energy, with the first layers kept on one device.
    case pinnedPrefix = "pinned-prefix"
    /// Carbon of an inference in a pipeline of a least throughput, waiting devices included.
    case carbonWithThroughput = "carbon-throughput"

    /// Six in ten small, one in eight large; memories bind in about half.
    public func knobs(seed: Int) -> RandomChainProgram {
        var generator = SeededGenerator(seed: mixed(seed))
        let size = Double.random(in: 0..<1, using: &generator)
        let (layers, devices, points) =
            size < 0.6 ? (4...10, 2...3, 2...3) : size < 0.88 ? (8...20, 2...4, 2...4) : (20...40, 3...6, 2...6)
        var knobs = RandomChainProgram(
            layers: Int.random(in: layers, using: &generator), devices: Int.random(in: devices, using: &generator))
        let memory = Double.random(in: 0..<1, using: &generator)
        knobs.memory = Self.memory(memory)
        knobs.limits = generator.chance(0.6) ? .loose : .tight
        knobs.withMissingLinks = generator.chance(0.2)
        knobs.withZeros = generator.chance(0.3)
        knobs.withEqualDevices = generator.chance(0.1)
        let operatingPoints = Int.random(in: points, using: &generator)
        apply(to: &knobs, points: operatingPoints, &generator)
        return knobs
    }

    /// The program of a seed; the same seed gives another of each kind.
    public func make(seed: Int) -> ChainProgram {
        knobs(seed: seed).make(seed: mixed(seed))
    }

    private func mixed(_ seed: Int) -> UInt64 {
        let kind = Self.allCases.firstIndex(of: self) ?? 0
        return UInt64(seed) &* 0x9E6D_62D0_6F6A_9A9B &+ UInt64(kind)
    }

    private static func memory(_ share: Double) -> RandomChainProgram.Memory {
        share < 0.16 ? .loose : share < 0.58 ? .snug : share < 0.93 ? .tight : share < 0.98 ? .packed : .impossible
    }

    private func apply(to knobs: inout RandomChainProgram, points: Int, _ generator: inout SeededGenerator) {
        switch self {
        case .base: break
        case .preloadingPublished: knobs.preloading = .published
        case .preloadingSound: knobs.preloading = .sound
        case .bundlesOfOne, .bundlesOfTwo, .bundlesOfAny:
            knobs.maximumStepLength = self == .bundlesOfOne ? 1 : self == .bundlesOfTwo ? 2 : knobs.layers
            knobs.bundles = RandomChainProgram.Bundles.allCases.randomElement(using: &generator) ?? .additive
            knobs.withWaste = generator.chance(0.5)
            knobs.withEntries = generator.chance(0.3)
        case .latencyLimit:
            knobs.points = points
            knobs.objective = .energy
            knobs.limitCount = 1
            knobs.shared = generator.chance(0.3) ? .hold : .none
        case .energyLimits:
            knobs.points = points
            knobs.objective = .latency
            knobs.limitCount = generator.chance(0.5) ? knobs.devices : 1
            knobs.shared = generator.chance(0.3) ? .hold : .none
        case .pinnedPrefix:
            knobs.points = points
            knobs.objective = .energy
            knobs.pinnedPrefix = Int.random(in: 1...max(1, knobs.layers / 2), using: &generator)
            knobs.limitCount = generator.chance(0.3) ? 1 : 0
        case .carbonWithThroughput:
            knobs.points = points
            knobs.objective = .carbon
            knobs.shared = .bottleneck(priced: true, limited: true)
            knobs.limitCount = generator.chance(0.2) ? 1 : 0
        }
    }
}

/// What the answer of a quick solver is worth beside that of another.
public enum ChainVerdict: Sendable, Equatable {
    /// Both found a best schedule, of the same objective.
    case same
    case bothInfeasible
    /// One or both ran out of their budget, and no bound of one is above the objective of the other.
    case notContradicted
    case different(String)

    /// Relative difference of objectives that is rounding.
    static let tolerance = 1e-9

    public init(_ one: ChainOutcome, _ other: ChainOutcome, of program: ChainProgram) {
        switch (one, other) {
        case (.infeasible, .infeasible): self = .bothInfeasible
        case (.unknown, _), (_, .unknown): self = .notContradicted
        case (.found(let first, let firstBound), .found(let second, let secondBound)):
            guard let firstTotals = program.totals(first), let secondTotals = program.totals(second),
                program.isFeasible(first), program.isFeasible(second)
            else {
                self = .different("a schedule breaks a limit: \(first), \(second)")
                return
            }
            let (objective, otherObjective) = (firstTotals.objective, secondTotals.objective)
            let slack = Self.tolerance * max(abs(objective), abs(otherObjective))
            if firstBound > otherObjective + slack || secondBound > objective + slack {
                self = .different("\(objective) (bound \(firstBound)), \(otherObjective) (bound \(secondBound))")
            } else if abs(objective - otherObjective) <= slack, firstBound >= objective - slack,
                secondBound >= objective - slack
            {
                self = .same
            } else {
                self = .notContradicted
            }
        case (.infeasible, .found(let schedule, _)), (.found(let schedule, _), .infeasible):
            let totals = program.totals(schedule).map { "\($0.quantities)" } ?? "none"
            self = .different(
                "one infeasible, the other \(schedule) with totals \(totals), feasible \(program.isFeasible(schedule))")
        }
    }
}
