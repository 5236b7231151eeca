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
        await learnWaits(latencies.map { ($0.key, $0.value) }, view)
        await learnIdlePower()
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
