import Cluster
import Costs

/// A whole cluster in virtual time, in one thread: boards, broker, network, runners, clients and faults, all drawn from
/// one seed. The same seed and settings give the same steps, and so the same trace.
///
/// The parts stand in files of their own: `Simulation+Network` (broker and messages), `Simulation+Effects` (what boards
/// want done), `Simulation+Requests` (clients and tensors), `Simulation+Faults`, `Simulation+Healing` (what must be
/// true at the end).
public struct Simulation {
    public let seed: UInt64
    public let settings: SimulationSettings

    var now: Duration = .zero
    var events = EventQueue<SimulationEvent>()
    var boards: [VirtualBoard] = []
    var sourceBoard = 0
    var checker = Checker()
    var counts = SimulationReport.Counts()

    // The network.
    var random: SeededGenerator
    var brokerIsUp = true
    var retained: [(topic: String, publication: Publication)] = []
    var oldRetained: [(topic: String, publication: Publication)] = []
    var sides: [Int] = []
    var partitionEnds: Duration = .zero
    var lossProbability = 0.0
    var lossEnds: Duration = .zero
    var baseLoss = 0.0
    /// Probability that a control message is very late, or a tensor late.
    var lateMessages = 0.0
    var lateTensors = 0.05

    // The clients.
    var ledgerSettings = RequestLedger.Settings()
    /// The start of the source's board in which a request was asked.
    var askedIn: [RequestID: Int] = [:]
    var healed = false
    var finalRequestsSent = false
    var finished = false

    let trace: Trace

    static let model = "m"

    public init(seed: UInt64, settings: SimulationSettings = SimulationSettings()) {
        self.seed = seed
        self.settings = settings
        random = SeededGenerator(seed: seed)
        trace = Trace(keeps: settings.keepsTrace)
    }

    /// Runs to the end and says what was seen.
    public mutating func run() -> SimulationReport {
        start()
        while !finished, let (time, event) = events.next() {
            now = time
            step(event)
            // One broken promise is enough; the trace up to it is what matters.
            if !checker.violations.isEmpty { break }
        }
        counts.leaderships = checker.leadershipCount
        return SimulationReport(
            seed: seed, boards: boards.count, violations: checker.violations, counts: counts, endedAt: now,
            trace: trace.lines, traceHash: settings.keepsTrace ? trace.hash : 0)
    }

    // MARK: Start

    private mutating func start() {
        let count = settings.boards ?? Int.random(in: 2...6, using: &random)
        sides = Array(repeating: 0, count: count)
        baseLoss = settings.faults && random.chance(0.3) ? Double.random(in: 0..<0.05, using: &random) : 0
        sourceBoard = Int.random(in: 0..<count, using: &random)
        ledgerSettings.drainPatience = .milliseconds([0, 20, 200, 1000].randomElement(using: &random) ?? 0)
        ledgerSettings.attemptTimeout = .milliseconds([300, 1000, 5000].randomElement(using: &random) ?? 1000)
        // Some clusters are under full load, on some networks messages take seconds now and then.
        let isBusy = settings.isBusy ?? random.chance(0.3)
        if isBusy {
            lateTensors = 0.2
            ledgerSettings.drainPatience = .zero
        }
        if settings.faults, random.chance(0.25) { lateMessages = 0.05 }
        let tightMemory = random.chance(0.5)
        for index in 0..<count {
            let capabilities = randomCapabilities(index, of: count, tightMemory: tightMemory)
            boards.append(
                VirtualBoard(
                    node: capabilities.node, capabilities: capabilities,
                    member: ClusterMember(capabilities: capabilities, seed: 0, now: .zero), ledger: RequestLedger()))
            events.add(.restart(board: index), at: .milliseconds(Int.random(in: 0...400, using: &random)))
        }
        trace.add(now, "seed \(seed): \(count) boards, source \(boards[sourceBoard].node), tight memory \(tightMemory)")
        var busyTimes: [Duration] = []
        if settings.faults {
            for (time, fault) in Fault.schedule(boards: count, within: settings.faultTime, using: &random) {
                events.add(.fault(fault), at: time)
                busyTimes.append(time)
            }
        }
        for index in 0..<settings.requests * (isBusy ? 5 : 1) {
            var time = settings.faultTime * Double.random(in: 0.05..<1, using: &random)
            // Half of the requests come around the time at which something goes wrong.
            if let busy = busyTimes.randomElement(using: &random), random.chance(0.5) {
                time = max(.zero, busy + .milliseconds(Int.random(in: -100...400, using: &random)))
            }
            let id = RequestID("r\(index)")
            events.add(.client(id), at: time)
            // A client that is not sure asks again under the same id.
            if random.chance(0.2) { events.add(.client(id), at: time + .milliseconds(700)) }
        }
        events.add(.heal, at: settings.faultTime)
    }

