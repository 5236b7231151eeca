import Costs
import Sharing

extension GeneFlow {
    /// A population of cut points, its parents and children.
    struct Evolution {
        struct Score: Comparable, Sendable {
            var excessBytes = Int.max
            var latencyS = Double.infinity

            static func < (left: Score, right: Score) -> Bool {
                (left.excessBytes, left.latencyS) < (right.excessBytes, right.latencyS)
            }
        }

        let pattern: CutPattern
        private let deviceCount: Int
        private let settings: Settings
        private let cores: CoreLoop
        private let workers: [Worker]
        private let isStopped: @Sendable () -> Bool
        /// Cuts of a chromosome.
        private let geneCount: Int
        /// Parents, the best first, then children.
        private var genes: [UInt8]
        private var scores: [Score]
        private var pricedCount = 0

        init(
            _ shared: SharedGraph, _ cluster: SharingCluster, _ settings: Settings, _ cores: CoreLoop,
            isStopped: @escaping @Sendable () -> Bool
        ) throws(SharingError) {
            self.isStopped = isStopped
            let pattern = CutPattern.byClass(shared)
            self.pattern = pattern
            self.settings = settings
            self.cores = cores
            deviceCount = cluster.deviceCount
            geneCount = pattern.layers.count * (cluster.deviceCount - 1)
            var workers: [Worker] = []
            for _ in 0..<cores.coreCount {
                guard let worker = Worker(pattern, cluster, settings.fitness) else {
                    throw SharingError("geneflow does not take tensors of more than \(Box.axesMost) axes")
                }
                workers.append(worker)
            }
            self.workers = workers
            genes = [UInt8](repeating: 0, count: 2 * settings.populationSize * geneCount)
            scores = [Score](repeating: Score(), count: 2 * settings.populationSize)
        }

        var best: Score { scores[0] }
        /// What the parts take that were met.
        var tableBytes: Int { workers.reduce(0) { $0 + $1.tableBytes } }

        func progress(generation: Int) -> Progress {
            Progress(
                generation: generation, generationsMost: settings.generationsMost, pricedCount: pricedCount,
                bestLatencyS: scores[0].latencyS, bestExcessBytes: scores[0].excessBytes)
        }

        /// The layouts of the best.
        func bestLayouts() -> [SharedLayout] { workers[0].layouts(Array(genes[..<geneCount])) }

        /// Draws the first parents.
        mutating func begin() {
            fill(0..<settings.populationSize, generation: 0) { maker, index, random, _, child in
                maker.draw(&random, into: child)
            }
            select(from: settings.populationSize)
        }

        /// Makes as many children as there are parents, and keeps the best of both.
        mutating func step(_ generation: Int) {
            let size = settings.populationSize
            fill(size..<2 * size, generation: generation) { maker, index, random, parents, child in
                let first = min(Int.random(in: 0..<size, using: &random), Int.random(in: 0..<size, using: &random))
                let second = min(Int.random(in: 0..<size, using: &random), Int.random(in: 0..<size, using: &random))
                maker.cross(parents(first), parents(second), &random, into: child)
                maker.mutate(&random, child)
            }
            select(from: 2 * size)
        }

        private typealias Make =
            @Sendable (
                _ maker: GeneMaker, _ index: Int, _ random: inout SeededGenerator,
                _ parents: (Int) -> UnsafeBufferPointer<UInt8>, _ child: UnsafeMutableBufferPointer<UInt8>
            ) -> Void

        /// A generation may take minutes: after so many chromosomes each core asks whether it shall stop.
        private static let askedEvery = 64

        /// Writes and prices some chromosomes, in one piece for each core.
        private mutating func fill(_ places: Range<Int>, generation: Int, _ make: @escaping Make) {
            let maker = GeneMaker(pattern, deviceCount: deviceCount)
            let (geneCount, workers, seed, isStopped) = (geneCount, workers, settings.seed, isStopped)
            let pieces = workers.count
            genes.withUnsafeMutableBufferPointer { genes in
                scores.withUnsafeMutableBufferPointer { scores in
                    let memory = Disjoint(genes: genes, scores: scores)
                    cores.run(pieces) { piece in
                        let parents = { (index: Int) in
                            UnsafeBufferPointer(rebasing: memory.genes[index * geneCount..<(index + 1) * geneCount])
                        }
                        let from = places.lowerBound + places.count * piece / pieces
                        let to = places.lowerBound + places.count * (piece + 1) / pieces
                        for index in from..<to {
                            // What is left has no score, and nobody chooses it.
                            if (index - from) % Self.askedEvery == Self.askedEvery - 1, isStopped() { return }
                            var mixed = SeededGenerator(seed: seed &+ UInt64(generation) &* 0x9E37_79B9)
                            var random = SeededGenerator(seed: mixed.next() ^ UInt64(index) &* 0xD1B5_4A32_D192_ED03)
                            let child = UnsafeMutableBufferPointer(
                                rebasing: memory.genes[index * geneCount..<(index + 1) * geneCount])
                            make(maker, index, &random, parents, child)
                            memory.scores[index] = workers[piece].score(UnsafeBufferPointer(child))
                        }
                    }
                }
            }
            pricedCount += places.count
        }

        /// Puts the best in front, of equals the one that came first.
        private mutating func select(from count: Int) {
            let size = settings.populationSize
            let order = (0..<count).sorted { (scores[$0], $0) < (scores[$1], $1) }.prefix(size)
            var next: [UInt8] = []
            next.reserveCapacity(genes.count)
            for index in order { next += genes[index * geneCount..<(index + 1) * geneCount] }
            next += [UInt8](repeating: 0, count: genes.count - next.count)
            genes = next
            scores = order.map { scores[$0] } + [Score](repeating: Score(), count: size)
        }
    }

    /// Each core writes its own places, and reads parents, which nobody writes.
    private struct Disjoint: @unchecked Sendable {
        let genes: UnsafeMutableBufferPointer<UInt8>
        let scores: UnsafeMutableBufferPointer<Evolution.Score>
    }

    /// Prices chromosomes on one core. Only the round of a `CoreLoop` that it belongs to uses it.
    final class Worker: @unchecked Sendable {
        private var parts: CutParts
        private var pricer: AssignmentPricer
        private var numbers: [Int32]
        private let fitness: Fitness
        private let deviceCount: Int

        init?(_ pattern: CutPattern, _ cluster: SharingCluster, _ fitness: Fitness) {
            guard let table = PartTable(pattern.shared) else { return nil }
            parts = CutParts(pattern, table, deviceCount: cluster.deviceCount)
            pricer = AssignmentPricer(table, cluster)
            numbers = [Int32](
                repeating: PartTable.idle, count: pattern.shared.graph.operators.count * cluster.deviceCount)
            self.fitness = fitness
            deviceCount = cluster.deviceCount
        }

        var tableBytes: Int { parts.table.byteCount }

        func score(_ cuts: UnsafeBufferPointer<UInt8>) -> Evolution.Score {
            guard parts.write(cuts, into: &numbers) else { return Evolution.Score() }
            let price = pricer.price(numbers)
            return Evolution.Score(
                excessBytes: price.excessBytes,
                latencyS: fitness == .sound ? price.latencyS : price.publishedLatencyS)
        }

        func layouts(_ cuts: [UInt8]) -> [SharedLayout] {
            cuts.withUnsafeBufferPointer { _ = parts.write($0, into: &numbers) }
            return parts.table.layouts(numbers, deviceCount: deviceCount)
        }
    }
}
