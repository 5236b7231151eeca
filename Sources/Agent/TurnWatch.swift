import Synchronization

/// Which turns of a loop took too long: once for each episode, a sentence. Pure.
package struct SlowTurns: Sendable {
    /// Beside heartbeats and answers to other boards, which wait meanwhile.
    package static let limit: Duration = .seconds(1)
    /// Slow turns that are less apart belong to one episode.
    package static let calm: Duration = .seconds(60)

    private var turn: (kind: String, since: Duration)?
    /// When the last slow turn was seen.
    private var slowAt: Duration?

    package init() {}

    package mutating func began(_ kind: String, now: Duration) { turn = (kind, now) }

    /// The turn goes on.
    ///
    /// - Returns: the sentence, where one is due.
    package mutating func look(now: Duration) -> String? {
        guard let turn, now - turn.since > Self.limit else { return nil }
        let isNew = slowAt.map { now - $0 > Self.calm } ?? true
        slowAt = now
        guard isNew else { return nil }
        let tookS = ((now - turn.since).inSeconds * 10).rounded() / 10
        return "one turn of the agent's loop (\(turn.kind)) has taken \(tookS) s, and other boards wait for answers; "
            + "the board is overloaded, or its disk is slow"
    }

    package mutating func ended(now: Duration) -> String? {
        defer { turn = nil }
        return look(now: now)
    }
}

/// `SlowTurns` for a loop and those who look at it from outside.
final class TurnWatch: Sendable {
    private let turns = Mutex(SlowTurns())
    private let say: @Sendable (String) -> Void

    init(say: @escaping @Sendable (String) -> Void) { self.say = say }

    func begin(_ kind: String) { turns.withLock { $0.began(kind, now: MonotonicTime.now) } }
    func look() { turns.withLock { $0.look(now: MonotonicTime.now) }.map(say) }
    func end() { turns.withLock { $0.ended(now: MonotonicTime.now) }.map(say) }
}
