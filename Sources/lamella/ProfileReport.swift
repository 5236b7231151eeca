import Costs

/// What `lamella profile MODEL` says at its end.
struct ProfileReport: Encodable {
    struct LeftOut: Encodable {
        var first: String
        var last: String
        /// Nil where the clock is left as it is.
        var frequencyHz: Double?
        var reason: String

        enum CodingKeys: String, CodingKey {
            case first, last, reason
            case frequencyHz = "frequency_hz"
        }
    }

    /// Bundles that are named one by one on standard error; the JSON has all.
    static let maximumNamed = 20

    var model: String
    var device: String
    var output: String
    var measured: Int
    /// Of this plan, in the file before.
    var measuredBefore: Int
    /// Neither measured nor left out: the measurement was stopped.
    var left: Int
    var leftOut: [LeftOut]
    var isEnergyMeasured: Bool
    var durationS: Double

    enum CodingKeys: String, CodingKey {
        case model, device, output, measured, left
        case measuredBefore = "measured_before"
        case leftOut = "left_out"
        case isEnergyMeasured = "is_energy_measured"
        case durationS = "duration_s"
    }

    init(
        _ run: ProfileRun, model: String, device: String, output: String, doneCount: Int, layers: [String],
        isEnergyMeasured: Bool, durationS: Double
    ) {
        self.model = model
        self.device = device
        self.output = output
        measured = run.measuredCount
        measuredBefore = doneCount
        left = run.progress.leftCount
        leftOut = run.skipped.map {
            LeftOut(
                first: layers[$0.step.first], last: layers[$0.step.last], frequencyHz: $0.step.frequencyHz,
                reason: $0.reason)
        }
        self.isEnergyMeasured = isEnergyMeasured
        self.durationS = durationS
    }

    var isComplete: Bool { left == 0 && leftOut.isEmpty }

    /// What a person has to know beside the result.
    var sentences: [String] {
        var sentences = leftOut.prefix(Self.maximumNamed).map { bundle in
            (bundle.first == bundle.last ? bundle.first : "\(bundle.first) to \(bundle.last)")
                + (bundle.frequencyHz.map { " at \(Readable.hertz($0))" } ?? "") + " is left out: \(bundle.reason)"
        }
        if leftOut.count > Self.maximumNamed {
            sentences.append("\(leftOut.count - Self.maximumNamed) more are left out; --json names all")
        }
        if left > 0 { sentences.append("stopped with \(left) to go; the same command goes on from here") }
        return sentences
    }

    var text: String {
        "\(output): \(measured) measured in \(Readable.span(durationS))"
            + (measuredBefore > 0 ? ", \(measuredBefore) were there before" : "")
            + (leftOut.isEmpty ? "" : ", \(leftOut.count) left out") + (left > 0 ? ", \(left) to go" : "")
    }

    /// One line on the way.
    static func progress(_ run: ProfileRun, layers: [String]) -> String {
        let total = run.progress.totalCount
        let place = run.step.map { step in
            "; layers \(step.first) to \(step.last)" + (step.frequencyHz.map { " at \(Readable.hertz($0))" } ?? "")
        }
        return "\(total - run.progress.leftCount) of \(total)" + (place ?? "")
            + (run.progress.leftS.map { "; about \(Readable.span($0)) left" } ?? "")
    }
}
