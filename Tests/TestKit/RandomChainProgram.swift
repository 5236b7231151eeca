import Costs
import Planning

/// Random programs for the chain planners, the same for the same seed.
///
/// Figures are of the size of real ones: milliseconds to seconds, millijoules to joules, kilobytes to megabytes.
public struct RandomChainProgram: Sendable {
    public enum Bundles: Sendable, CaseIterable {
        /// A step of several layers costs what its layers cost one by one.
        case additive
        /// As a bundle that disturbs itself: up to half more.
        case longer
        /// As a bundle that saves a start: down to half.
        case shorter
        /// Either, and some bundles missing from the profile.
        case mixed
    }

    public enum Memory: Sendable, CaseIterable {
        /// Every device holds the whole model.
        case loose
        /// All devices together hold the model about twice, one alone as a rule does not.
        case snug
        /// All devices together hold little more than the model.
        case tight
        /// All devices together hold hardly more than the model: as hard as packing bins.
        case packed
        /// All devices together hold less than the model.
        case impossible
    }

    public enum Objective: Sendable, CaseIterable {
        /// Seconds; the limited quantities are joules of one device each.
        case latency
        /// Joules of all devices; the limited quantities are seconds, then joules of one device each.
        case energy
        /// Grams: joules of each device times an intensity. Limits as for energy.
        case carbon
    }

    public enum Limits: Sendable, CaseIterable {
        case loose
        case tight
    }

    public enum Shared: Sendable, Equatable {
        case none
        /// Devices wait for the latency of the plan, at a price in the objective, in the limited joules, or both.
        case hold
        /// A pipeline, with a price for waiting, a limit of the slowest stage, or both.
        case bottleneck(priced: Bool, limited: Bool)
    }

    public enum Preloading: Sendable {
        /// Weights are loaded for each step.
        case off
        /// Weights are loaded only where the device ran the step before.
        case published
        /// `ChainProgram.HiddenLoads`.
        case sound
    }

    public var layers: Int
    public var devices: Int
    /// Operating points of a device, at most; one device has as many.
    public var points = 1
    public var maximumStepLength = 1
    public var bundles = Bundles.additive
    public var memory = Memory.loose
    public var objective = Objective.latency
    /// Limited seconds or joules.
    public var limitCount = 0
    public var limits = Limits.loose
    public var shared = Shared.none
    public var preloading = Preloading.off
    /// Each device with n layers uses at most `ceil(n / maximumStepLength)` steps for them.
    public var withWaste = false
    /// Limits how often a device may be entered.
    public var withEntries = false
    /// The first layer on device 0, the last on a random one.
    public var withPinnedEnds = true
    /// So many layers on device 0; one more than 0 where ends are pinned.
    public var pinnedPrefix = 0
    public var withMissingLinks = false
    /// Layers without work, weights or output.
    public var withZeros = false
    public var withEqualDevices = false

    public init(layers: Int, devices: Int) {
        self.layers = layers
        self.devices = devices
    }

    public func make(seed: UInt64) -> ChainProgram {
        var generator = SeededGenerator(seed: seed)
        let model = ModelDraw(self, &generator)
        let board = BoardDraw(self, model, &generator)
        let figures = FigureDraw(self, board, &generator)
        var bare = program(model, board, figures, limits: [], bottleneckLimit: .infinity)
        figures.fill(&bare, self, model, board, &generator)
        let ranges = LimitRanges(bare, &generator)
        var limits: [Double] = []
        for quantity in figures.limited {
            let span = self.limits == .loose ? 0.5...1.3 : 0.1...0.8
            limits.append(ranges.point(Double.random(in: span, using: &generator), quantity: quantity))
        }
        var bottleneckLimit = Double.infinity
        if case .bottleneck(_, limited: true) = shared {
            let span = self.limits == .loose ? 0.3...1.2 : 0.05...0.7
            bottleneckLimit = ranges.bottleneckPoint(Double.random(in: span, using: &generator))
        }
        return program(model, board, figures, limits: limits, bottleneckLimit: bottleneckLimit).filled(like: bare)
    }

    private func program(
        _ model: ModelDraw, _ board: BoardDraw, _ figures: FigureDraw, limits: [Double], bottleneckLimit: Double
    ) -> ChainProgram {
        var quantities = figures.quantities
        for (quantity, limit) in zip(figures.limited, limits) { quantities[quantity].limit = limit }
        let figure: ChainProgram.Shared =
            switch shared {
            case .none: .none
            case .hold: .total(quantity: figures.latency)
            case .bottleneck: .bottleneck(limit: bottleneckLimit)
            }
        var program = ChainProgram(
            layerCount: layers, deviceCount: devices, modes: board.modes, maximumStepLength: maximumStepLength,
            quantities: quantities, shared: figure, weightBytes: model.weightBytes,
            workingPeakBytes: model.workingPeakBytes, capacityBytes: board.capacityBytes)
        if preloading == .sound {
            let loadS = [Double](repeating: 0, count: layers * program.maximumStepLength * board.modes.count)
            program.hiddenLoads = ChainProgram.HiddenLoads(quantity: figures.latency, loadS: loadS)
        }
        return program
    }
}

