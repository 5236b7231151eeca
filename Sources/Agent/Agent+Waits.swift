import Cluster
import Costs

/// What requests that enter here wait for beside computing and bytes: learned from those that were alone.
extension Agent {
    func learnWaits(_ latencies: [(model: String, entry: LatencyRecord.Entry)], _ view: ClusterView) async {
        let models = Set(view.models.map(\.name))
        messages.keep(models: models)
        requestCosts.keep(models: models)
        let time = UTCTime.string(secondsSince1970: WallClock.secondsSince1970)
        var isNews = false
        for model in models.sorted() {
            let plan = view.plans.first { $0.model.name == model }
            let alone = latencies.first { $0.model == model && $0.entry.plan == plan?.id }?.entry.alone
            guard let plan, plan.plan.sharesOperators else {
                // Nothing shows it any more.
                if messages.fade(model: model, now: lastMetrics, at: time) { isNews = true }
                if let plan, let alone, let sample = requestSample(alone, plan),
                    requestCosts.observe(sample, now: lastMetrics, at: time)
                {
                    isNews = true
                }
                continue
            }
            messages.stays(model: model, now: lastMetrics)
            guard let alone, let sample = messageSample(alone, plan) else { continue }
            if messages.observe(sample, now: lastMetrics, at: time) { isNews = true }
        }
        if isNews { await feed(.capabilitiesChanged(capabilities())) }
    }

    /// Nil also where this board is held back.
    private func messageSample(_ requests: LatencyRecord.Figures, _ record: PlanRecord) -> WaitBook.Sample? {
        let own = boardPlans.figures.first { $0.plan == record.id }
        if let own, !keeper.counter.isAsPlanned(own.device) { return nil }
        return .ofMessages(requests, record, own: own)
    }

    /// Nil also where this board is held back.
    private func requestSample(_ requests: LatencyRecord.Figures, _ record: PlanRecord) -> WaitBook.Sample? {
        let own = boardPlans.figures.first { $0.plan == record.id && $0.device == record.model.source }
        guard let own, keeper.counter.isAsPlanned(own.device) else { return nil }
        return .ofRequest(requests, record, own: own)
    }
}
