import Costs
import ModelGraph

/// A host and port that a peer can connect to.
public struct Endpoint: Hashable, Sendable, Codable, CustomStringConvertible {
    public var host: String
    public var port: Int

    public init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    public var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}

/// What a board measured of the network to one peer.
public struct LinkMeasurement: Hashable, Sendable, Codable {
    public var peer: NodeID
    public var bandwidthBytesPerS: Double
    public var latencyS: Double
    /// `configured`, `passive` or `probe`.
    public var source: String
    /// RFC 3339 UTC; nil for a configured figure.
    public var measuredAt: String?

    public init(peer: NodeID, bandwidthBytesPerS: Double, latencyS: Double, source: String, measuredAt: String? = nil) {
        self.peer = peer
        self.bandwidthBytesPerS = bandwidthBytesPerS
        self.latencyS = latencyS
        self.source = source
        self.measuredAt = measuredAt
    }

    enum CodingKeys: String, CodingKey {
        case peer
        case bandwidthBytesPerS = "bandwidth_bytes_per_s"
        case latencyS = "latency_s"
        case source
        case measuredAt = "measured_at"
    }
}

/// Where figures of a device are from that its configuration does not state.
public struct SpeedSource: Hashable, Sendable, Codable {
    public var device: DeviceID
    /// Their keys in a configuration.
    public var figures: [String]
    /// `measured`, or `assumed` until they are.
    public var source: String
    /// RFC 3339 UTC.
    public var measuredAt: String?

    public init(device: DeviceID, figures: [String], source: String, measuredAt: String? = nil) {
        self.device = device
        self.figures = figures
        self.source = source
        self.measuredAt = measuredAt
    }

    enum CodingKeys: String, CodingKey {
        case device, figures, source
        case measuredAt = "measured_at"
    }
}

/// What a board can do: the payload of `node/<id>/capabilities`, also carried by gossip.
public struct NodeCapabilities: Hashable, Sendable, Codable {
    public static let schema = "lamella/capabilities/1"

    public var schema: String
    public var node: NodeID
    /// Grows with each change, so that a receiver can drop what is older than what it knows.
    public var version: UInt64
    public var devices: [Device]
    public var mainsPower: Bool
    public var freeMemoryBytes: Int
    /// May this board lead?
    public var eligible: Bool
    /// Where runners of other boards connect.
    public var transport: Endpoint?
    /// Where clients send requests over HTTP.
    public var frontDoor: Endpoint?
    public var links: [LinkMeasurement]
    /// Where figures of the devices are from that nobody stated (nil: all are stated).
    public var speedSources: [SpeedSource]?
    /// What running models has shown of the devices' speeds (nil: nothing yet).
    public var paces: [ModelPace]?
    /// What messages of shared plans take whose requests enter here (nil: nothing is known yet).
    public var messages: [WaitCost]?
    /// What requests that enter here take on the board beside their layers (nil: nothing is known yet).
    public var requestCosts: [WaitCost]?
    /// What models' layers take on the devices, as measured on the board, at most ``ClusterLimits/profilesPerBoard``
    /// (nil: not measured).
    public var profiles: [ProfileSummary]?
    /// What is out of order on the board, a sentence each (nil: nothing is).
    public var conditions: [String]?

    public init(
        node: NodeID, version: UInt64, devices: [Device], mainsPower: Bool = true, freeMemoryBytes: Int,
        eligible: Bool = true, transport: Endpoint? = nil, frontDoor: Endpoint? = nil, links: [LinkMeasurement] = [],
        speedSources: [SpeedSource]? = nil, paces: [ModelPace]? = nil, messages: [WaitCost]? = nil,
        requestCosts: [WaitCost]? = nil, profiles: [ProfileSummary]? = nil, conditions: [String]? = nil
    ) {
        self.schema = Self.schema
        self.node = node
        self.version = version
        self.devices = devices
        self.mainsPower = mainsPower
        self.freeMemoryBytes = freeMemoryBytes
        self.eligible = eligible
        self.transport = transport
        self.frontDoor = frontDoor
        self.links = links
        self.speedSources = speedSources
        self.paces = paces
        self.messages = messages
        self.requestCosts = requestCosts
        self.profiles = profiles
        self.conditions = conditions
    }

