import Sharing
import SharingPlans

/// Every sequence of schemes and of exchange or none on a chain, one after the other, priced by the evaluator's terms.
///
/// Knows nothing of the search: it makes the regions of each segment itself.
struct ChainEnumeration {
    private let shared: SharedGraph
    private let cluster: SharingCluster
    private let schemes: [SharingScheme]
    private let plain: [[SharedLayout]]
    private let isRefused: [[Bool]]
    private let count: Int
    /// Price of operators `first...last` as one segment, flat by first, last, its scheme and the one before; infinite
    /// where they cannot be one.
    private var prices: [Double] = []
    private var results: [Double] = []

    init(_ shared: SharedGraph, _ cluster: SharingCluster, _ schemes: [SharingScheme]) throws {
        self.shared = shared
        self.cluster = cluster
        self.schemes = schemes
        count = shared.graph.operators.count
        isRefused = schemes.map { scheme in
            shared.graph.operators.indices.map { (try? scheme.layout($0, shared)) == nil }
        }
        plain = schemes.map { scheme in
            shared.graph.operators.indices.map {
                (try? scheme.layout($0, shared))
                    ?? .single(cluster.fastest, of: cluster.deviceCount, shape: shared.shape(of: $0))
            }
        }
        for first in 0..<count {
            for last in 0..<count {
                for scheme in schemes.indices {
                    guard last >= first, let segment = try segment(first, last, scheme) else {
                        prices += schemes.map { _ in .infinity }
                        continue
                    }
                    for before in schemes.indices {
                        let terms = try terms(plain[before][..<first] + segment + plain[scheme][(last + 1)...])
                        prices.append(terms[first...last].reduce(0, +))
                    }
                }
            }
        }
        results = try schemes.indices.map { try terms(plain[$0][...])[count] }
    }

    private func terms(_ layouts: ArraySlice<SharedLayout>) throws -> [Double] {
        let assignment = SharedAssignment(
            deviceCount: cluster.deviceCount, source: cluster.source, destination: cluster.destination,
            layouts: Array(layouts))
        try assignment.verify(shared)
        return try PublishedTerms(Transfers(assignment, shared), shared, cluster).termsS
    }

    /// Layouts of a segment (nil: its operators cannot be fused under the scheme).
    private func segment(_ first: Int, _ last: Int, _ scheme: Int) throws -> [SharedLayout]? {
        var layouts = [plain[scheme][last]]
        for position in (first..<last).reversed() {
            guard isRefused[scheme][position] == isRefused[scheme][position + 1] else { return nil }
            let whole = Region.whole(shared.shape(of: position))
            var regions: [Region] = []
            for region in layouts[0].regions {
                guard !region.isEmpty else {
                    regions.append(.empty(rank: whole.rank))
                    continue
                }
                let input = try shared.needs(position + 1, region).inputs[0].region
                let isPart = !region.isWhole(of: shared.shape(of: position + 1))
                let takesAllChannels = whole.shape[1] > 1 && input[1] == whole[1]
                if schemes[scheme].cut == .channels, isPart, takesAllChannels { return nil }
                regions.append(input)
            }
            if !whole.subtracting(regions.filter { !$0.isEmpty }).isEmpty {
                regions = zip(regions, plain[scheme][position].regions).map { $0.hull($1) }
            }
            layouts.insert(SharedLayout(regions), at: 0)
        }
        return layouts
    }

    /// The least price of all sequences.
    func least() -> Double { least(from: 0, before: 0, spent: 0) }

    private func least(from first: Int, before: Int, spent: Double) -> Double {
        guard first < count else { return spent + results[before] }
        var best = Double.infinity
        for last in first..<count {
            for scheme in schemes.indices {
                let price = prices[((first * count + last) * schemes.count + scheme) * schemes.count + before]
                guard price < .infinity else { continue }
                best = min(best, least(from: last + 1, before: scheme, spent: spent + price))
            }
        }
        return best
    }
}
