/// Which bundles of a model are measured at which clocks, and in which order.
///
/// All clocks of a bundle follow each other, in rising order for one bundle and falling for the next. What drifts
/// slowly (the room, the board's heat, what else runs) then touches all clocks of a bundle alike and does not bend its
/// fit over the clocks, no clock is always measured hot, a session is made once for each bundle, and the clock changes
/// once less for each. Single layers come first, since with them everything has a price, then longer bundles, each
/// length in an order drawn from a fixed seed, so that drift does not follow the depth of the model.
public struct ProfilePlan: Sendable, Equatable {
    /// One bundle at one clock.
    public struct Step: Sendable, Hashable {
        /// Index of the first layer.
        public var first: Int
        /// Index of the last layer, itself included.
        public var last: Int
        /// Nil: the clock is left as it is.
        public var frequencyHz: Double?

        public init(first: Int, last: Int, frequencyHz: Double? = nil) {
            self.first = first
            self.last = last
            self.frequencyHz = frequencyHz
        }

        public var layerCount: Int { last - first + 1 }
    }

    public enum Selection: String, Sendable, CaseIterable {
        /// Every bundle up to the maximum size, at every clock.
        case full
        /// Single layers, neighbouring pairs, and the longest bundles side by side, at three clocks at most.
        case quick
    }

    /// Clocks of a quick profile: the fit of the energy over the clock needs three, that of the latency two.
    public static let quickFrequencies = 3
    /// Bundles of all sizes at all clocks; one more is no profile that anybody waits for.
    public static let maximumSteps = BundleProfile.maximumEntries

    /// What is still to be measured, in order.
    public let steps: [Step]
    /// How many of the steps were measured before.
    public let doneCount: Int

    /// - Parameters:
    ///   - frequenciesHz: the clocks, in any order; one nil where the clock is left as it is.
    ///   - maximumBundleSize: most layers of a bundle; more than the model has counts as that.
    ///   - done: what needs no measurement any more; what is not of this plan does not matter.
    /// - Throws: ``DataFault``: no layers or clocks, a maximum below 1, too many steps.
    public init(
        layerCount: Int, frequenciesHz: [Double?], maximumBundleSize: Int, selection: Selection = .full,
        done: Set<Step> = []
    ) throws(DataFault) {
        guard layerCount > 0, layerCount <= Problem.maximumLayers else {
            throw DataFault("the model has \(layerCount) layers", "give 1 to \(Problem.maximumLayers)")
        }
        guard maximumBundleSize >= 1 else {
            throw DataFault("the maximum bundle size is \(maximumBundleSize)", "give 1 or more layers")
        }
        var clocks = Set(frequenciesHz).sorted { $0 ?? 0 < $1 ?? 0 }
        guard !clocks.isEmpty else { throw DataFault("there is no clock to measure at", "give one or more") }
        let size = min(maximumBundleSize, layerCount)
        if selection == .quick { clocks = Self.spread(clocks) }
        let count = profileCount(layers: layerCount, devices: clocks.count, maximumBundleSize: size)
        guard selection == .quick || count <= Self.maximumSteps else {
            throw DataFault(
                "that would be \(count) measurements, more than \(Self.maximumSteps)",
                "give a smaller maximum bundle size or fewer frequencies, or measure quickly")
        }
        let bundles =
            selection == .quick
            ? Self.quick(layerCount, size) : Self.full(layerCount, size)
        var steps: [Step] = []
        var doneCount = 0
        for (position, bundle) in bundles.enumerated() {
            for frequencyHz in position.isMultiple(of: 2) ? clocks : clocks.reversed() {
                let step = Step(first: bundle.lowerBound, last: bundle.upperBound, frequencyHz: frequencyHz)
                if done.contains(step) { doneCount += 1 } else { steps.append(step) }
            }
        }
        self.steps = steps
        self.doneCount = doneCount
    }

    /// The lowest, the highest and the one whose period lies nearest to the middle of theirs: latency is a line over
    /// the period, so that the middle tells most about how well the line fits.
    static func spread(_ clocks: [Double?]) -> [Double?] {
        guard clocks.count > quickFrequencies, let lowestHz = clocks[0] ?? clocks[1], let highestHz = clocks.last ?? nil
        else { return clocks }
        let middleS = (1 / lowestHz + 1 / highestHz) / 2
        let middle = clocks.compactMap(\.self).filter { $0 != lowestHz && $0 != highestHz }
            .min { abs(1 / $0 - middleS) < abs(1 / $1 - middleS) }
        return [lowestHz, middle, highestHz].compactMap(\.self)
    }

    private static func full(_ layerCount: Int, _ size: Int) -> [ClosedRange<Int>] {
        var generator = SeededGenerator(seed: 1)
        return (1...size).flatMap { length in
            (0...(layerCount - length)).map { $0...($0 + length - 1) }.shuffled(using: &generator)
        }
    }

    /// The single layers, all pairs (what two layers save by not being apart differs much from place to place), and
    /// bundles of the maximum size that lie side by side and together cover the model.
    private static func quick(_ layerCount: Int, _ size: Int) -> [ClosedRange<Int>] {
        var generator = SeededGenerator(seed: 1)
        let single = (0..<layerCount).map { $0...$0 }.shuffled(using: &generator)
        guard size > 1 else { return single }
        let pairs = (0..<(layerCount - 1)).map { $0...($0 + 1) }.shuffled(using: &generator)
        let long = stride(from: 0, to: layerCount, by: size).map { $0...(min($0 + size, layerCount) - 1) }
        return single + pairs + long.filter { $0.count > 2 }.shuffled(using: &generator)
    }
}
