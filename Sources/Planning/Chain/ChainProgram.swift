/// What every chain planner solves: a chain of layers, cut into steps, each step given to a mode of a device.
///
/// A *mode* is a device at one of its operating points (clock frequencies); a plan uses one mode of each device at
/// most. A *step* is a run of consecutive layers that is priced as one (a bundle of the dissertation's chapter 7, or
/// one layer where costs add up). A *move* is what lies between two steps: from the mode of the first to the mode of
/// the second, which may be the same.
///
/// A plan has a total of each *quantity*. The first quantity is the objective; every other has a limit that its total
/// must not exceed:
///
///     total[q] = sum over steps of step[q] + sum over moves of move[q]
///              + sum over used devices of (firstUse[q][device] + sharedPrice[q][device] * S)
///
/// where a device is used if it runs any layer, and `S` is a figure of the whole plan (see `Shared`): the time that a
/// waiting device waits is such a figure. Steps, moves, charges and prices are never negative.
///
/// Memory: for each used device, `sum of the weights of its layers + largest activation peak among them <= capacity`.
///
/// The program is only numbers, so that label setting, an integer program and brute force can all be held against each
/// other on it. What the numbers mean is the business of the file that builds it from a `Problem`.
public struct ChainProgram: Sendable {
    /// A device at one of its operating points.
    public struct Mode: Sendable, Hashable {
        public var device: Int
        /// Index among the device's operating points.
        public var point: Int

        public init(device: Int, point: Int = 0) {
            self.device = device
            self.point = point
        }
    }

    /// One figure of a plan: the objective, or one that has a limit.
    public struct Quantity: Sendable {
        /// In a sentence, with its unit: "latency in seconds", "energy of nano in joule".
        public var name: String
        /// Infinite for the objective, or where the figure is only kept for `Shared`.
        public var limit: Double
        /// Added once for each used device.
        public var firstUse: [Double]
        /// Multiplied with `S` for each used device.
        public var sharedPrice: [Double]

        public init(
            _ name: String, limit: Double = .infinity, firstUse: [Double]? = nil, sharedPrice: [Double]? = nil,
            deviceCount: Int
        ) {
            self.name = name
            self.limit = limit
            self.firstUse = firstUse ?? [Double](repeating: 0, count: deviceCount)
            self.sharedPrice = sharedPrice ?? [Double](repeating: 0, count: deviceCount)
        }
    }

    /// The figure `S` of a whole plan.
    public enum Shared: Sendable, Equatable {
        /// There is none; every `sharedPrice` is zero.
        case none
        /// The total of a quantity, as a rule the latency: one inference at a time.
        case total(quantity: Int)
        /// The largest load of a device, at most `limit`: inferences in a pipeline, one in flight for each stage.
        ///
        /// A device's load is the sum of the `load` of its steps and of the moves that start on it, wherever they lead.
        case bottleneck(limit: Double)
    }

    /// Weights that are loaded while a device waits (dissertation, chapter 6, with a load that takes its time).
    ///
    /// A step may start when its input is there and its weights are: at `max(now, finish of the device + load)`, where
    /// the finish of a device that has run nothing yet is zero. On the device of the step before, the move between the
    /// two counts as work, so the whole load is waited for. The wait is added to the total of `quantity`.
    public struct HiddenLoads: Sendable {
        public var quantity: Int
        /// Seconds for each step, in the order of `steps`, one figure each.
        public var loadS: [Double]

        public init(quantity: Int, loadS: [Double]) {
            self.quantity = quantity
            self.loadS = loadS
        }
    }

    public let layerCount: Int
    public let deviceCount: Int
    public let modes: [Mode]
    /// Layers of the longest step.
    public let maximumStepLength: Int
    /// The objective is the first.
    public internal(set) var quantities: [Quantity]
    public var shared: Shared
    public var hiddenLoads: HiddenLoads?

    public let weightBytes: [Int]
    public let workingPeakBytes: [Int]
    /// What each device offers to weights and activations, its runtime taken off.
    public internal(set) var capacityBytes: [Int]

    /// Flat: `stepIndex * quantityCount + quantity`. Infinite in the objective: the step is not allowed.
    public private(set) var steps: [Double]
    /// Flat: `moveIndex * quantityCount + quantity`. Infinite in the objective: the move is not allowed.
    public private(set) var moves: [Double]
    /// Load of each step on its device; used for `Shared.bottleneck` only.
    public private(set) var stepLoads: [Double]
    /// Load of each move on the device where it starts; used for `Shared.bottleneck` only.
    public private(set) var moveLoads: [Double]

    public var quantityCount: Int { quantities.count }
    public var modeCount: Int { modes.count }

    /// A program without any step or move allowed yet.
    public init(
        layerCount: Int, deviceCount: Int, modes: [Mode], maximumStepLength: Int = 1, quantities: [Quantity],
        shared: Shared = .none, weightBytes: [Int], workingPeakBytes: [Int], capacityBytes: [Int]
    ) {
        precondition(layerCount > 0 && !modes.isEmpty && !quantities.isEmpty && maximumStepLength > 0)
        precondition(weightBytes.count == layerCount && workingPeakBytes.count == layerCount)
        precondition(capacityBytes.count == deviceCount)
        self.layerCount = layerCount
        self.deviceCount = deviceCount
        self.modes = modes
        self.maximumStepLength = min(maximumStepLength, layerCount)
        self.quantities = quantities
        self.shared = shared
        self.weightBytes = weightBytes
        self.workingPeakBytes = workingPeakBytes
        self.capacityBytes = capacityBytes
        let stepCount = layerCount * self.maximumStepLength * modes.count
        let moveCount = layerCount * modes.count * modes.count
        steps = [Double](repeating: .infinity, count: stepCount * quantities.count)
        moves = [Double](repeating: .infinity, count: moveCount * quantities.count)
        let hasLoads = if case .bottleneck = shared { true } else { false }
        stepLoads = [Double](repeating: 0, count: hasLoads ? stepCount : 0)
        moveLoads = [Double](repeating: 0, count: hasLoads ? moveCount : 0)
    }

    /// The step that runs `length` layers from `first` on, in a mode.
    public func stepIndex(first: Int, length: Int, mode: Int) -> Int {
        (first * maximumStepLength + length - 1) * modes.count + mode
    }

    /// The move at a boundary: after layer `boundary - 1`, before layer `boundary` (1 to `layerCount - 1`).
    public func moveIndex(boundary: Int, from: Int, to: Int) -> Int {
        (boundary * modes.count + from) * modes.count + to
    }

    public func stepIsAllowed(_ step: Int) -> Bool { steps[step * quantities.count].isFinite }
    public func moveIsAllowed(_ move: Int) -> Bool { moves[move * quantities.count].isFinite }

    /// Allows a step, with what it adds to each quantity.
    public mutating func setStep(first: Int, length: Int, mode: Int, _ figures: [Double], load: Double = 0) {
        let index = stepIndex(first: first, length: length, mode: mode)
        for quantity in quantities.indices { steps[index * quantities.count + quantity] = figures[quantity] }
        if !stepLoads.isEmpty { stepLoads[index] = load }
    }

    /// Allows a move, with what it adds to each quantity. Between two points of one device there is none.
    public mutating func setMove(boundary: Int, from: Int, to: Int, _ figures: [Double], load: Double = 0) {
        precondition(from == to || modes[from].device != modes[to].device)
        let index = moveIndex(boundary: boundary, from: from, to: to)
        for quantity in quantities.indices { moves[index * quantities.count + quantity] = figures[quantity] }
        if !moveLoads.isEmpty { moveLoads[index] = load }
    }
}
