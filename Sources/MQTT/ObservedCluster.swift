import Cluster
import Costs

/// What the broker alone tells of a cluster, put together from messages in any order.
public struct ObservedCluster: Sendable, Equatable {
    public struct Board: Sendable, Equatable {
        public var node: NodeID
        /// Nil: the board never said so.
        public var state: NodeState?
        public var capabilities: NodeCapabilities?
        /// The latest; nil where none came or they were not subscribed to.
        public var metrics: NodeMetrics?
    }

    /// What a message changed.
    public enum Change: Sendable, Equatable {
        case nodeState(NodeID, NodeState)
        case capabilities(NodeCapabilities)
        case metrics(NodeMetrics)
        case leader(LeaderRecord)
        case leaderGone
        case model(ModelRecord)
        case plan(PlanRecord)
        case planGone(model: String)
        case planEvent(PlanEvent)
    }

    /// Boards, models and plans kept of each kind; what comes after is not.
    public static let maximumEntries = 1024

    /// Sorted by id.
    public private(set) var boards: [Board] = []
    public private(set) var leader: LeaderRecord?
    /// Sorted by name; removed ones are not there.
    public private(set) var models: [ModelRecord] = []
    /// The plan in force for each model, sorted by model.
    public private(set) var plans: [PlanRecord] = []
    /// Grid zones, and what boards make of them where that was subscribed to. No ``Change`` tells of it: the plan that
    /// follows from it is told.
    public private(set) var carbon = ObservedCarbon()
    /// The last word on each grid zone, sorted by zone; it may have expired.
    public var zones: [ZoneCarbon] { carbon.zones }

    public init() {}

    /// The leader, if its board did not say goodbye.
    public var liveLeader: LeaderRecord? {
        leader.flatMap { leader in board(leader.node)?.state == .offline ? nil : leader }
    }

    public func board(_ node: NodeID) -> Board? { boards.first { $0.node == node } }
    public func plan(_ model: String) -> PlanRecord? { plans.first { $0.model.name == model } }

    /// Is nothing known at all?
    public var isSilent: Bool { boards.isEmpty && leader == nil && models.isEmpty && plans.isEmpty && zones.isEmpty }

    /// Takes a message in; what is older than what is known is dropped, as the design asks of every receiver.
    ///
    /// - Returns: what changed; nil where nothing did.
    public mutating func apply(_ message: InboundMessage) -> Change? {
        switch message {
        case .nodeState(let node, let state):
            guard change(node, { $0.state = state }) else { return nil }
            return .nodeState(node, state)
        case .capabilities(let record):
            if let known = board(record.node)?.capabilities, record.version < known.version { return nil }
            guard change(record.node, { $0.capabilities = record }) else { return nil }
            return .capabilities(record)
        case .metrics(let record):
            // Of a board that is there: metrics alone make none.
            guard board(record.node) != nil, change(record.node, { $0.metrics = record }) else { return nil }
            return .metrics(record)
        case .leader(let record):
            if let leader, record.leadership < leader.leadership || record == leader { return nil }
            leader = record
            return .leader(record)
        case .model(let record): return apply(record)
        case .plan(let record): return apply(record)
        case .planEvent(let event): return .planEvent(event)
        case .cleared(let topic): return clear(topic)
        case .zoneCarbon, .nodeCarbon:
            carbon.apply(message)
            return nil
        case .inbox, .replan, .replanReply, .unused: return nil
        }
    }

    private mutating func change(_ node: NodeID, _ body: (inout Board) -> Void) -> Bool {
        if let index = boards.firstIndex(where: { $0.node == node }) {
            let before = boards[index]
            body(&boards[index])
            return boards[index] != before
        }
        guard boards.count < Self.maximumEntries else { return false }
        var board = Board(node: node)
        body(&board)
        boards.insert(board, at: boards.firstIndex { $0.node > node } ?? boards.count)
        return true
    }

    private mutating func apply(_ record: ModelRecord) -> Change? {
        let known = models.firstIndex { $0.name == record.name }
        if let known {
            guard record.version >= models[known].version, record != models[known] else { return nil }
            models.remove(at: known)
        }
        if !record.removed, models.count < Self.maximumEntries {
            models.insert(record, at: models.firstIndex { $0.name > record.name } ?? models.count)
        }
        return record.removed && known == nil ? nil : .model(record)
    }

    private mutating func apply(_ record: PlanRecord) -> Change? {
        if let known = plans.firstIndex(where: { $0.model.name == record.model.name }) {
            guard record.id >= plans[known].id, record != plans[known] else { return nil }
            plans[known] = record
        } else {
            guard plans.count < Self.maximumEntries else { return nil }
            plans.insert(record, at: plans.firstIndex { $0.model.name > record.model.name } ?? plans.count)
        }
        return .plan(record)
    }

    private mutating func clear(_ topic: Topic) -> Change? {
        switch topic {
        case .leader:
            guard leader != nil else { return nil }
            leader = nil
            return .leaderGone
        case .plan(let model):
            guard let known = plans.firstIndex(where: { $0.model.name == model }) else { return nil }
            plans.remove(at: known)
            return .planGone(model: model)
        case .nodeState(let node), .nodeCapabilities(let node):
            guard board(node) != nil else { return nil }
            _ = change(node) { board in
                if case .nodeState = topic { board.state = nil } else { board.capabilities = nil }
            }
            boards.removeAll { $0.state == nil && $0.capabilities == nil }
            return nil
        case .model(let name):
            models.removeAll { $0.name == name }
            return nil
        case .zoneCarbon, .nodeCarbon:
            carbon.apply(.cleared(topic))
            return nil
        default: return nil
        }
    }
}
