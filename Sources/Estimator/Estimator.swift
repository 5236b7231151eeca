import Costs
import Synchronization

/// Estimates the times of operator shares, transfers and re-layouts on one kind of hardware.
///
/// Calls block and wait for each other: never on the cooperative pool.
public final class Estimator: Sendable {
    public let header: EstimatorHeader
    private let trees: Mutex<[TraceKind: BoostedTrees]>

    /// Is XGBoost on this machine?
    public static var isAvailable: Bool {
        if case .success = XGBoostLibrary.shared { return true }
        return false
    }

    /// Opens a file for the hardware that is planned for.
    ///
    /// - Parameter hardware: as in `lamella estimator train --hardware`.
    /// - Throws: `FileError`, or ``EstimatorError``: also where it was trained for other hardware, both named.
    public convenience init(path: String, hardware: String) throws {
        try self.init(try EstimatorFile(path: path), file: path, hardware: hardware)
    }

    /// - Throws: ``EstimatorError``.
    public init(_ file: EstimatorFile, file name: String, hardware: String) throws(EstimatorError) {
        header = file.header
        guard header.hardware == hardware else {
            throw .file(
                "\(name) was trained for \(header.hardware) (fingerprint \(header.fingerprint)), not for \(hardware); "
                    + "train one from traces of \(hardware)")
        }
        var loaded: [TraceKind: BoostedTrees] = [:]
        for (model, bytes) in zip(file.header.models, file.trees) {
            loaded[model.kind] = try BoostedTrees.load(bytes[...], featureCount: model.features.count)
        }
        trees = Mutex(loaded)
    }

    /// The model of a kind; nil where there were no traces of it.
    public func model(_ kind: TraceKind) -> EstimatorHeader.Model? { header.models.first { $0.kind == kind } }

    /// Seconds for each row of features.
    ///
    /// Ask for many rows at once: a call costs more than a row.
    ///
    /// - Throws: ``EstimatorError``: no traces of the kind were trained on, or XGBoost failed.
    public func timesS(_ kind: TraceKind, rows: [[Double]]) throws(EstimatorError) -> [Double] {
        guard let model = model(kind) else {
            throw .unusable("the estimator for \(header.hardware) was trained without \(kind.rawValue) traces")
        }
        guard let wrong = rows.first(where: { $0.count != model.features.count }) else {
            let values = rows.flatMap { $0.map { Float($0) } }
            let result = trees.withLock { trees in
                Result { () throws(EstimatorError) in try trees[kind]?.predict(values) ?? [] }
            }
            return try result.get().map { Double($0) * model.scaleS }
        }
        throw .unusable(
            "\(wrong.count) features were given, and \(kind.rawValue) estimates need \(model.features.count)")
    }

    /// Seconds that each share computes.
    ///
    /// - Throws: ``EstimatorError``, also for a dense kernel of more than a pixel, which traces do not have.
    public func computeTimesS(_ shares: [ShareFeatures]) throws(EstimatorError) -> [Double] {
        var rows: [[Double]] = []
        for share in shares {
            guard let row = share.computeRow(cores: header.cores) else {
                throw .unusable(
                    "a dense convolution of \(share.kernel)x\(share.kernel) is in no compute trace; unfold it to 1x1")
            }
            rows.append(row)
        }
        return try timesS(.compute, rows: rows)
    }
}
