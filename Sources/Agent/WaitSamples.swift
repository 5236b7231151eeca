import Cluster
import Costs

/// What requests that were alone say about waits beside computing and bytes, on the board where they entered.
extension WaitBook.Sample {
    /// Under a shared plan: what requests took against what was predicted.
    ///
    /// - Parameter own: what this board's part of the plan took (nil: it has none, or nothing was measured).
    /// - Returns: nil where the plan waits for no messages, or before the first request.
    package static func ofMessages(
        _ requests: LatencyRecord.Figures, _ record: PlanRecord, own: BoardPlans.Figures?
    ) -> WaitBook.Sample? {
        guard let medianS = requests.medianS, let sharing = record.plan.sharing, let count = sharing.messages else {
            return nil
        }
        // The same requests: where computing takes another time than predicted, that is not the messages'.
        let share = own.flatMap { own in record.plan.devices.first { $0.id == own.device } }
        let tells = share.map { $0.flopsShare >= BoardPlans.leastSharedShare } ?? false
        return WaitBook.Sample(
            model: record.model.name, plan: record.id, latencyS: medianS,
            predictedS: record.plan.latencyS(
                computingTakes: tells ? own?.busyMeasuredS : nil, insteadOf: own?.busyPredictedS),
            messages: count, assumedS: sharing.messageS ?? 0, totalRequests: requests.count)
    }

    /// Where the board on which requests enter computes all of it: what requests took beside that.
    ///
    /// - Parameter own: what this board's part of the plan took.
    /// - Returns: nil where others compute too, before the first request, or where computing was not measured.
    package static func ofRequest(
        _ requests: LatencyRecord.Figures, _ record: PlanRecord, own: BoardPlans.Figures
    ) -> WaitBook.Sample? {
        guard record.plan.isAtSourceAlone, let medianS = requests.medianS, own.device == record.model.source,
            let computingS = own.busyMeasuredS
        else { return nil }
        return WaitBook.Sample(
            model: record.model.name, plan: record.id, latencyS: medianS, predictedS: computingS, messages: 1,
            assumedS: 0, totalRequests: requests.count)
    }
}
