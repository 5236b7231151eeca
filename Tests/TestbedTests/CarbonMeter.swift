import Cluster
import Costs
import Synchronization
import TestbedKit

/// What boards emit for requests, by the bed's own figures of their energy.
///
/// A board that no plan uses could be switched off or serve others: of it counts what it takes above its static power.
struct CarbonMeter {
    static let gramsPerJouleAtOneGramPerKwh = 1 / 3.6e6

    private let boards: [TestbedBoard]
    private var energiesJ: [Double]
    private var at = ContinuousClock.now

    init(_ boards: [TestbedBoard]) {
        self.boards = boards
        energiesJ = boards.map { $0.energyJ() }
    }

    /// Energy since the last call, in J, for each board.
    ///
    /// - Parameter used: the boards of the plan in force.
    mutating func take(used: Set<NodeID>) -> [Double] {
        let now = ContinuousClock.now
        let passedS = (now - at).inSeconds
        at = now
        return boards.indices.map { index in
            let energyJ = boards[index].energyJ()
            defer { energiesJ[index] = energyJ }
            let staticJ = used.contains(boards[index].node) ? 0 : boards[index].hardware.staticPowerW * passedS
            return max(0, energyJ - energiesJ[index] - staticJ)
        }
    }

    /// - Parameters:
    ///   - energiesJ: for each board.
    ///   - intensitiesGPerKwh: of each board's zone.
    static func grams(_ energiesJ: [Double], _ intensitiesGPerKwh: [Double]) -> Double {
        zip(energiesJ, intensitiesGPerKwh).reduce(0) { $0 + $1.0 * $1.1 * gramsPerJouleAtOneGramPerKwh }
    }
}

/// The plan in force, as a watcher sees it.
final class PlanInForce: Sendable {
    private let state: Mutex<(plan: PlanRecord, isOver: Bool)>

    init(_ plan: PlanRecord) { state = Mutex((plan, false)) }

    var plan: PlanRecord { state.withLock { $0.plan } }

    /// Follows the plan until it is told to stop.
    func follow(_ bed: Testbed, within patience: Duration) async throws {
        _ = try await bed.until("the end", within: patience) { known in
            self.state.withLock { state in
                if let plan = known.plan(RunningBed.model) { state.plan = plan }
                return state.isOver
            }
        }
    }

    func stop() { state.withLock { $0.isOver = true } }
}
