import Board
import Cluster
import Costs
import Runtime

/// The board under the agent: its clocks follow the plans in force, and what it shows goes into the next ones.
extension Agent {
    /// Sets the clocks that the plans in force want; what nobody wants any more is put back.
    func setClocks() { keeper.apply(boardPlans.clocks(of: configuration.device.map(\.id))) }

    /// - Parameter announce: the other boards are told where something changed.
    func takeBoardNews(announce: Bool) async {
        let news = keeper.counter.takeNews()
        for sentence in news.sentences { logger.warning("board: \(sentence)") }
        let offered = memoryOffer.offered(keeper.counter.offered)
        let conditions = keeper.counter.conditions
        guard news.isChanged || offered != self.offered || conditions != self.conditions else { return }
        self.offered = offered
        self.conditions = conditions
        if announce { await feed(.capabilitiesChanged(capabilities())) }
    }

    /// Says it where the board's files do not answer, and when they do again.
    func noticeSilentBoard() async {
        let busyFor = keeper.counter.busyFor(now: MonotonicTime.now) ?? .zero
        guard (busyFor >= Self.silentBoardLimit) != ownConditions.has(Self.silentBoard) else { return }
        let place = configuration.board.systemRoot
        if busyFor >= Self.silentBoardLimit {
            let sentence =
                "the board's files below \(place) have not answered for \(Int(busyFor.inSeconds)) s: its power, "
                + "temperature and clocks are unknown, and no clock is set; see 'dmesg' for what hangs"
            ownConditions.set(Self.silentBoard, sentence)
            logger.warning("board: \(sentence)")
        } else {
            ownConditions.clear(Self.silentBoard)
            logger.notice("board: the files below \(place) answer again")
        }
        await feed(.capabilitiesChanged(capabilities()))
    }

    // MARK: Memory

    /// What was killed for memory is not asked for again.
    func learnMemory(from loss: RunnerLoss) async {
        guard case .killedForMemory(let limitBytes) = loss.cause else { return }
        let offeredBytes = offered.reduce(0) { $0 + $1.memoryBytes }
        let own = Set(configuration.device.map(\.id))
        let plannedBytes = boardPlans.held.values.flatMap(\.record.plan.devices).filter { own.contains($0.id) }
            .reduce(0) { $0 + $1.peakMemoryBytes }
        memoryOffer.killed(
            plannedBytes: plannedBytes, offeredBytes: offeredBytes, controlBytes: limitBytes, now: MonotonicTime.now)
        let sentence =
            "the runner \(loss) with plans for \(plannedBytes) bytes; the board offers "
            + "\(memoryOffer.limitBytes ?? 0) bytes for now. Give 'memory_bytes' of its devices a true figure, or the "
            + "agent's unit more memory"
        ownConditions.set(Self.shortMemory, sentence)
        logger.warning("board: \(sentence)")
        await memoryOfferChanged()
    }

    func forgetMemoryLimit() async {
        guard memoryOffer.forget(now: MonotonicTime.now) else { return }
        ownConditions.clear(Self.shortMemory)
        logger.notice("board: all of its memory is offered again")
        await memoryOfferChanged()
    }

    private func memoryOfferChanged() async {
        offered = memoryOffer.offered(keeper.counter.offered)
        await feed(.capabilitiesChanged(capabilities()))
    }

    private static let shortMemory = "memory"
    private static let silentBoard = "silent board"
    /// Files of the kernel answer within milliseconds; some sensors on slow buses within a second.
    static let silentBoardLimit: Duration = .seconds(5)

    /// What a model's layers take here, against what the plan said; not while the board is held back.
    func learnPace(from measured: RunnerReport.Measured) async {
        guard let sample = boardPlans.measured(measured), keeper.counter.isAsPlanned(sample.device),
            // A plan that was made before the profile came says nothing of it.
            sample.profile == shelf.measuredAt(model: sample.model, device: sample.device)
        else { return }
        paces.keep(models: Set(member.view.models.map(\.name)))
        let isNews = paces.observe(
            model: sample.model, device: sample.device, frequencyHz: sample.frequencyHz, measuredS: sample.measuredS,
            predictedS: sample.predictedS, assumedRatio: sample.assumedRatio, isShared: sample.isShared,
            runs: sample.runs, at: UTCTime.string(secondsSince1970: WallClock.secondsSince1970))
        if isNews { await feed(.capabilitiesChanged(capabilities())) }
    }
}
