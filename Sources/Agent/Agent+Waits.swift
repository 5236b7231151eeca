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

    /// Under shared plans: what they took against what was predicted.
    ///
    /// Nil where the plan waits for no messages, no request says enough, or this board is held back.
    private func messageSample(_ requests: LatencyRecord.Figures, _ record: PlanRecord) -> WaitBook.Sample? {
        guard let medianS = requests.medianS, let sharing = record.plan.sharing, let count = sharing.messages else {
            return nil
        }
        // The same requests: where computing takes another time than predicted, that is not the messages'.
        let own = boardPlans.figures.first { $0.plan == record.id }
        let share = own.flatMap { own in record.plan.devices.first { $0.id == own.device } }
        if let own, !keeper.counter.isAsPlanned(own.device) { return nil }
        let tells = share.map { $0.flopsShare >= BoardPlans.leastSharedShare } ?? false
        return WaitBook.Sample(
            model: record.model.name, plan: record.id, latencyS: medianS,
            predictedS: record.plan.latencyS(
                computingTakes: tells ? own?.busyMeasuredS : nil, insteadOf: own?.busyPredictedS),
            messages: count, assumedS: sharing.messageS ?? 0, totalRequests: requests.count)
    }

    /// Where this board computes all of it: what requests took beside that.
    ///
    /// Nil where others compute too, no request says enough, or this board is held back.
    private func requestSample(_ requests: LatencyRecord.Figures, _ record: PlanRecord) -> WaitBook.Sample? {
        guard record.plan.isAtSourceAlone, let medianS = requests.medianS,
            let own = boardPlans.figures.first(where: { $0.plan == record.id && $0.device == record.model.source }),
            let computingS = own.busyMeasuredS, keeper.counter.isAsPlanned(own.device)
        else { return nil }
        return WaitBook.Sample(
            model: record.model.name, plan: record.id, latencyS: medianS, predictedS: computingS, messages: 1,
            assumedS: 0, totalRequests: requests.count)
    }
}
