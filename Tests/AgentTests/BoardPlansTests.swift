import Agent
import Board
import Cluster
import Costs
import Runtime
import Testing

@Suite struct BoardPlansTests {
    private func id(_ sequence: UInt64) -> PlanID { PlanID(term: 1, leader: "a", sequence: sequence) }

    private func record(
        _ sequence: UInt64, frequencyHz: Double?, busyS: Double? = 0.3, pace: Double? = nil
    ) -> PlanRecord {
        let share = Plan.DeviceShare(
            id: "cpu", peakMemoryBytes: 1000, flopsShare: 1, frequencyHz: frequencyHz, loadS: 0.4, busyS: busyS,
            pace: pace)
        let plan = Plan(
            planner: "test", objective: .energy, latencyS: 0.5, computeS: 0.3, transferS: 0.2, weightsS: 0,
            layers: [.init(index: 0, name: "l0", device: "cpu")], devices: [share], solveS: 0, bound: nil, gap: nil,
            singleDevice: nil, inputs: [])
        let model = ModelRecord(
            name: "m", version: 1, graphSHA256: "00", graphBytes: 1, weightBytes: 1, holders: ["a"], source: "cpu",
            destination: "cpu")
        return PlanRecord(id: id(sequence), model: model, participants: ["a"], reason: "test", plan: plan)
    }

    private func ready(_ sequence: UInt64, segments: [Int]) -> RunnerReport.Ready {
        let steps = segments.map { index in
            DeviceProgram.Step(
                segment: ProgramSegment(
                    index: index, device: "cpu", node: "a", layers: index..<index + 1, operators: index..<index + 1,
                    inputTensor: "i", outputTensor: "o", flop: 1, weightBytes: 1, activationPeakBytes: 1), next: "a")
        }
        return RunnerReport.Ready(
            plan: id(sequence), model: "m", memoryBytes: 77, loadS: 0.1, receivedBytes: 0,
            program: DeviceProgram(plan: id(sequence), model: "m", node: "a", steps: steps))
    }

    private func measured(_ sequence: UInt64, _ segment: Int, _ computeS: Double, runs: Int) -> RunnerReport.Measured {
        RunnerReport.Measured(
            plan: id(sequence), model: "m", segment: segment, computeS: computeS, count: runs, memoryBytes: 80)
    }

    @Test func onlyCommittedPlansWantAClockAndTheHighestCounts() {
        var plans = BoardPlans()
        plans.preparing(record(1, frequencyHz: 1e9))
        plans.preparing(record(2, frequencyHz: 2e9))
        #expect(plans.clocks(of: ["cpu"]).isEmpty)
        plans.committed(id(1))
        #expect(plans.clocks(of: ["cpu"]) == ["cpu": 1e9])
        plans.committed(id(2))
        #expect(plans.clocks(of: ["cpu"]) == ["cpu": 2e9])
        #expect(plans.clocks(of: ["another"]).isEmpty)
        plans.abandoned(id(2))
        #expect(plans.clocks(of: ["cpu"]) == ["cpu": 1e9])
    }

    @Test func aPlanWithoutClocksWantsNone() {
        var plans = BoardPlans()
        plans.preparing(record(1, frequencyHz: nil))
        plans.committed(id(1))
        #expect(plans.clocks(of: ["cpu"]).isEmpty)
    }

