import Cluster
import Costs

/// One simulated board: its disk survives a crash, everything else does not.
struct VirtualBoard {
    let node: NodeID
    var capabilities: NodeCapabilities
    /// What a restart will read.
    var disk = StoredState()
    /// What the board was told is on disk; another than `disk` only when the disk lies on purpose.
    var synced = StoredState()
    var member: ClusterMember
    var ledger: RequestLedger
    var runner = VirtualRunner()
    var isUp = false
    /// Counts starts: events of an earlier start are dropped.
    var epoch = 0
    var connected = false
    /// The board is cut off the broker until then.
    var cutUntil: Duration = .zero
    /// The agent's loop stands still until then.
    var stalledUntil: Duration = .zero
    /// Preparing takes this many times as long.
    var slowness = 1
    var scheduledTick: Duration?
    var scheduledLedgerTick: Duration?
    /// Crash after this many more effects; nil: do not.
    var effectsToCrash: Int?
    var solving: SolveToken?
}

/// A tensor on its way between boards.
struct Tensor {
    var request: RequestID
    var plan: PlanID
    var attempt: Int
    /// Index of the first layer that is still to run.
    var layer: Int
}

/// What a subscriber hears.
enum Publication {
    case state(NodeID, NodeState)
    case capabilities(NodeCapabilities)
    case leader(LeaderRecord)
    case plan(PlanRecord)
    case planRetracted(String)
    case model(ModelRecord)

    /// What the broker keeps one message of.
    var topic: String {
        switch self {
        case .state(let node, _): "node/\(node)/state"
        case .capabilities(let capabilities): "node/\(capabilities.node)/capabilities"
        case .leader: "leader"
        case .plan(let record): "plan/\(record.model.name)"
        case .planRetracted(let model): "plan/\(model)"
        case .model(let model): "model/\(model.name)"
        }
    }

    var input: ClusterInput {
        switch self {
        case .state(let node, let state): .nodeState(node, state)
        case .capabilities(let capabilities): .capabilitiesHeard(capabilities)
        case .leader(let record): .leaderHeard(record)
        case .plan(let record): .planHeard(record)
        case .planRetracted(let model): .planRetracted(model: model)
        case .model(let model): .modelHeard(model)
        }
    }
}

/// What happens at a moment of virtual time.
enum SimulationEvent {
    case tick(board: Int)
    case ledgerTick(board: Int)
    case input(board: Int, ClusterInput)
    case connect(board: Int, epoch: Int)
    case disconnected(board: Int, epoch: Int)
    case solved(board: Int, epoch: Int, SolveRequest)
    case prepared(board: Int, epoch: Int, runner: Int, PlanRecord, refusal: String?)
    case executorLost(board: Int, epoch: Int)
    case tensor(board: Int, Tensor)
    case computed(board: Int, epoch: Int, runner: Int, Tensor)
    case result(board: Int, Tensor)
    case attemptFailed(board: Int, Tensor, reason: String)
    case client(RequestID)
    case fault(Fault)
    case restart(board: Int)
    case brokerUp
    case heal
    case check

    /// The board whose loop must be running for the event to be taken.
    var loop: Int? {
        switch self {
        case .tick(let board), .ledgerTick(let board), .input(let board, _), .disconnected(let board, _),
            .connect(let board, _), .solved(let board, _, _), .prepared(let board, _, _, _, _),
            .executorLost(let board, _), .result(let board, _), .attemptFailed(let board, _, _):
            board
        case .tensor, .computed, .client, .fault, .restart, .brokerUp, .heal, .check: nil
        }
    }
}
