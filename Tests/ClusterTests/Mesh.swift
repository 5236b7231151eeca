import Cluster
import Costs

/// Cluster members that hear each other after one millisecond, with a solver and runners that do what a test says.
/// It writes down what was published, so that a test can be read like a story.
final class Mesh {
    struct Board {
        var member: ClusterMember
        var disk = StoredState()
        var isUp = true
        var connected = false
        var effects: [ClusterEffect] = []
    }

    private struct Entry {
        var time: Duration
        var board: Int
        var input: ClusterInput
    }

    var now: Duration = .zero
    var boards: [Board] = []
    /// Published events, leaders and plans, one line each.
    var transcript: [String] = []
    var events: [PlanEvent] = []
    var replies: [ReplanReply] = []
    /// What each board says of its electricity.
    var carbon: [NodeID: NodeCarbon] = [:]
    var solved: [SolveRequest] = []
    var warnings: [String] = []
    /// Messages for which this is true are lost: (message, from, to).
    var isLost: (Message, NodeID, NodeID) -> Bool = { _, _, _ in false }
    /// Boards for which this is true do not reach each other, nor hear what the other publishes: (from, to).
    var isCut: (NodeID, NodeID) -> Bool = { _, _ in false }
    /// What the solver takes.
    var solveTime: Duration = .milliseconds(10)
    /// What the solver says; nil: it never answers.
    var solver: (SolveRequest) -> SolveOutcome? = { request in
        .planned(
            plan(on: request.members.map { $0.devices[0].id.name }),
            incumbentLatencyS: request.incumbent == nil ? nil : 0.1,
            moveS: 0)
    }
    /// What a runner says of a plan; nil: it is still loading.
    var runner: (NodeID, PlanRecord) -> ClusterInput? = { _, record in .prepared(record.id, memory: []) }
    /// Does the source's ledger say drained at once?
    var drainsAtOnce = true
    /// Is the last will heard of boards that die?
    var lastWills = true
    private var settings: ClusterSettings
    private var inputs: [Entry] = []

    init(_ boards: [NodeCapabilities], settings: ClusterSettings = ClusterSettings()) {
        self.settings = settings
        for (index, capabilities) in boards.enumerated() {
            self.boards.append(
                Board(
                    member: ClusterMember(
                        capabilities: capabilities, settings: settings, seed: UInt64(index + 1), now: now)))
        }
        for index in self.boards.indices {
            feed(index, .tick)
            connect(index)
        }
    }

    func index(_ node: NodeID) -> Int? { boards.firstIndex { $0.member.node == node } }

    func view(_ node: NodeID) -> ClusterView? { index(node).map { boards[$0].member.view } }

    /// The board that all live boards take for the leader.
    var leader: NodeID? {
        let leaders = boards.filter(\.isUp).map { $0.member.view.leader?.node }
        guard let first = leaders.first, leaders.allSatisfy({ $0 == first }) else { return nil }
        return first
    }

    /// The plan that the leader holds in force.
    var inForce: PlanRecord? { leader.flatMap { view($0)?.plans.first } }

    func connect(_ index: Int) {
        boards[index].connected = true
        feed(index, .brokerConnected)
    }

    func tell(_ node: NodeID, _ input: ClusterInput) {
        if let index = index(node) { feed(index, input) }
    }

    func kill(_ node: NodeID) {
        guard let index = index(node) else { return }
        boards[index].isUp = false
        boards[index].connected = false
        if lastWills { publish(.nodeState(node, .offline), from: index) }
    }

    func restart(_ node: NodeID, _ capabilities: NodeCapabilities) {
        guard let index = index(node) else { return }
        boards[index].member = ClusterMember(
            capabilities: capabilities, settings: settings, stored: boards[index].disk, seed: 99, now: now)
        boards[index].isUp = true
        feed(index, .tick)
        connect(index)
    }

    /// Goes on until the condition holds; returns the time it took, or nil when it never held within the limit.
    func run(until condition: (Mesh) -> Bool, limit: Duration = .seconds(30)) -> Duration? {
        let start = now
        while !condition(self) {
            guard step(limit: start + limit) else { return nil }
        }
        return now - start
    }

    func run(for time: Duration) {
        let end = now + time
        while step(limit: end) {}
        now = end
    }

    private func step(limit: Duration) -> Bool {
        var next: (time: Duration, board: Int, entry: Int?)?
        for (place, entry) in inputs.enumerated() where next.map({ entry.time < $0.time }) ?? true {
            next = (entry.time, entry.board, place)
        }
        for (index, board) in boards.enumerated() where board.isUp {
            let tick = max(board.member.nextTick, now)
            if next.map({ tick < $0.time }) ?? true { next = (tick, index, nil) }
        }
        guard let next, next.time <= limit else { return false }
        now = next.time
        let input = next.entry.map { inputs.remove(at: $0).input } ?? .tick
        guard boards[next.board].isUp else { return true }
        switch input {
        case .message, .nodeState, .capabilitiesHeard, .leaderHeard, .planHeard, .planRetracted, .modelHeard:
            guard boards[next.board].connected else { return true }
        default: break
        }
        feed(next.board, input)
        return true
    }

    private func later(_ board: Int, _ input: ClusterInput, after: Duration = .milliseconds(1)) {
        inputs.append(Entry(time: now + after, board: board, input: input))
    }

    private func publish(_ input: ClusterInput, from board: Int) {
        let node = boards[board].member.node
        for other in boards.indices where other != board && boards[other].connected {
            if !isCut(node, boards[other].member.node) { later(other, input) }
        }
    }

    private func feed(_ index: Int, _ input: ClusterInput) {
        let effects = boards[index].member.handle(input, now: now)
        boards[index].effects += effects
        let node = boards[index].member.node
        for effect in effects {
            switch effect {
            case .send(let message, let to):
                guard boards[index].connected, let receiver = self.index(to), !isLost(message, node, to),
                    !isCut(node, to)
                else { continue }
                later(receiver, .message(message))
            case .persist(let state): boards[index].disk = state
            case .publishLeader(let record):
                transcript.append("\(node) leads \(record.leadership)")
                publish(.leaderHeard(record), from: index)
            case .publishPlan(let record): publish(.planHeard(record), from: index)
            case .retractPlan(let model): publish(.planRetracted(model: model), from: index)
            case .publishEvent(let event):
                events.append(event)
                transcript.append(
                    "\(event.node) \(event.event.rawValue) \(event.plan.map(\.description) ?? "-"): \(event.reason)")
            case .publishState(let state): publish(.nodeState(node, state), from: index)
            case .publishCapabilities(let capabilities): publish(.capabilitiesHeard(capabilities), from: index)
            case .publishCarbon(let record): carbon[record.node] = record
            case .retractCarbon: carbon[node] = nil
            case .publishModel(let model): publish(.modelHeard(model), from: index)
            case .warning(let sentence): warnings.append(sentence)
            case .solve(let request):
                solved.append(request)
                if let outcome = solver(request) {
                    later(index, .solved(request.token, outcome), after: solveTime)
                }
            case .prepare(let record):
                if let answer = runner(node, record) { later(index, answer, after: .milliseconds(20)) }
            case .drain(let plan, _): if drainsAtOnce { later(index, .drained(plan)) }
            case .reply(let reply): replies.append(reply)
            case .cancelSolve, .commit, .abandon, .viewChanged: break
            }
        }
    }
}