    enum CodingKeys: String, CodingKey {
        case schema, node, version, eligible
        case mainsPower = "mains_power"
        case freeMemoryBytes = "free_memory_bytes"
        case transport
        case frontDoor = "front_door"
        case speedSources = "speed_sources"
        case requestCosts = "request_costs"
        case devices, links, paces, messages, profiles, conditions
    }
}

/// A model that the cluster serves: the payload of `model/<name>`, also carried by gossip.
public struct ModelRecord: Hashable, Sendable, Codable {
    public static let schema = "lamella/model/1"

    public var schema: String
    public var name: String
    /// Grows each time the model of this name is replaced or removed.
    public var version: UInt64
    /// Content address of the graph without its weights (hexadecimal SHA-256).
    public var graphSHA256: String
    public var graphBytes: Int
    public var weightBytes: Int
    /// Boards that hold the graph and every weight.
    public var holders: [NodeID]
    public var source: DeviceID
    public var destination: DeviceID
    public var removed: Bool

    public init(
        name: String, version: UInt64, graphSHA256: String, graphBytes: Int, weightBytes: Int, holders: [NodeID],
        source: DeviceID, destination: DeviceID, removed: Bool = false
    ) {
        self.schema = Self.schema
        self.name = name
        self.version = version
        self.graphSHA256 = graphSHA256
        self.graphBytes = graphBytes
        self.weightBytes = weightBytes
        self.holders = holders
        self.source = source
        self.destination = destination
        self.removed = removed
    }

    enum CodingKeys: String, CodingKey {
        case schema, name, version, removed, source, destination
        case graphSHA256 = "graph_sha256"
        case graphBytes = "graph_bytes"
        case weightBytes = "weight_bytes"
        case holders
    }
}

/// Who leads: the payload of `leader`.
public struct LeaderRecord: Hashable, Sendable, Codable {
    public static let schema = "lamella/leader/1"

    public var schema: String
    public var node: NodeID
    public var term: UInt64
    /// The leader's start in which it took the term: a leader that restarted since does not lead any more.
    public var generation: UInt64
    /// RFC 3339 UTC.
    public var since: String?

    public init(node: NodeID, term: UInt64, generation: UInt64, since: String? = nil) {
        self.schema = Self.schema
        self.node = node
        self.term = term
        self.generation = generation
        self.since = since
    }

    /// The leadership that the record names.
    public var leadership: Term { Term(number: term, node: node) }
}

/// A plan as the leader proposes and publishes it: the payload of `plan/<model>`.
public struct PlanRecord: Sendable, Codable, Equatable {
    public static let schema = "lamella/plan/1"

    public var schema: String
    public var id: PlanID
    public var model: ModelRecord
    /// Boards that run a part of the model, the source's and destination's included; sorted.
    public var participants: [NodeID]
    /// How finely the model was cut: with the graph it gives the layers that the plan's names stand for.
    public var granularity: LayerGranularity
    /// Why this plan was made.
    public var reason: String
    /// What somebody asked plans of this model to be made for (nil: as the leader's configuration says); the next
    /// leader goes on with it.
    public var goal: PlanGoal?
    /// How long before its commit plans of this model were changed for reasons that can wait, in s, itself included.
    /// The next leader counts on from there.
    public var switchAgesS: [Double]?
    /// RFC 3339 UTC.
    public var issuedAt: String?
    public var plan: Plan

    public init(
        id: PlanID, model: ModelRecord, participants: [NodeID], granularity: LayerGranularity = .layer, reason: String,
        goal: PlanGoal? = nil, issuedAt: String? = nil, plan: Plan
    ) {
        self.schema = Self.schema
        self.id = id
        self.model = model
        self.participants = participants
        self.granularity = granularity
        self.reason = reason
        self.goal = goal
        self.issuedAt = issuedAt
        self.plan = plan
    }

    /// In the order in which a person reads the payload.
    enum CodingKeys: String, CodingKey {
        case schema, id, reason, goal
        case issuedAt = "issued_at"
        case switchAgesS = "switch_ages_s"
        case participants, granularity, model, plan
    }
}
