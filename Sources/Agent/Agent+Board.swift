import Board
import Cluster
import Costs
import Runtime

/// The board under the agent: its clocks follow the plans in force, and what it shows goes into the next ones.
extension Agent {
    /// Sets the clocks that the plans in force want; what nobody wants any more is put back.
    func setClocks() async {
        await keeper.apply(boardPlans.clocks(of: configuration.device.map(\.id)))
    }

    /// - Parameter announce: the other boards are told where something changed.
    func takeBoardNews(announce: Bool) async {
        let news = await keeper.takeNews()
        for sentence in news.sentences { logger.warning("board: \(sentence)") }
        let offered = await keeper.offered()
        let conditions = await keeper.conditionsNow()
        guard news.isChanged || offered != self.offered || conditions != self.conditions else { return }
        self.offered = offered
        self.conditions = conditions
        if announce { await feed(.capabilitiesChanged(capabilities())) }
    }

    /// What a model's layers take here, against what the plan said; not while the board is held back.
    func learnPace(from measured: RunnerReport.Measured) async {
        guard let sample = boardPlans.measured(measured), await keeper.isAsPlanned(sample.device) else { return }
        paces.keep(models: Set(member.view.models.map(\.name)))
        let isNews = paces.observe(
            model: sample.model, device: sample.device, frequencyHz: sample.frequencyHz, measuredS: sample.measuredS,
            predictedS: sample.predictedS, assumedRatio: sample.assumedRatio, runs: sample.runs,
            at: UTCTime.string(secondsSince1970: WallClock.secondsSince1970))
        if isNews { await feed(.capabilitiesChanged(capabilities())) }
    }
}
