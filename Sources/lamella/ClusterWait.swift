import Board
import Cluster
import MQTT

/// Waits for something to become true of a cluster, as the broker tells it.
struct ClusterWait: Sendable {
    var broker: BrokerAddress
    var cluster: String
    var patience: Duration
    /// Told what goes wrong meanwhile, in sentences.
    var report: @Sendable (String) -> Void = { _ in }

    /// - Parameter what: names what is waited for, in the error.
    /// - Throws: where it does not become true within the patience.
    func until(_ what: String, _ isTrue: @Sendable (ObservedCluster) -> Bool) async throws -> ObservedCluster {
        let observer = try ClusterObserver(broker: broker, cluster: cluster, purpose: "lamella-up")
        let seen: ObservedCluster? = try await observer.run(until: .now + patience) { observation, known in
            if case .changed(.planEvent(let event)) = observation, [.refused, .failed, .lost].contains(event.event) {
                report("model \(event.model): \(event.event): \(event.reason)")
            }
            return isTrue(known) ? known : nil
        }
        guard let seen else { throw ConfigurationError("waited \(patience) for \(what) in vain; see the boards' logs") }
        return seen
    }

    /// The first figures of a change may be those of its beginning: so long a decision to stay may yet be followed by
    /// another.
    private static let secondThoughts: Duration = .seconds(20)

    /// Runs `cause` and waits for what the leader decides of a model's plan then; `cause` is cancelled when it has.
    ///
    /// - Parameter word: in the reason of a decision to stay; one for another reason says nothing of this change.
    func decision(
        after plan: PlanRecord, model: String, word: String, cause: @escaping @Sendable () async throws -> Void
    ) async throws -> (event: PlanEvent, plan: PlanRecord) {
        let observer = try ClusterObserver(broker: broker, cluster: cluster, purpose: "lamella-up")
        var running: Task<Void, any Error>?
        defer { running?.cancel() }
        var committed: PlanEvent?
        var kept: (event: PlanEvent, plan: PlanRecord, at: ContinuousClock.Instant)?
        let seen: (PlanEvent, PlanRecord)? = try await observer.run(until: .now + patience) { observation, known in
            switch observation {
            case .caughtUp where running == nil: running = Task { try await cause() }
            case .changed(.planEvent(let event)) where event.model == model && running != nil:
                switch event.event {
                case .kept:
                    let words = event.reason.split { $0 == " " }
                    if words.contains(where: { $0 == word }) {
                        kept = (event, known.plan(model) ?? plan, kept?.at ?? .now)
                    }
                case .committed: committed = event
                default: break
                }
            default: break
            }
            if let committed, let record = known.plan(model), record.id == committed.plan { return (committed, record) }
            if committed == nil, let kept, .now - kept.at > Self.secondThoughts { return (kept.event, kept.plan) }
            return nil
        }
        running?.cancel()
        _ = await running?.result
        guard let seen = seen ?? kept.map({ ($0.event, $0.plan) }) else {
            throw ConfigurationError("waited \(patience) for the leader's decision in vain; see the boards' logs")
        }
        return (event: seen.0, plan: seen.1)
    }
}