extension RandomChainProgram {
    /// Knobs for a program that brute force can do: all kinds, in a mix that the seed gives.
    public static func small(seed: Int) -> RandomChainProgram {
        var generator = SeededGenerator(seed: UInt64(seed) &* 0x2545_F491_4F6C_DD1D)
        var knobs = RandomChainProgram(
            layers: Int.random(in: 2...6, using: &generator),
            devices: generator.chance(0.05) ? 1 : Int.random(in: 2...3, using: &generator))
        let mostPoints = knobs.devices == 3 || knobs.layers > 5 ? 2 : 3
        knobs.points = generator.chance(0.5) ? 1 : Int.random(in: 1...mostPoints, using: &generator)
        knobs.maximumStepLength = generator.chance(0.4) ? 1 : Int.random(in: 1...knobs.layers, using: &generator)
        knobs.bundles = Bundles.allCases.randomElement(using: &generator) ?? .additive
        let memories: [Memory] = [.loose, .loose, .loose, .loose, .tight, .tight, .tight, .packed]
        knobs.memory = generator.chance(0.03) ? .impossible : memories.randomElement(using: &generator) ?? .loose
        knobs.objective = Objective.allCases.randomElement(using: &generator) ?? .latency
        knobs.limitCount = generator.chance(0.4) ? 0 : Int.random(in: 1...2, using: &generator)
        knobs.limits = generator.chance(0.5) ? .loose : .tight
        let figures: [Shared] = [
            .none, .none, .hold, .hold, .bottleneck(priced: true, limited: false),
            .bottleneck(priced: false, limited: true), .bottleneck(priced: true, limited: true),
        ]
        knobs.shared = figures.randomElement(using: &generator) ?? .none
        let preloadings: [Preloading] = [.off, .off, .published, .sound]
        knobs.preloading = preloadings.randomElement(using: &generator) ?? .off
        knobs.withWaste = generator.chance(0.15)
        knobs.withEntries = generator.chance(0.2)
        knobs.withPinnedEnds = generator.chance(0.6)
        knobs.pinnedPrefix = generator.chance(0.2) ? 2 : 0
        knobs.withMissingLinks = generator.chance(0.3)
        knobs.withZeros = generator.chance(0.3)
        knobs.withEqualDevices = generator.chance(0.2)
        return knobs
    }
}

extension ChainProgram {
    /// The same without limits and with memory for everything.
    public func withoutLimits() -> ChainProgram {
        var free = quantities
        for quantity in free.indices { free[quantity].limit = .infinity }
        let figure: Shared = if case .bottleneck = shared { .bottleneck(limit: .infinity) } else { shared }
        return with(quantities: free, shared: figure)
    }

    /// The same with memory for everything.
    public func withoutMemory() -> ChainProgram { with(quantities: quantities, shared: shared) }

    private func with(quantities: [Quantity], shared: Shared) -> ChainProgram {
        let bytes = weightBytes.reduce(0, +) + (workingPeakBytes.max() ?? 0)
        let bare = ChainProgram(
            layerCount: layerCount, deviceCount: deviceCount, modes: modes, maximumStepLength: maximumStepLength,
            quantities: quantities, shared: shared, weightBytes: weightBytes,
            workingPeakBytes: workingPeakBytes, capacityBytes: [Int](repeating: bytes, count: deviceCount))
        return bare.filled(like: self)
    }

    /// The same steps, moves and loads as another program of the same size.
    public func filled(like other: ChainProgram) -> ChainProgram {
        var copy = self
        copy.hiddenLoads = other.hiddenLoads
        for first in 0..<layerCount {
            for length in 1...min(maximumStepLength, layerCount - first) {
                for mode in modes.indices {
                    let step = stepIndex(first: first, length: length, mode: mode)
                    guard other.stepIsAllowed(step) else { continue }
                    copy.setStep(
                        first: first, length: length, mode: mode,
                        Array(other.steps[(step * quantityCount)..<((step + 1) * quantityCount)]),
                        load: other.stepLoads.isEmpty ? 0 : other.stepLoads[step])
                }
            }
        }
        for boundary in 0..<layerCount {
            for from in modes.indices {
                for to in modes.indices {
                    let move = moveIndex(boundary: boundary, from: from, to: to)
                    guard other.moveIsAllowed(move) else { continue }
                    copy.setMove(
                        boundary: boundary, from: from, to: to,
                        Array(other.moves[(move * quantityCount)..<((move + 1) * quantityCount)]),
                        load: other.moveLoads.isEmpty ? 0 : other.moveLoads[move])
                }
            }
        }
        return copy
    }
}
