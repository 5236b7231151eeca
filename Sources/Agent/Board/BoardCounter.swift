import Board
import Costs
import Synchronization

/// What the board shows now, for `node/<id>/metrics`; nil: unknown.
package struct BoardSnapshot: Sendable {
    /// Processes that want to run, over the last minute.
    package var load: Double?
    package var celsius: Double?
    package var powerW: Double?
    package var powerOrigin: PowerSample.Origin?
    /// By device: the clock as it is.
    package var frequencyHz: [DeviceID: Double] = [:]
    package var memoryAvailableBytes: Int?

    package init() {}
}

/// What the agent is to do about the board.
package struct BoardNews: Sendable {
    /// For the log, in order.
    package var sentences: [String] = []
    /// Devices, or what is wrong with the board, are others than before.
    package var isChanged = false

    package init() {}
}

/// Where the agent leaves what it wants of the board, and the board's keeper what it found: neither ever waits for the
/// other, whose files may never answer.
package final class BoardCounter: Sendable {
    /// Sentences that wait for the agent; the latest of more.
    package static let maximumSentences = 64

    /// What the keeper shall do next; nil: as it was.
    package struct Request: Sendable {
        package var clocks: [DeviceID: Double]?
        package var devices: [Device]?
    }

    private struct State {
        var request: Request?
        /// As asked for last, carried out or not.
        var wantedClocks: [DeviceID: Double] = [:]
        /// Since when the keeper is at work; nil while it is not.
        var workingSince: Duration?
        var offered: [Device]
        var conditions: [String] = []
        var snapshot = BoardSnapshot()
        var seenAt: Duration?
        var clocks: [DeviceID: Double] = [:]
        var asPlanned: Set<DeviceID> = []
        var news = BoardNews()
        var energy: EnergyIntegrator
    }

    private let state: Mutex<State>
    private let freshFor: Duration

    /// - Parameter freshFor: a snapshot that is older tells nothing.
    package init(offered: [Device], freshFor: Duration, energy: EnergyIntegrator) {
        self.freshFor = freshFor
        state = Mutex(State(offered: offered, energy: energy))
    }

    // MARK: The agent's side

    /// - Returns: true where no request lay there that was not taken yet.
    package func leave(_ change: (inout Request) -> Void) -> Bool {
        state.withLock { state in
            let isFirst = state.request == nil
            var request = state.request ?? Request()
            change(&request)
            state.request = request
            if let clocks = request.clocks { state.wantedClocks = clocks }
            return isFirst
        }
    }

    /// The devices as they can be planned with now.
    package var offered: [Device] { state.withLock { $0.offered } }
    /// What is out of order on the board.
    package var conditions: [String] { state.withLock { $0.conditions } }

    /// Nothing but unknowns where nobody could look for long.
    package func snapshot(now: Duration) -> BoardSnapshot {
        state.withLock { state in
            guard let seenAt = state.seenAt, now - seenAt <= freshFor else { return BoardSnapshot() }
            return state.snapshot
        }
    }

    /// Is the device's clock where the plan in force wants it?
    package func isAsPlanned(_ device: DeviceID) -> Bool {
        state.withLock { state in
            state.clocks[device] == state.wantedClocks[device] && state.asPlanned.contains(device)
        }
    }

    /// Joules from an instant to the last look at the meter, and when that was; nil where it does not cover the time.
    package func energy(from: Duration) -> (energyJ: Double, until: Duration)? {
        state.withLock { state in
            guard let until = state.energy.last?.at, until > from,
                let energy = try? state.energy.energy(from: from, to: until)
            else { return nil }
            return (energy.energyJ, until)
        }
    }

    /// What happened since the last call.
    package func takeNews() -> BoardNews {
        state.withLock { state in
            defer { state.news = BoardNews() }
            return state.news
        }
    }

    /// How long the keeper has been at the same piece of work; nil while it is at none.
    package func busyFor(now: Duration) -> Duration? {
        state.withLock { state in state.workingSince.map { now - $0 } }
    }

    // MARK: The keeper's side

    package func takeRequest() -> Request {
        state.withLock { state in
            defer { state.request = nil }
            return state.request ?? Request()
        }
    }

    package func workBegins(now: Duration) { state.withLock { $0.workingSince = now } }

    package func workEnds(
        offered: [Device], conditions: [String], snapshot: BoardSnapshot, clocks: [DeviceID: Double],
        asPlanned: Set<DeviceID>, news: BoardNews, now: Duration
    ) {
        state.withLock { state in
            state.workingSince = nil
            state.offered = offered
            state.conditions = conditions
            state.snapshot = snapshot
            state.seenAt = now
            state.clocks = clocks
            state.asPlanned = asPlanned
            state.news.sentences += news.sentences
            state.news.sentences.removeFirst(max(0, state.news.sentences.count - Self.maximumSentences))
            state.news.isChanged = state.news.isChanged || news.isChanged
        }
    }

    /// - Returns: why a sample of power was refused; nil where it was not.
    package func add(_ sample: PowerSample) -> BoardFault? { state.withLock { $0.energy.add(sample) } }
}
