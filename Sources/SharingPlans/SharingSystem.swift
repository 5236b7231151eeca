import Sharing

/// Every way to find out who shares what, by the name that a person uses.
public enum SharingSystem: String, CaseIterable, Sendable {
    case local
    case oneDimH = "one-dim-h"
    case oneDimW = "one-dim-w"
    case oneDimC = "one-dim-c"
    case grid2D = "grid-2d"
    case layerWise = "layer-wise"
    case deepThings = "deepthings"
    case moDNN = "modnn"
    case coEdge = "coedge"
    case aofl
    case flexPie = "flexpie"
    case geneFlow = "geneflow"
    case geneFlowLP = "geneflow-lp"
    case unified

    /// What it is, in a line for `--help`.
    public var summary: String {
        switch self {
        case .local: "everything on the source"
        case .oneDimH: "equal shares of rows, an exchange after each operator"
        case .oneDimW: "equal shares of columns"
        case .oneDimC: "equal shares of output channels"
        case .grid2D: "equal cells of rows and columns"
        case .layerWise: "the best of these for each layer"
        case .deepThings: "the first layers fused in equal tiles, the rest on the source"
        case .moDNN: "rows in proportion to speed"
        case .coEdge: "one share of rows for each device, from a linear program; linear layers on one device"
        case .aofl: "rows in proportion to speed, the best points of exchange"
        case .flexPie: "the best cut for each layer and the best points of exchange"
        case .geneFlow: "cut points of each layer by a genetic algorithm"
        case .geneFlowLP: "cut points of each layer by a linear program, rounded and improved"
        case .unified: "the best of all, and of more ways to share"
        }
    }

    /// Plans a graph for a cluster.
    ///
    /// Throws where the plan does not fit the graph, which would be an error in the planner.
    public func plan(_ shared: SharedGraph, on cluster: SharingCluster) throws(SharingError) -> SharingPlan {
        try plan(shared, on: cluster, SharingOptions())
    }

    /// The same, with what a caller offers: cores, a solver, a budget. The systems that take milliseconds do not look
    /// at it, nor do those that search by dynamic programming.
    public func plan(
        _ shared: SharedGraph, on cluster: SharingCluster, _ options: SharingOptions
    ) throws(SharingError) -> SharingPlan {
        let found = try search(shared, on: cluster, options.started(), until: { false })
        guard let found else { return try LocalSharing.plan(shared, cluster) }
        return found
    }

    /// The same; nil where the time is up before a search by dynamic programming is done.
    func search(
        _ shared: SharedGraph, on cluster: SharingCluster, _ options: SharingOptions, until isTimeUp: () -> Bool
    ) throws(SharingError) -> SharingPlan? {
        switch self {
        case .local: try LocalSharing.plan(shared, cluster)
        case .oneDimH: try OneDim.plan(shared, cluster, .rows)
        case .oneDimW: try OneDim.plan(shared, cluster, .columns)
        case .oneDimC: try OneDim.plan(shared, cluster, .channels)
        case .grid2D: try Grid2D.plan(shared, cluster)
        case .layerWise: try LayerWise.search(shared, cluster, until: isTimeUp)
        case .deepThings: try DeepThings.plan(shared, cluster)
        case .moDNN: try MoDNN.plan(shared, cluster)
        case .coEdge: try CoEdge.plan(shared, cluster)
        case .aofl: try AOFL.search(shared, cluster, until: isTimeUp)
        case .flexPie: try FlexPie.search(shared, cluster, options.timing, until: isTimeUp)
        case .geneFlow:
            try GeneFlow.search(
                shared, cluster, options.geneFlow ?? .usual(shared), cores: options.cores,
                bytesMost: options.budget.memoryBytes
            ) { progress in
                options.onGeneration?(progress)
                return !options.timeIsUp
            } isStopped: {
                options.timeIsUp
            }.plan
        case .geneFlowLP: try GeneFlowLP.plan(shared, cluster, options)
        case .unified: try Unified.plan(shared, cluster, options).plan
        }
    }
}

/// What a system found.
public struct SharingPlan: Sendable {
    public let system: SharingSystem
    public let assignment: SharedAssignment
    public let evaluation: SharingEvaluation
    /// Operators that the system's way to share does not serve, with the reason; one device computes each whole.
    public let refusals: [CannotShare]
    /// What no plan undercuts, where the system found out (nil: it did not look).
    public internal(set) var boundS: Double?

    /// Layouts under the name of a system, priced on a cluster.
    ///
    /// Throws where the layouts do not fit the graph.
    public init(
        _ system: SharingSystem, _ layouts: [SharedLayout], refusals: [CannotShare] = [], _ shared: SharedGraph,
        _ cluster: SharingCluster
    ) throws(SharingError) {
        self.system = system
        assignment = cluster.assignment(layouts)
        evaluation = try SharingEvaluation(assignment, shared, on: cluster)
        self.refusals = refusals
    }

    /// One scheme for all operators, with an exchange after each.
    init(
        _ system: SharingSystem, scheme: SharingScheme, _ shared: SharedGraph, _ cluster: SharingCluster
    ) throws(SharingError) {
        let plain = PlainLayouts([scheme], shared, cluster)
        try self.init(system, plain.layouts[0], refusals: plain.refusals[0].compactMap(\.self), shared, cluster)
    }

    /// A plan of another system under the name of one that took it over; its own as it is.
    public init(_ system: SharingSystem, from other: SharingPlan) {
        self.system = system
        assignment = other.assignment
        evaluation = other.evaluation
        refusals = system == other.system ? other.refusals : []
        boundS = system == other.system ? other.boundS : nil
    }

    init(
        _ system: SharingSystem, _ found: SegmentSearch.Found, _ shared: SharedGraph, _ cluster: SharingCluster
    ) throws(SharingError) {
        try self.init(system, found.layouts, refusals: found.refusals, shared, cluster)
    }
}