    @Test func aDevicesPartIsKnownOnceAllItsSegmentsWereMeasured() {
        var plans = BoardPlans()
        plans.preparing(record(1, frequencyHz: 1e9, pace: 1.25))
        plans.loaded(ready(1, segments: [0, 2]))
        plans.committed(id(1))
        let first = plans.measured(measured(1, 0, 0.1, runs: 4))
        let second = plans.measured(measured(1, 2, 0.4, runs: 3))
        let third = plans.measured(measured(1, 2, 0.4, runs: 1))
        #expect(first == nil && third == nil)
        #expect(
            second
                == BoardPlans.PaceSample(
                    model: "m", device: "cpu", frequencyHz: 1e9, measuredS: 0.5, predictedS: 0.3, assumedRatio: 1.25,
                    runs: 3))
        let figures = plans.figures
        #expect(figures.count == 1 && figures[0].runs == 4 && figures[0].busyMeasuredS == 0.5)
        #expect(figures[0].busyPredictedS == 0.3 && figures[0].memoryPredictedBytes == 1000)
    }

    @Test func `a device with little of the work tells no pace where it could be another's`() {
        func sample(flopsShare: Double, profile: String?, isShared: Bool) -> BoardPlans.PaceSample? {
            var made = record(1, frequencyHz: 1e9)
            made.plan.devices[0].flopsShare = flopsShare
            made.plan.devices[0].profile = profile
            if isShared { made.plan.sharing = .init(devices: ["cpu", "d"], source: 0, destination: 0, layouts: []) }
            var plans = BoardPlans()
            plans.preparing(made)
            plans.loaded(ready(1, segments: [0]))
            return plans.measured(measured(1, 0, 0.1, runs: 4))
        }
        #expect(sample(flopsShare: 0.1, profile: nil, isShared: false) != nil)
        #expect(sample(flopsShare: 0.1, profile: "p", isShared: false) == nil)
        #expect(sample(flopsShare: 0.3, profile: "p", isShared: false) != nil)
        for profile in [nil, "p"] {
            #expect(sample(flopsShare: 0.1, profile: profile, isShared: true) != nil)
            #expect(sample(flopsShare: 0.01, profile: profile, isShared: true) == nil)
        }
    }

    @Test func reportsOfUnknownPlansAndSegmentsChangeNothing() {
        var plans = BoardPlans()
        let unknownPlan = plans.measured(measured(9, 0, 0.1, runs: 1))
        plans.preparing(record(1, frequencyHz: nil))
        plans.loaded(ready(1, segments: [0]))
        plans.loaded(ready(5, segments: [0]))
        let unknownSegment = plans.measured(measured(1, 3, 0.1, runs: 1))
        #expect(unknownPlan == nil && unknownSegment == nil)
        #expect(plans.held.count == 1 && plans.figures.isEmpty)
    }
}

@Suite struct EnergyLedgerTests {
    private let plan = PlanID(term: 1, leader: "a", sequence: 1)

    /// A board of 2 W at rest and 5 W at work, which works 0.2 s of each inference of 0.5 s.
    private func told(
        periods: Int, runsEach: Int, isMeterSilent: (Int) -> Bool = { _ in false }
    ) async -> EnergyLedger {
        var ledger = EnergyLedger()
        for period in 0...periods {
            await ledger.period(plan: plan, totalRuns: period * runsEach, now: .seconds(2 * period)) { from in
                // The meter's last look was a moment ago.
                let until = Duration.seconds(2 * period) - .milliseconds(400)
                return isMeterSilent(period)
                    ? nil : (2 * (until - from).inSeconds + Double(runsEach) * 0.2 * 3, until)
            }
        }
        return ledger
    }

    @Test(arguments: [1, 4]) func anInferenceTakesItsWorkAndTheRestOfItsLatencyAtRest(runsEach: Int) async throws {
        // Sparse or back to back, the figure is the same: 0.2 s at 5 W and 0.3 s at 2 W.
        let ledger = await told(periods: 30, runsEach: runsEach)
        let energyJ = try #require(ledger.perInferenceJ(plan, idlePowerW: 2, latencyS: 0.5))
        #expect(abs(energyJ - 1.6) < 1e-9)
    }

    @Test func aSilentMeterLeavesItsTimeOut() async throws {
        let ledger = await told(periods: 30, runsEach: 4) { $0 % 3 == 0 }
        let energyJ = try #require(ledger.perInferenceJ(plan, idlePowerW: 2, latencyS: 0.5))
        #expect(abs(energyJ - 1.6) < 1e-9)
    }

    @Test func tooFewInferencesSayNothing() async {
        #expect(await told(periods: 1, runsEach: 4).perInferenceJ(plan, idlePowerW: 2, latencyS: 0.5) == nil)
        #expect(await told(periods: 30, runsEach: 0).perInferenceJ(plan, idlePowerW: 2, latencyS: 0.5) == nil)
    }

    @Test func anotherPlanBeginsAnew() async {
        var ledger = await told(periods: 30, runsEach: 4)
        let other = PlanID(term: 1, leader: "a", sequence: 2)
        await ledger.period(plan: other, totalRuns: 0, now: .seconds(100)) { _ in (1, .seconds(100)) }
        #expect(ledger.perInferenceJ(plan, idlePowerW: 2, latencyS: 0.5) == nil)
        #expect(ledger.perInferenceJ(other, idlePowerW: 2, latencyS: 0.5) == nil)
    }
}
