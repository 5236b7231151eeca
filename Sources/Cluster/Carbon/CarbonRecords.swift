import Costs

/// What a zone's electricity emits from an instant on.
public struct CarbonForecast: Hashable, Sendable, Codable {
    /// RFC 3339 UTC.
    public var at: String
    public var intensityGPerKwh: Double

    public init(at: String, intensityGPerKwh: Double) {
        self.at = at
        self.intensityGPerKwh = intensityGPerKwh
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        at = try container.decode(String.self, forKey: .at)
        intensityGPerKwh = try container.decodeNumber(forKey: .intensityGPerKwh)
    }

    enum CodingKeys: String, CodingKey {
        case at
        case intensityGPerKwh = "intensity_g_per_kwh"
    }
}

/// What a grid zone's electricity emits, now and soon: the payload of `zone/<zone>/carbon`.
public struct ZoneCarbon: Hashable, Sendable, Codable {
    public static let schema = "lamella/zone-carbon/1"

    public var schema: String
    public var zone: String
    /// Grams of CO2 equivalent for a kilowatt-hour used, from `at` on.
    public var intensityGPerKwh: Double
    /// Lifecycle or direct emissions; intensities of different kinds are never compared.
    public var emissionFactorType: EmissionFactor.Scope
    public var kind: EmissionFactor.Kind
    /// RFC 3339 UTC. A record with an earlier `at` than one known is dropped.
    public var at: String
    /// RFC 3339 UTC: by then the feed says more, or it has stopped and the value is stale; nil: not told.
    public var freshUntil: String?
    /// RFC 3339 UTC: from then on nothing is known, the forecast's last value included.
    public var validUntil: String
    /// What follows, in order of time; each value holds until the next.
    public var forecast: [CarbonForecast]?
    /// Who says so.
    public var source: String

    public init(
        zone: String, intensityGPerKwh: Double, emissionFactorType: EmissionFactor.Scope = .lifecycle,
        kind: EmissionFactor.Kind = .average, at: String, freshUntil: String? = nil, validUntil: String,
        forecast: [CarbonForecast]? = nil, source: String
    ) {
        self.schema = Self.schema
        self.zone = zone
        self.intensityGPerKwh = intensityGPerKwh
        self.emissionFactorType = emissionFactorType
        self.kind = kind
        self.at = at
        self.freshUntil = freshUntil
        self.validUntil = validUntil
        self.forecast = forecast
        self.source = source
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        schema = try container.decode(String.self, forKey: .schema)
        zone = try container.decode(String.self, forKey: .zone)
        intensityGPerKwh = try container.decodeNumber(forKey: .intensityGPerKwh)
        emissionFactorType = try container.decode(EmissionFactor.Scope.self, forKey: .emissionFactorType)
        kind = try container.decode(EmissionFactor.Kind.self, forKey: .kind)
        at = try container.decode(String.self, forKey: .at)
        freshUntil = try container.decodeIfPresent(String.self, forKey: .freshUntil)
        validUntil = try container.decode(String.self, forKey: .validUntil)
        forecast = try container.decodeIfPresent([CarbonForecast].self, forKey: .forecast)
        source = try container.decode(String.self, forKey: .source)
    }

    public var factor: EmissionFactor { EmissionFactor(emissionFactorType, kind) }

    /// What is wrong with the record itself, as the end of a sentence; nil where nothing is.
    public var fault: String? {
        func intensityFault(_ value: Double, _ place: String) -> String? {
            value.isFinite && (0...Self.maximumIntensityGPerKwh) ~= value
                ? nil : "\(place)intensity_g_per_kwh is \(value); it must be 0 to \(Self.maximumIntensityGPerKwh)"
        }
        if zone.isEmpty { return "zone is empty" }
        if source.isEmpty || source.utf8.count > Self.maximumSourceBytes {
            return "source has \(source.utf8.count) bytes; it must have 1 to \(Self.maximumSourceBytes)"
        }
        if let fault = intensityFault(intensityGPerKwh, "") { return fault }
        guard let start = UTCTime.secondsSince1970(at) else { return "at is no RFC 3339 time in UTC" }
        guard let end = UTCTime.secondsSince1970(validUntil) else { return "valid_until is no RFC 3339 time in UTC" }
        guard end > start else { return "valid_until \(validUntil) is not after at \(at)" }
        if let freshUntil, UTCTime.secondsSince1970(freshUntil) == nil {
            return "fresh_until is no RFC 3339 time in UTC"
        }
        let forecast = forecast ?? []
        guard forecast.count <= ClusterLimits.carbonForecastPoints else {
            return "forecast has \(forecast.count) points; at most \(ClusterLimits.carbonForecastPoints) are read"
        }
        var before = start
        for (index, point) in forecast.enumerated() {
            guard let time = UTCTime.secondsSince1970(point.at) else {
                return "forecast[\(index)].at is no RFC 3339 time in UTC"
            }
            guard time > before else { return "forecast[\(index)].at \(point.at) is not after the time before it" }
            before = time
            if let fault = intensityFault(point.intensityGPerKwh, "forecast[\(index)].") { return fault }
        }
        return nil
    }

    /// More than any fuel emits: a larger figure is a mistake in the unit.
    public static let maximumIntensityGPerKwh = 10_000.0
    public static let maximumSourceBytes = 256

    enum CodingKeys: String, CodingKey {
        case schema, zone
        case intensityGPerKwh = "intensity_g_per_kwh"
        case emissionFactorType = "emission_factor_type"
        case kind, at
        case freshUntil = "fresh_until"
        case validUntil = "valid_until"
        case forecast, source
    }
}

/// What a board takes its electricity to emit: the payload of `node/<id>/carbon`.
public struct NodeCarbon: Hashable, Sendable, Codable {
    public static let schema = "lamella/node-carbon/1"

    public var schema: String
    public var node: NodeID
    public var zone: String
    public var intensityGPerKwh: Double
    /// Who says so: the source of the zone's record, or `configuration`.
    public var source: String
    /// RFC 3339 UTC; nil for a configured figure.
    public var validUntil: String?

    public init(node: NodeID, zone: String, intensityGPerKwh: Double, source: String, validUntil: String? = nil) {
        self.schema = Self.schema
        self.node = node
        self.zone = zone
        self.intensityGPerKwh = intensityGPerKwh
        self.source = source
        self.validUntil = validUntil
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        schema = try container.decode(String.self, forKey: .schema)
        node = try container.decode(NodeID.self, forKey: .node)
        zone = try container.decode(String.self, forKey: .zone)
        intensityGPerKwh = try container.decodeNumber(forKey: .intensityGPerKwh)
        source = try container.decode(String.self, forKey: .source)
        validUntil = try container.decodeIfPresent(String.self, forKey: .validUntil)
    }

    enum CodingKeys: String, CodingKey {
        case schema, node, zone
        case intensityGPerKwh = "intensity_g_per_kwh"
        case source
        case validUntil = "valid_until"
    }
}
