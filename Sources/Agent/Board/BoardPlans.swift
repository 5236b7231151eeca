import Cluster
import Costs
import Runtime

/// The plans that this board runs a part of: what they want of its clocks, what they predict, and what was measured.
/// Pure.
package struct BoardPlans: Sendable {
    /// More are never held (`ClusterLimits.heldPlans`); kept here for what reports of a runner could add.
    package static let maximumPlans = ClusterLimits.heldPlans

    package struct Held: Sendable {
        package var record: PlanRecord
        package var isCommitted = false
        /// Segments of this board, by device; nil until the runner has loaded them.
        package var segments: [DeviceID: [Int]]?
        /// The most that the runner needed for the plan alone (nil: unknown).
        package var peakMemoryBytes: Int?
        /// By segment.
        package var measured: [Int: RunnerReport.Measured] = [:]
        /// Runs of each segment since the device's pace was last taken.
        package var fresh: [Int: Int] = [:]
        /// Inferences that each device has had a part in.
        package var runs: [DeviceID: Int] = [:]
    }

    /// A device with less of the model's work shows nothing of the rest, where its layers were measured one by one.
    package static let leastShare = 0.25
    /// A device with less of every operator's work shows what runs and messages take, and nothing of its speed.
    package static let leastSharedShare = 0.05

    /// What a device took for a plan's layers of one inference.
    package struct PaceSample: Sendable, Equatable {
        package var model: String
        package var device: DeviceID
        package var frequencyHz: Double?
        package var measuredS: Double
        package var predictedS: Double
        package var assumedRatio: Double
        /// When the profile was measured that the prediction rests on (nil: on none).
        package var profile: String?
        package var runs: Int
        /// Of parts of operators that other boards have parts of, too.
        package var isShared: Bool

        package init(
            model: String, device: DeviceID, frequencyHz: Double?, measuredS: Double, predictedS: Double,
            assumedRatio: Double, profile: String? = nil, runs: Int, isShared: Bool = false
        ) {
            self.model = model
            self.device = device
            self.frequencyHz = frequencyHz
            self.measuredS = measuredS
            self.predictedS = predictedS
            self.assumedRatio = assumedRatio
            self.profile = profile
            self.runs = runs
            self.isShared = isShared
        }
    }

    /// What a plan predicts of a device, and what was measured of it.
    package struct Figures: Sendable, Equatable {
        package var model: String
        package var plan: PlanID
        package var device: DeviceID
        package var frequencyHz: Double?
        package var busyPredictedS: Double?
        package var busyMeasuredS: Double?
        package var energyPredictedJ: Double?
        package var memoryPredictedBytes: Int
        /// Of the board's whole part of the plan.
        package var memoryMeasuredBytes: Int?
        package var runs: Int

        package init(
            model: String, plan: PlanID, device: DeviceID, frequencyHz: Double? = nil, busyPredictedS: Double? = nil,
            busyMeasuredS: Double? = nil, energyPredictedJ: Double? = nil, memoryPredictedBytes: Int,
            memoryMeasuredBytes: Int? = nil, runs: Int
        ) {
            self.model = model
            self.plan = plan
            self.device = device
            self.frequencyHz = frequencyHz
            self.busyPredictedS = busyPredictedS
            self.busyMeasuredS = busyMeasuredS
            self.energyPredictedJ = energyPredictedJ
            self.memoryPredictedBytes = memoryPredictedBytes
            self.memoryMeasuredBytes = memoryMeasuredBytes
            self.runs = runs
        }
    }

    package private(set) var held: [PlanID: Held] = [:]

    package init() {}

    package mutating func preparing(_ record: PlanRecord) {
        guard held[record.id] == nil, held.count < Self.maximumPlans else { return }
        held[record.id] = Held(record: record)
    }

    package mutating func loaded(_ ready: RunnerReport.Ready) {
        guard held[ready.plan] != nil else { return }
        held[ready.plan]?.segments = Dictionary(grouping: ready.program.steps.map(\.segment), by: \.device)
            .mapValues { $0.map(\.index).sorted() }
        held[ready.plan]?.peakMemoryBytes = ready.peakMemoryBytes
    }

    package mutating func committed(_ plan: PlanID) { held[plan]?.isCommitted = true }

    package mutating func abandoned(_ plan: PlanID) { held[plan] = nil }

    /// The clocks that the committed plans want of these devices; of several the highest.
    package func clocks(of devices: [DeviceID]) -> [DeviceID: Double] {
        var wishes: [DeviceID: Double] = [:]
        for held in held.values where held.isCommitted {
            for share in held.record.plan.devices where devices.contains(share.id) {
                guard let frequencyHz = share.frequencyHz else { continue }
                wishes[share.id] = max(wishes[share.id] ?? 0, frequencyHz)
            }
        }
        return wishes
    }

    /// Takes over what a segment took.
    ///
    /// - Returns: the device's whole part, once every segment of it was measured since the last time.
    package mutating func measured(_ measured: RunnerReport.Measured) -> PaceSample? {
        guard var entry = held[measured.plan],
            let (device, segments) = entry.segments?.first(where: { $0.value.contains(measured.segment) })
        else { return nil }
        entry.measured[measured.segment] = measured
        entry.peakMemoryBytes = measured.peakMemoryBytes ?? entry.peakMemoryBytes
        entry.fresh[measured.segment, default: 0] += measured.count
        if measured.segment == segments.first { entry.runs[device, default: 0] += measured.count }
        defer { held[measured.plan] = entry }
        guard let runs = segments.map({ entry.fresh[$0] ?? 0 }).min(), runs > 0,
            let share = entry.record.plan.devices.first(where: { $0.id == device }),
            let predictedS = entry.record.plan.computingS(of: share),
            share.flopsShare >= Self.leastShare(to: entry.record, share)
        else { return nil }
        for segment in segments { entry.fresh[segment] = nil }
        return PaceSample(
            model: measured.model, device: device, frequencyHz: share.frequencyHz,
            measuredS: segments.reduce(0) { $0 + (entry.measured[$1]?.computeS ?? 0) }, predictedS: predictedS,
            assumedRatio: share.pace ?? 1, profile: share.profile, runs: runs,
            isShared: entry.record.plan.sharesOperators)
    }

    /// The part of a model's work that a device must have for its pace to be that of the rest.
    private static func leastShare(to record: PlanRecord, _ share: Plan.DeviceShare) -> Double {
        if record.plan.sharing != nil { return leastSharedShare }
        return share.profile == nil ? 0 : leastShare
    }

    /// The latest figures of each segment of these plans, sorted by model and segment.
    package func measuredSegments(of plans: Set<PlanID>) -> [RunnerReport.Measured] {
        held.filter { plans.contains($0.key) }.values.flatMap(\.measured.values)
            .sorted { ($0.model, $0.segment) < ($1.model, $1.segment) }
    }

    /// Of the committed plans, sorted by model and device.
    package var figures: [Figures] {
        held.values.filter(\.isCommitted).flatMap { held in
            (held.segments ?? [:]).compactMap { device, segments -> Figures? in
                guard let share = held.record.plan.devices.first(where: { $0.id == device }) else { return nil }
                let times = segments.compactMap { held.measured[$0]?.computeS }
                return Figures(
                    model: held.record.model.name, plan: held.record.id, device: device,
                    frequencyHz: share.frequencyHz, busyPredictedS: held.record.plan.computingS(of: share),
                    busyMeasuredS: times.count == segments.count ? times.reduce(0, +) : nil,
                    energyPredictedJ: share.energy?.totalJ, memoryPredictedBytes: share.peakMemoryBytes,
                    // Of several devices on a board nobody can tell the shares of one process apart.
                    memoryMeasuredBytes: held.segments?.count == 1 ? held.peakMemoryBytes : nil,
                    runs: held.runs[device] ?? 0)
            }
        }
        .sorted { ($0.model, $0.device) < ($1.model, $1.device) }
    }
}
