import CXGBoost
import Costs

/// Gradient-boosted regression trees of XGBoost: trained on rows of numbers, asked for many rows at once.
///
/// The calls block: never on the cooperative pool. One thread at a time: the lock around it is the owner's.
final class BoostedTrees {
    private let library: XGBoostLibrary
    private let booster: UnsafeMutableRawPointer
    let featureCount: Int

    private init(library: XGBoostLibrary, booster: UnsafeMutableRawPointer, featureCount: Int) {
        self.library = library
        self.booster = booster
        self.featureCount = featureCount
    }

    deinit { _ = library.boosterFree(booster) }

    /// Fits trees to rows.
    ///
    /// - Parameters:
    ///   - features: row after row, `featureCount` numbers each.
    ///   - targets: one positive number for each row.
    ///   - isStopped: asked before each round; the trees so far are returned then.
    ///   - show: called after each round with the rounds done.
    /// - Throws: ``EstimatorError``.
    static func train(
        features: [Float], targets: [Float], featureCount: Int, parameters: TreeParameters,
        isStopped: () -> Bool = { false }, show: (Int) -> Void = { _ in }
    ) throws(EstimatorError) -> BoostedTrees {
        precondition(featureCount > 0 && features.count == targets.count * featureCount, "a target for each row")
        guard !targets.isEmpty else { throw .unusable("there are no rows to train on; give more traces") }
        let library = try XGBoostLibrary.shared.get()
        let matrix = try RowMatrix(library, features, columnCount: featureCount)
        try library.check(
            library.matrixSetFloat(matrix.handle, "label", targets, UInt64(targets.count)), "take the targets")
        var created: UnsafeMutableRawPointer?
        var matrices: [UnsafeMutableRawPointer?] = [matrix.handle]
        try library.check(library.boosterCreate(&matrices, 1, &created), "make trees")
        guard let booster = created else { throw .library("XGBoost gave no trees; is memory short?") }
        let trees = BoostedTrees(library: library, booster: booster, featureCount: featureCount)
        for (name, value) in parameters.options {
            try library.check(library.boosterSet(booster, name, value), "set \(name) to \(value)")
        }
        for round in 0..<parameters.rounds {
            if isStopped() { break }
            try library.check(library.boosterUpdate(booster, CInt(round), matrix.handle), "train round \(round + 1)")
            show(round + 1)
        }
        return trees
    }

    /// Trees from the bytes of ``bytes()``.
    ///
    /// - Throws: ``EstimatorError``, also where they answer to another number of features.
    static func load(_ bytes: ArraySlice<UInt8>, featureCount: Int) throws(EstimatorError) -> BoostedTrees {
        let library = try XGBoostLibrary.shared.get()
        var created: UnsafeMutableRawPointer?
        try library.check(library.boosterCreate(nil, 0, &created), "make trees")
        guard let booster = created else { throw .library("XGBoost gave no trees; is memory short?") }
        let trees = BoostedTrees(library: library, booster: booster, featureCount: featureCount)
        try library.check(library.boosterSet(booster, "verbosity", "0"), "be silent")
        let status = bytes.withUnsafeBytes { library.boosterLoad(booster, $0.baseAddress, UInt64($0.count)) }
        try library.check(status, "read the trees")
        try library.check(library.boosterSet(booster, "nthread", "1"), "use one thread")
        var found: UInt64 = 0
        try library.check(library.boosterFeatureCount(booster, &found), "count the features")
        guard found == UInt64(featureCount) else {
            throw .file("the trees answer to \(found) features, not to \(featureCount); train the estimator again")
        }
        return trees
    }

    /// One estimate for each row.
    ///
    /// - Parameter features: row after row, `featureCount` numbers each.
    /// - Throws: ``EstimatorError``.
    func predict(_ features: [Float]) throws(EstimatorError) -> [Float] {
        precondition(features.count % featureCount == 0, "whole rows")
        guard !features.isEmpty else { return [] }
        let matrix = try RowMatrix(library, features, columnCount: featureCount)
        var shape: UnsafePointer<UInt64>?
        var dimensionCount: UInt64 = 0
        var values: UnsafePointer<Float>?
        // The numbers: values, not margins; not for training; from the first round to the last.
        let options = #"{"type":0,"training":false,"iteration_begin":0,"iteration_end":0,"strict_shape":false}"#
        try library.check(
            library.boosterPredict(booster, matrix.handle, options, &shape, &dimensionCount, &values), "predict")
        let rowCount = features.count / featureCount
        guard let values, let shape, dimensionCount >= 1, shape[0] == UInt64(rowCount) else {
            throw .library("XGBoost gave another number of estimates than the \(rowCount) asked for")
        }
        return Array(UnsafeBufferPointer(start: values, count: rowCount))
    }

    /// All that a process needs to predict the same, in XGBoost's binary JSON.
    ///
    /// - Throws: ``EstimatorError``.
    func bytes() throws(EstimatorError) -> [UInt8] {
        var count: UInt64 = 0
        var start: UnsafePointer<CChar>?
        try library.check(library.boosterSave(booster, #"{"format":"ubj"}"#, &count, &start), "write the trees")
        guard let start else { throw .library("XGBoost gave no bytes for its trees; is memory short?") }
        return [UInt8](UnsafeRawBufferPointer(start: start, count: Int(clamping: count)))
    }
}

/// Rows as XGBoost holds them: a copy of its own.
private struct RowMatrix: ~Copyable {
    let handle: UnsafeMutableRawPointer
    private let free: lamella_xgboost_matrix_free

    init(_ library: XGBoostLibrary, _ values: [Float], columnCount: Int) throws(EstimatorError) {
        var created: UnsafeMutableRawPointer?
        try library.check(
            library.matrixFromDense(
                values, UInt64(values.count / columnCount), UInt64(columnCount), .nan, &created),
            "take \(values.count / columnCount) rows")
        guard let created else { throw .library("XGBoost gave no matrix; is memory short?") }
        handle = created
        free = library.matrixFree
    }

    deinit { _ = free(handle) }
}
