/// How the grams of an intensity were counted. Intensities of different kinds are never mixed nor compared.
public struct EmissionFactor: Sendable, Hashable, CustomStringConvertible {
    /// Which emissions count.
    public enum Scope: String, Sendable, Codable, CaseIterable {
        /// Also those of building the power stations and of fetching the fuel.
        case lifecycle
        /// Those of operation alone.
        case direct
    }

    /// Which power stations count.
    public enum Kind: String, Sendable, Codable, CaseIterable {
        /// All that feed the zone.
        case average
        /// Those that would run more if the zone used more.
        case marginal
    }

    public var scope: Scope
    public var kind: Kind

    public init(_ scope: Scope, _ kind: Kind = .average) {
        self.scope = scope
        self.kind = kind
    }

    public var description: String { "\(scope.rawValue) \(kind.rawValue)" }
}
