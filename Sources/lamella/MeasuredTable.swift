import Cluster
import Costs

/// What a plan predicted, beside what was measured.
enum MeasuredTable {
    /// Nil where no board has said anything about the plan.
    static func text(of record: PlanRecord, boards: [StatusReport.Board]) -> String? {
        var table = TextTable([
            ("", .left), ("predicted", .right), ("measured", .right), ("error", .right), ("over", .right),
        ])
        var rows = 0
        func add(_ name: String, _ predicted: Double?, _ measured: Double?, _ unit: (Double) -> String, _ runs: Int) {
            guard let measured else { return }
            let error = predicted.flatMap { $0 > 0 ? (measured - $0) / $0 : nil }
            table.add([
                name, predicted.map(unit) ?? "unknown", unit(measured),
                error.map { ($0 < 0 ? "-" : "+") + Readable.percent(abs($0)) } ?? "", "\(runs)",
            ])
            rows += 1
        }
        for board in boards {
            for request in board.metrics?.requests ?? [] where request.plan == record.id {
                add(
                    "latency at \(board.id)", request.latencyPredictedS, request.latencyMedianS, Readable.seconds,
                    request.count)
            }
        }
        for board in boards {
            for share in board.metrics?.shares ?? [] where share.plan == record.id {
                add("\(share.device) computes", share.busyPredictedS, share.busyMeasuredS, Readable.seconds, share.runs)
                let source = share.energySource.map { " (\($0))" } ?? ""
                add(
                    "\(share.device) energy\(source)", share.energyPredictedJ, share.energyMeasuredJ, Readable.joule,
                    share.runs)
            }
        }
        return rows > 0 ? table.text : nil
    }
}
