/// Which bundles of a plan were measured, which are sums of measured parts, and which have no price at all.
public struct BundleCoverage: Sendable, Equatable {
    /// Every bundle that has a price, in the order asked for.
    public var prices: [BundlePrice]
    /// Bundles without a price: neither they nor parts that make them up were measured.
    public var missing: [BundleID]

    public var split: [BundlePrice] { prices.filter(\.isSplit) }
}

extension BundleProfile {
    /// Prices the bundles of a plan, and says of each how.
    public func coverage(of bundles: [BundleID], by measure: BundleSplits.Measure = .latency) -> BundleCoverage {
        var coverage = BundleCoverage(prices: [], missing: [])
        for bundle in bundles {
            if let price = price(of: bundle, by: measure) {
                coverage.prices.append(price)
            } else {
                coverage.missing.append(bundle)
            }
        }
        return coverage
    }

    /// One sentence for each bundle that was split or is missing, for a plan's inputs.
    public func sentences(_ coverage: BundleCoverage) -> [String] {
        coverage.split.map { price in
            let parts = price.parts.map { part in
                part.bundle.first == part.bundle.last
                    ? "\(part.bundle.first)" : "\(part.bundle.first) to \(part.bundle.last)"
            }
            return "\(name(of: price.bundle)) is priced as its measured parts \(parts.joined(separator: ", "))"
        }
            + coverage.missing.map {
                "\(name(of: $0)) was not measured, nor were parts that make it up; measure it or its layers"
            }
    }
}
