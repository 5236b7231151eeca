import Costs
import Estimator

/// What `lamella estimator train` and `show` print.
struct EstimatorReport: Encodable {
    var file: String
    var estimator: EstimatorHeader

    var text: String {
        let cores = estimator.cores == 1 ? "1 core" : "\(estimator.cores) cores"
        let head =
            "\(file): for \(estimator.hardware), \(cores); fingerprint \(estimator.fingerprint), seed \(estimator.seed)"
        var table = TextTable([
            ("model", .left), ("traces", .left), ("rows", .right), ("different", .right), ("tested on", .left),
            ("rows", .right), ("median", .right), ("mean", .right), ("largest", .right), ("within 10 %", .right),
            ("trained in", .right),
        ])
        for model in estimator.models {
            table.add(
                [model.kind.rawValue, model.traces, "\(model.rows)", "\(model.differentRows)", "held-out rows"]
                    + Self.cells(model.heldOut) + [Readable.seconds(model.trainingS)])
            if let unseen = model.unseen {
                table.add(["", "", "", "", "unseen features"] + Self.cells(unseen))
            }
        }
        return ([head, "", table.text] + notes.flatMap { ["", $0] }).joined(separator: "\n")
    }

    /// What a person has to know to read the errors.
    private var notes: [String] {
        estimator.models.filter { $0.unseen != nil }.map { model in
            "\(model.kind.rawValue): only \(model.differentRows) of the \(model.rows) rows differ, so most held-out "
                + "rows have a twin that was trained on.\n\"unseen features\" is the error of a second model on "
                + "features that it never saw; expect that for shapes that were not measured."
        }
    }

    private static func cells(_ accuracy: EstimateAccuracy?) -> [String] {
        guard let accuracy else { return ["0", "unknown", "unknown", "unknown", "unknown"] }
        return [
            "\(accuracy.rows)", percent(accuracy.medianError), percent(accuracy.meanError),
            percent(accuracy.largestError), percent(accuracy.withinTenPercent),
        ]
    }

    /// Two decimals, three below a tenth of a percent.
    static func percent(_ part: Double) -> String {
        let scale = part < 0.001 ? 1000.0 : 100.0
        return "\((part * 100 * scale).rounded() / scale) %"
    }
}
