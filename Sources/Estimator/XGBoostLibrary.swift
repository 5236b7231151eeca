import Board
import CXGBoost

/// The functions of `libxgboost.so.0`, opened at run time.
///
/// Only the process that trains or plans with an estimator loads it; the daemon never does.
struct XGBoostLibrary: Sendable {
    let version: (major: Int, minor: Int, patch: Int)
    let lastError: lamella_xgboost_last_error
    let matrixFromDense: lamella_xgboost_matrix_from_dense
    let matrixSetFloat: lamella_xgboost_matrix_set_float
    let matrixFree: lamella_xgboost_matrix_free
    let boosterCreate: lamella_xgboost_booster_create
    let boosterFree: lamella_xgboost_booster_free
    let boosterSet: lamella_xgboost_booster_set
    let boosterUpdate: lamella_xgboost_booster_update
    let boosterPredict: lamella_xgboost_booster_predict
    let boosterFeatureCount: lamella_xgboost_booster_feature_count
    let boosterSave: lamella_xgboost_booster_save
    let boosterLoad: lamella_xgboost_booster_load

    /// What Debian's package calls it; the wheels of PyPI have no number.
    static let fileNames = ["libxgboost.so.0", "libxgboost.so"]

    /// The first version with every function used here.
    static let oldestVersion = (major: 1, minor: 6)

    /// Opened once for the process; the error stays too.
    static let shared: Result<XGBoostLibrary, EstimatorError> = Result { () throws(EstimatorError) in
        do {
            let library = try NativeLibrary.open(fileNames.flatMap(NativeLibrary.candidates(named:)))
            return try XGBoostLibrary(library)
        } catch let error as EstimatorError {
            throw error
        } catch {
            throw .library(
                "the estimator needs XGBoost: \(error); or install libxgboost0 (Debian, Ubuntu: "
                    + "`apt install libxgboost-dev`)")
        }
    }

    /// - Throws: ``EstimatorError/library(_:)`` or `NativeLibraryError`, for a function that is not there.
    init(_ library: NativeLibrary) throws {
        let readVersion = unsafeBitCast(try library.symbol("XGBoostVersion"), to: lamella_xgboost_version.self)
        var numbers: (CInt, CInt, CInt) = (0, 0, 0)
        readVersion(&numbers.0, &numbers.1, &numbers.2)
        version = (Int(numbers.0), Int(numbers.1), Int(numbers.2))
        guard (version.major, version.minor) >= Self.oldestVersion else {
            throw EstimatorError.library(
                "\(library.path) is XGBoost \(version.major).\(version.minor); install \(Self.oldestVersion.major)."
                    + "\(Self.oldestVersion.minor) or newer")
        }
        lastError = unsafeBitCast(try library.symbol("XGBGetLastError"), to: lamella_xgboost_last_error.self)
        matrixFromDense = unsafeBitCast(
            try library.symbol("XGDMatrixCreateFromMat"), to: lamella_xgboost_matrix_from_dense.self)
        matrixSetFloat = unsafeBitCast(
            try library.symbol("XGDMatrixSetFloatInfo"), to: lamella_xgboost_matrix_set_float.self)
        matrixFree = unsafeBitCast(try library.symbol("XGDMatrixFree"), to: lamella_xgboost_matrix_free.self)
        boosterCreate = unsafeBitCast(try library.symbol("XGBoosterCreate"), to: lamella_xgboost_booster_create.self)
        boosterFree = unsafeBitCast(try library.symbol("XGBoosterFree"), to: lamella_xgboost_booster_free.self)
        boosterSet = unsafeBitCast(try library.symbol("XGBoosterSetParam"), to: lamella_xgboost_booster_set.self)
        boosterUpdate = unsafeBitCast(
            try library.symbol("XGBoosterUpdateOneIter"), to: lamella_xgboost_booster_update.self)
        boosterPredict = unsafeBitCast(
            try library.symbol("XGBoosterPredictFromDMatrix"), to: lamella_xgboost_booster_predict.self)
        boosterFeatureCount = unsafeBitCast(
            try library.symbol("XGBoosterGetNumFeature"), to: lamella_xgboost_booster_feature_count.self)
        boosterSave = unsafeBitCast(
            try library.symbol("XGBoosterSaveModelToBuffer"), to: lamella_xgboost_booster_save.self)
        boosterLoad = unsafeBitCast(
            try library.symbol("XGBoosterLoadModelFromBuffer"), to: lamella_xgboost_booster_load.self)
    }

    /// Turns a function's answer into an error with the library's own words.
    func check(_ status: CInt, _ doing: String) throws(EstimatorError) {
        guard status != 0 else { return }
        // The text is the calling thread's own and may have a stack trace below its first line.
        let text = lastError().map { String(cString: $0) } ?? ""
        let sentence = text.split(separator: "\n" as Character).first.map(String.init) ?? "no reason is given"
        throw .library("XGBoost could not \(doing): \(sentence)")
    }
}