    private mutating func randomCapabilities(_ index: Int, of count: Int, tightMemory: Bool) -> NodeCapabilities {
        let name = "b\(index)"
        let layers = tightMemory ? Int.random(in: 2...4, using: &random) : Int.random(in: 6...20, using: &random)
        let device = Device(
            id: DeviceID(name), deviceClass: DeviceClass.allCases.randomElement(using: &random) ?? .edge,
            flops: random.logarithmic(in: 1e9...5e10), memoryBandwidthBytesPerS: 1e9,
            memoryBytes: layers * VirtualPlanner.layerBytes)
        let links = (0..<count).filter { $0 != index }.map {
            LinkMeasurement(
                peer: NodeID("b\($0)"), bandwidthBytesPerS: random.logarithmic(in: 1e6...1e8), latencyS: 0,
                source: "configured")
        }
        return NodeCapabilities(
            node: NodeID(name), version: 1, devices: [device], mainsPower: random.chance(0.8),
            freeMemoryBytes: device.memoryBytes, links: links)
    }

    // MARK: Steps

    private mutating func step(_ event: SimulationEvent) {
        counts.steps += 1
        if let board = event.loop, now < boards[board].stalledUntil, boards[board].isUp {
            events.add(event, at: boards[board].stalledUntil)
            return
        }
        switch event {
        case .tick(let board):
            guard boards[board].isUp, boards[board].scheduledTick.map({ $0 <= now }) ?? false else { return }
            boards[board].scheduledTick = nil
            feed(board, .tick)
        case .ledgerTick(let board):
            guard boards[board].isUp, boards[board].scheduledLedgerTick.map({ $0 <= now }) ?? false else { return }
            boards[board].scheduledLedgerTick = nil
            feedLedger(board, .tick)
        case .input(let board, let input):
            guard boards[board].isUp, boards[board].connected, !isDeaf(board, input) else { return }
            trace.add(now, "\(boards[board].node) hears \(describe(input))")
            feed(board, input)
        case .connect(let board, let epoch): connect(board, epoch: epoch)
        case .disconnected(let board, let epoch):
            guard boards[board].isUp, boards[board].epoch == epoch, !boards[board].connected else { return }
            feed(board, .brokerDisconnected)
        case .solved(let board, let epoch, let request):
            guard boards[board].isUp, boards[board].epoch == epoch, boards[board].solving == request.token else {
                return
            }
            boards[board].solving = nil
            feed(board, .solved(request.token, VirtualPlanner.solve(request)))
        case .prepared(let board, let epoch, let runner, let record, let refusal):
            prepared(board, epoch, runner, record, refusal)
        case .executorLost(let board, let epoch):
            guard boards[board].isUp, boards[board].epoch == epoch else { return }
            feed(board, .executorLost(reason: "the runner was killed"))
        case .tensor(let board, let tensor): arrived(tensor, at: board)
        case .computed(let board, let epoch, let runner, let tensor): computed(tensor, on: board, epoch, runner)
        case .result(let board, let tensor): resultArrived(tensor, at: board)
        case .attemptFailed(let board, let tensor, let reason):
            guard boards[board].isUp else { return }
            feedLedger(
                board,
                .attemptFailed(tensor.request, plan: tensor.plan, attempt: tensor.attempt, reason: reason))
        case .client(let id): ask(id)
        case .fault(let fault): strike(fault)
        case .restart(let board): restart(board)
        case .brokerUp: brokerUp()
        case .heal: heal()
        case .check: checkHealed()
        }
    }

    /// The broken rule: a leader does not hear of others.
    private func isDeaf(_ board: Int, _ input: ClusterInput) -> Bool {
        guard settings.brokenRule == .leadersAreDeaf, boards[board].member.leads,
            let own = boards[board].member.leader?.leadership
        else { return false }
        switch input {
        case .message(let message):
            return message.leader.map { $0.leadership > own } ?? (message.termNumber > own.number)
        case .leaderHeard(let record): return record.leadership > own
        case .planHeard(let record): return record.id.leadership > own
        default: return false
        }
    }

    // MARK: Trace

    func describe(_ input: ClusterInput) -> String {
        switch input {
        case .message(let message): "\(message.kind) from \(message.from)"
        case .nodeState(let node, let state): "\(node) is \(state.rawValue)"
        case .capabilitiesHeard(let capabilities): "capabilities \(capabilities.version) of \(capabilities.node)"
        case .leaderHeard(let record): "leader \(record.leadership)"
        case .planHeard(let record): "plan \(record.id)"
        case .planRetracted(let model): "no plan of \(model)"
        case .modelHeard(let model): "model \(model.name) version \(model.version)"
        default: "something else"
        }
    }
}
