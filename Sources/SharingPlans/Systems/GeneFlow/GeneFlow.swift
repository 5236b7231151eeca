import Sharing

/// GenEFlow: cut points found by a genetic algorithm.
///
/// A chromosome has for each layer D - 1 ascending cut points along the dimension of its operator's class
/// (`CutPattern.byClass`); shares of nothing are allowed. Fitness is the latency; where devices are short of memory a
/// plan that fits beats one that does not, and of two that do not the one that exceeds less wins. Selection is elitist:
/// the best of parents and children live on. The paper's size is `Settings.published`. The paper does not say how it
/// crosses and mutates; here:
///
/// - parents are the better of two at random each;
/// - a child takes a run of layers, or every other layer at random, from the second parent;
/// - a mutation moves one cut by a random distance, draws a layer's cuts anew, or takes over those of a neighbour layer
///   in proportion; each layer mutates with a probability of one over the number of layers.
///
/// Every child has random numbers of its own, made from the seed, the generation and its place, so that the result is
/// the same on any number of cores.
public enum GeneFlow {
    /// What counts as the latency of a chromosome.
    public enum Fitness: String, Sendable, CaseIterable {
        /// The paper's sum of terms, `PublishedTerms`.
        case published
        /// `SharedSchedule`, by which all plans are compared.
        case sound
    }

    public struct Settings: Sendable, Equatable {
        public var populationSize: Int
        public var generationsMost: Int
        /// Generations without `gainLeast` after which the search ends.
        public var patience: Int
        /// Gain of latency, as a part of it, that counts as one.
        public var gainLeast: Double
        public var seed: UInt64
        public var fitness: Fitness

        public init(
            populationSize: Int, generationsMost: Int = 50, patience: Int = 10, gainLeast: Double = 1e-6,
            seed: UInt64 = 1, fitness: Fitness = .sound
        ) {
            self.populationSize = populationSize
            self.generationsMost = generationsMost
            self.patience = patience
            self.gainLeast = gainLeast
            self.seed = seed
            self.fitness = fitness
        }

        /// The paper's: 250,000 chromosomes, 50 generations at most, an end after 10 without a gain of 1e-6.
        public static let published = Settings(populationSize: 250_000, fitness: .published)

        /// About half a second on one core with four devices: fewer chromosomes for larger graphs, then fewer
        /// generations.
        public static func usual(_ shared: SharedGraph) -> Settings {
            let count = max(1, shared.graph.operators.count)
            return Settings(
                populationSize: min(400, max(16, 5_000 / count)), generationsMost: min(50, max(8, 12_000 / count)))
        }
    }

    /// How far a search is, after each generation.
    public struct Progress: Sendable, Equatable {
        public let generation: Int
        public let generationsMost: Int
        /// Chromosomes priced so far.
        public let pricedCount: Int
        /// Of the best so far, by the fitness that is searched for.
        public let bestLatencyS: Double
        /// Bytes by which the best so far exceeds the devices' memories.
        public let bestExcessBytes: Int
    }

    public struct Outcome: Sendable {
        public let plan: SharingPlan
        /// The last that was reported.
        public let progress: Progress
    }

    /// Searches; the same settings give the same plan.
    ///
    /// - Parameters:
    ///   - bytesMost: a table of parts beyond it ends the search with the best so far (nil: no limit).
    ///   - onProgress: called after each generation; false ends the search with the best so far.
    ///   - isStopped: asked now and then within a generation; true ends the search with the best so far.
    public static func search(
        _ shared: SharedGraph, _ cluster: SharingCluster, _ settings: Settings, cores: CoreLoop = .single,
        bytesMost: Int? = nil, onProgress: (Progress) -> Bool = { _ in true },
        isStopped: @escaping @Sendable () -> Bool = { false }
    ) throws(SharingError) -> Outcome {
        guard settings.populationSize >= 2, settings.generationsMost >= 1 else {
            throw SharingError(
                "geneflow needs 2 chromosomes and 1 generation at least, not \(settings.populationSize) and "
                    + "\(settings.generationsMost)")
        }
        if let bytesMost {
            // Parents and children, twice while the best of them are chosen.
            let (bytes, isTooMuch) = (4 * max(1, cluster.deviceCount - 1) * shared.graph.operators.count)
                .multipliedReportingOverflow(by: settings.populationSize)
            guard !isTooMuch, bytes <= bytesMost else {
                throw SharingError(
                    "geneflow: \(settings.populationSize) chromosomes take \(bytes) bytes, more than the "
                        + "\(bytesMost) that it may use; ask for fewer, or allow more")
            }
        }
        var evolution = try Evolution(shared, cluster, settings, cores, isStopped: isStopped)
        evolution.begin()
        var best = evolution.best
        var waited = 0
        var progress = evolution.progress(generation: 0)
        var goesOn = onProgress(progress)
        var generation = 0
        while goesOn, evolution.tableBytes <= bytesMost ?? .max, generation < settings.generationsMost,
            waited < settings.patience
        {
            generation += 1
            evolution.step(generation)
            let gained =
                evolution.best.excessBytes < best.excessBytes
                || evolution.best.latencyS < best.latencyS * (1 - settings.gainLeast)
            waited = gained ? 0 : waited + 1
            if gained { best = evolution.best }
            progress = evolution.progress(generation: generation)
            goesOn = onProgress(progress)
        }
        let plan = try SharingPlan(
            .geneFlow, evolution.bestLayouts(), refusals: evolution.pattern.refusals, shared, cluster)
        return Outcome(plan: plan, progress: progress)
    }
}
