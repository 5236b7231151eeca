import Cluster
import Costs

/// What must be true some time after the faults have stopped: one leader, one plan that all its boards hold, and every
/// request settled, those asked last answered.
extension Simulation {
    mutating func checkHealed() {
        if let what = whatIsMissing() {
            guard now < settings.faultTime + settings.healTime else {
                checker.violated("not whole \(settings.healTime) after the faults stopped: \(what)")
                return
            }
            events.add(.check, at: now + .milliseconds(250))
            return
        }
        guard finalRequestsSent else {
            finalRequestsSent = true
            for index in 0..<3 { events.add(.client(RequestID("final\(index)")), at: now + .milliseconds(index * 10)) }
            events.add(.check, at: now + .milliseconds(250))
            return
        }
        finished = true
        trace.add(now, "the cluster is whole")
    }

    private func whatIsMissing() -> String? {
        let views = boards.map(\.member.view)
        let all = boards.map(\.node)
        guard let leader = views[0].leader else { return "\(all[0]) knows no leader" }
        for (board, view) in zip(boards, views) {
            guard board.isUp, view.connected else { return "\(board.node) is not connected" }
            if view.live != all { return "\(board.node) believes that \(view.live) live" }
            if view.leader != leader {
                return "\(board.node) follows \(view.leader?.leadership.description ?? "nobody")"
            }
            if board.member.leads != (board.node == leader.node) {
                return "\(board.node) disagrees on whether it leads"
            }
        }
        guard let directing = views.first(where: { $0.node == leader.node }) else { return "the leader is unknown" }
        guard directing.models.first?.name == Self.model else { return "the leader does not know the model" }
        if let plan = directing.plans.first {
            for node in plan.participants {
                guard let index = index(of: node), boards[index].runner.fence.isLoaded(plan.id) else {
                    return "\(node) has not loaded plan \(plan.id)"
                }
            }
            let source = boards[sourceBoard]
            if source.ledger.plan != plan.id { return "the source does not start requests under plan \(plan.id)" }
        } else if isFeasible(directing) {
            return "no plan is in force"
        }
        if let open = checker.open.first { return "request \(open) is open" }
        if finalRequestsSent, !directing.plans.isEmpty,
            let unanswered = (0..<3).map({ RequestID("final\($0)") }).first(where: { !checker.isAnswered($0) })
        {
            return "request \(unanswered) is not answered"
        }
        return nil
    }

    /// Is there any plan over all boards?
    private func isFeasible(_ view: ClusterView) -> Bool {
        guard let model = view.models.first else { return false }
        let request = SolveRequest(
            token: SolveToken(0), model: model, members: view.members.compactMap(\.capabilities), reserved: [])
        if case .planned = VirtualPlanner.solve(request) { return true }
        return false
    }
}
