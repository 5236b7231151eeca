import Cluster
import Costs

/// The promises that must hold at every step, judged from outside: by what boards say, write, run and answer, never by
/// what they hold inside. It remembers over crashes what a board may not.
struct Checker {
    struct Runs {
        var node: NodeID
        var model: String
        var plan: PlanID
    }

    private(set) var violations: [String] = []
    /// Who led under a term, in which start of its agent.
    private var leaderships: [Term: UInt64] = [:]
    private var planContents: [PlanID: PlanRecord] = [:]
    private var ran: [Runs] = []
    private var disks: [NodeID: StoredState] = [:]
    private var answers: [RequestID: PlanID] = [:]
    private var failed: Set<RequestID> = []
    private var accepted: [RequestID] = []

    var leadershipCount: Int { leaderships.count }

    mutating func violated(_ text: String) { violations.append(text) }

    /// A board speaks as the leader of a term.
    mutating func leads(_ record: LeaderRecord, disk: StoredState) {
        if disk.termNumber < record.term {
            violated("\(record.node) speaks as leader of term \(record.leadership) before the term is on its disk")
        }
        if let generation = leaderships[record.leadership], generation != record.generation {
            violated(
                "two leaders in term \(record.leadership): \(record.node) in its start \(generation) and in its start "
                    + "\(record.generation)")
        }
        leaderships[record.leadership] = record.generation
    }

    /// A plan id must name one plan only.
    mutating func proposed(_ record: PlanRecord) {
        if let known = planContents[record.id], known != record {
            violated("plan id \(record.id) names two plans")
        }
        planContents[record.id] = record
    }

    mutating func persisted(_ state: StoredState, of node: NodeID) {
        if let before = disks[node] {
            if state.generation < before.generation { violated("\(node): the start on disk goes back") }
            if state.termNumber < before.termNumber {
                violated("\(node): the term on disk goes back from \(before.termNumber) to \(state.termNumber)")
            }
            for entry in before.accepted {
                guard let now = state.accepted.first(where: { $0.model == entry.model }), now.plan >= entry.plan else {
                    violated("\(node): the accepted plan on disk goes back from \(entry.plan)")
                    continue
                }
            }
        }
        disks[node] = state
    }

    /// A board starts to load a plan.
    mutating func prepares(_ record: PlanRecord, on node: NodeID, disk: StoredState) {
        let onDisk = disk.accepted.first { $0.model == record.model.name }?.plan
        if onDisk.map({ $0 < record.id }) ?? true {
            violated("\(node) loads plan \(record.id) before its acceptance is on disk")
        }
    }

    /// A device runs a part of a plan.
    mutating func runs(_ plan: PlanID, model: String, on node: NodeID) {
        guard let index = ran.firstIndex(where: { $0.node == node && $0.model == model }) else {
            ran.append(Runs(node: node, model: model, plan: plan))
            return
        }
        if plan < ran[index].plan { violated("\(node) runs plan \(plan) after the newer \(ran[index].plan)") }
        ran[index].plan = max(ran[index].plan, plan)
    }

    mutating func accepts(_ request: RequestID) { accepted.append(request) }

    mutating func answers(_ request: RequestID, plan: PlanID) {
        if let before = answers[request] {
            violated(
                before == plan
                    ? "request \(request) is answered twice under plan \(plan)"
                    : "request \(request) is answered from two plans, \(before) and \(plan)")
        }
        if failed.contains(request) { violated("request \(request) is answered after it failed") }
        answers[request] = plan
    }

    mutating func fails(_ request: RequestID) {
        if answers[request] != nil { violated("request \(request) fails after it was answered") }
        if failed.contains(request) { violated("request \(request) fails twice") }
        failed.insert(request)
    }

    func isOpen(_ request: RequestID) -> Bool { answers[request] == nil && !failed.contains(request) }

    var open: [RequestID] { accepted.filter { isOpen($0) } }

    func isAnswered(_ request: RequestID) -> Bool { answers[request] != nil }
}
