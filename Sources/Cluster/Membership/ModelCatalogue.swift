import Costs

/// The models that the cluster knows, removed ones included, merged the same way in whatever order they are heard.
public struct ModelCatalogue: Hashable, Sendable {
    /// Sorted by name.
    public private(set) var models: [ModelRecord] = []

    public init(_ models: [ModelRecord] = []) {
        for model in models { _ = merge(model) }
    }

    public subscript(name: String) -> ModelRecord? { models.first { $0.name == name } }

    /// Models that are not removed.
    public var present: [ModelRecord] { models.filter { !$0.removed } }

    public enum Merge: Hashable, Sendable {
        case changed, known
        /// The catalogue is full.
        case refused
    }

    /// The higher version wins; of two records of one version, made on two sides of a partition, the one with the
    /// higher graph hash; of the same record, the holders are united.
    public mutating func merge(_ record: ModelRecord) -> Merge {
        var record = record
        record.holders = Array(Set(record.holders)).sorted().prefix(ClusterLimits.holdersPerModel).map { $0 }
        guard let index = models.firstIndex(where: { $0.name >= record.name }), models[index].name == record.name else {
            guard models.count < ClusterLimits.models else { return .refused }
            let place = models.firstIndex { $0.name > record.name } ?? models.count
            models.insert(record, at: place)
            return .changed
        }
        let known = models[index]
        let knownKey = Self.order(known)
        let recordKey = Self.order(record)
        if recordKey < knownKey { return .known }
        if recordKey == knownKey {
            let holders = Array(Set(known.holders + record.holders)).sorted()
                .prefix(ClusterLimits.holdersPerModel).map { $0 }
            guard holders != known.holders else { return .known }
            models[index].holders = holders
            return .changed
        }
        models[index] = record
        return .changed
    }

    private struct Order: Comparable {
        var version: UInt64
        var removed: Bool
        var rest: [String]

        static func < (left: Order, right: Order) -> Bool {
            if left.version != right.version { return left.version < right.version }
            if left.removed != right.removed { return !left.removed }
            return left.rest.lexicographicallyPrecedes(right.rest)
        }
    }

    private static func order(_ record: ModelRecord) -> Order {
        Order(
            version: record.version, removed: record.removed,
            rest: [record.graphSHA256, record.source.name, record.destination.name])
    }
}
