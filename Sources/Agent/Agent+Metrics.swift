import Board
import Cluster
import Costs
import MQTT

extension Agent {
    static let metricsPeriod: Duration = .seconds(2)

    func publishMetricsIfDue() async {
        guard MonotonicTime.now - lastMetrics >= Self.metricsPeriod else { return }
        lastMetrics = MonotonicTime.now
        let view = member.view
        let snapshot = keeper.counter.snapshot(now: lastMetrics)
        let segments = boardPlans.measuredSegments(of: Set(view.plans.map(\.id)))
        let latencies = await desk.latencies.entries.sorted { $0.key < $1.key }
        let requests = latencies.compactMap { model, entry in
            entry.all.medianS.map { median in
                NodeMetrics.Requests(
                    model: model, plan: entry.plan, count: entry.all.count, latencyMedianS: median,
                    latencyPredictedS: view.plans.first { $0.id == entry.plan }?.plan.latencyS)
            }
        }
        var metrics = NodeMetrics(
            node: configuration.node,
            at: UTCTime.string(secondsSince1970: WallClock.secondsSince1970), load: snapshot.load,
            memoryAvailableBytes: snapshot.memoryAvailableBytes, runnerMemoryBytes: segments.map(\.memoryBytes).max(),
            requests: requests,
            segments: segments.map {
                NodeMetrics.Segment(
                    model: $0.model, plan: $0.plan, segment: $0.segment, computeS: $0.computeS, count: $0.count)
            })
        metrics.temperatureC = snapshot.celsius
        metrics.powerW = snapshot.powerW
        metrics.powerSource = snapshot.powerOrigin?.rawValue
        let clocks = snapshot.frequencyHz.sorted { $0.key < $1.key }
            .map { NodeMetrics.Clock(device: $0.key, frequencyHz: $0.value) }
        metrics.clocks = clocks.isEmpty ? nil : clocks
        metrics.shares = await shares(powerSource: metrics.powerSource)
        publish(metrics, to: .nodeMetrics(configuration.node))
        await learnMessages(latencies.map { ($0.key, $0.value) }, view)
        await learnIdlePower()
    }

    /// What requests that entered here took under shared plans, against what was predicted.
    private func learnMessages(_ latencies: [(model: String, entry: LatencyRecord.Entry)], _ view: ClusterView) async {
        messages.keep(models: Set(view.models.map(\.name)))
        let time = UTCTime.string(secondsSince1970: WallClock.secondsSince1970)
        var isNews = false
        for model in view.models.map(\.name) {
            let plan = view.plans.first { $0.model.name == model }
            guard let plan, plan.plan.sharesOperators else {
                // Nothing shows it any more.
                if messages.fade(model: model, now: lastMetrics, at: time) { isNews = true }
                continue
            }
            guard let entry = latencies.first(where: { $0.model == model })?.entry, entry.plan == plan.id,
                let sample = messageSample(entry.alone, plan)
            else { continue }
            if messages.observe(sample, now: lastMetrics, at: time) { isNews = true }
        }
        if isNews { await feed(.capabilitiesChanged(capabilities())) }
    }

    /// Nil where the plan waits for no messages, no request says enough, or this board is held back.
    private func messageSample(_ requests: LatencyRecord.Figures, _ record: PlanRecord) -> MessageBook.Sample? {
        guard let medianS = requests.medianS, let sharing = record.plan.sharing, let count = sharing.messages else {
            return nil
        }
        // The same requests: where computing takes another time than predicted, that is not the messages'.
        let own = boardPlans.figures.first { $0.plan == record.id }
        let share = own.flatMap { own in record.plan.devices.first { $0.id == own.device } }
        if let own, !keeper.counter.isAsPlanned(own.device) { return nil }
        let tells = share.map { $0.flopsShare >= BoardPlans.leastSharedShare } ?? false
        return MessageBook.Sample(
            model: record.model.name, plan: record.id, latencyS: medianS,
            predictedS: record.plan.latencyS(
                computingTakes: tells ? own?.busyMeasuredS : nil, insteadOf: own?.busyPredictedS),
            messages: count, assumedS: sharing.messageS ?? 0, totalRequests: requests.count)
    }

    /// What the board draws while nothing is asked of it; of several devices nobody could tell whose it is.
    private func learnIdlePower() async {
        let passed = await desk.latencies.entries.values.reduce(0) { $0 + $1.all.count }
        let isNews = idlePower.period(
            totalRuns: boardPlans.figures.reduce(passed) { $0 + $1.runs },
            statedW: configuration.device.count == 1 ? configuration.device[0].idlePowerW : nil, now: lastMetrics
        ) { [keeper] from in keeper.counter.energy(from: from) }
        if isNews { await feed(.capabilitiesChanged(capabilities())) }
    }

    private func shares(powerSource: String?) async -> [NodeMetrics.Share] {
        let figures = boardPlans.figures
        let plans = Set(figures.map(\.plan))
        let running = plans.count == 1 ? plans.first : nil
        var ledger = energies
        await ledger.period(
            plan: running, totalRuns: figures.map(\.runs).max() ?? 0, now: lastMetrics
        ) { [keeper] from in keeper.counter.energy(from: from) }
        energies = ledger
        let idlePowerW = idlePower.announcedW ?? configuration.device.first?.idlePowerW
        return figures.map { figure in
            let latencyS = boardPlans.held[figure.plan]?.record.plan.latencyS
            let energyJ = idlePowerW.flatMap { idlePowerW in
                latencyS.flatMap { energies.perInferenceJ(figure.plan, idlePowerW: idlePowerW, latencyS: $0) }
            }
            return NodeMetrics.Share(
                model: figure.model, plan: figure.plan, device: figure.device, frequencyHz: figure.frequencyHz,
                busyPredictedS: figure.busyPredictedS, busyMeasuredS: figure.busyMeasuredS,
                energyPredictedJ: figure.energyPredictedJ, energyMeasuredJ: energyJ,
                energySource: energyJ == nil ? nil : powerSource,
                memoryPredictedBytes: figure.memoryPredictedBytes, memoryMeasuredBytes: figure.memoryMeasuredBytes,
                runs: figure.runs)
        }
    }
}
