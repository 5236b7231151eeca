import Board
import CHighs

/// The functions of `libhighs.so.1`, opened at run time.
///
/// Only the process that solves loads it; the daemon never does.
struct HighsLibrary: Sendable {
    let create: lamella_highs_create
    let destroy: lamella_highs_destroy
    let sizeofInt: lamella_highs_sizeof_int
    let setBoolOption: lamella_highs_set_bool_option
    let setIntOption: lamella_highs_set_int_option
    let setDoubleOption: lamella_highs_set_double_option
    let passMip: lamella_highs_pass_mip
    let run: lamella_highs_run
    let getModelStatus: lamella_highs_get_model_status
    let getIntInfo: lamella_highs_get_int_info
    let getDoubleInfo: lamella_highs_get_double_info
    let getSolution: lamella_highs_get_solution
    let getObjectiveValue: lamella_highs_get_objective_value

    static let fileName = "libhighs.so.1"

    /// Opened once for the process; the error stays too.
    static let shared: Result<HighsLibrary, NativeLibraryError> = Result { () throws(NativeLibraryError) in
        try HighsLibrary(NativeLibrary.open(named: fileName))
    }

    private init(_ library: NativeLibrary) throws(NativeLibraryError) {
        create = unsafeBitCast(try library.symbol("Highs_create"), to: lamella_highs_create.self)
        destroy = unsafeBitCast(try library.symbol("Highs_destroy"), to: lamella_highs_destroy.self)
        sizeofInt = unsafeBitCast(try library.symbol("Highs_getSizeofHighsInt"), to: lamella_highs_sizeof_int.self)
        setBoolOption = unsafeBitCast(
            try library.symbol("Highs_setBoolOptionValue"), to: lamella_highs_set_bool_option.self)
        setIntOption = unsafeBitCast(
            try library.symbol("Highs_setIntOptionValue"), to: lamella_highs_set_int_option.self)
        setDoubleOption = unsafeBitCast(
            try library.symbol("Highs_setDoubleOptionValue"), to: lamella_highs_set_double_option.self)
        passMip = unsafeBitCast(try library.symbol("Highs_passMip"), to: lamella_highs_pass_mip.self)
        run = unsafeBitCast(try library.symbol("Highs_run"), to: lamella_highs_run.self)
        getModelStatus = unsafeBitCast(
            try library.symbol("Highs_getModelStatus"), to: lamella_highs_get_model_status.self)
        getIntInfo = unsafeBitCast(try library.symbol("Highs_getIntInfoValue"), to: lamella_highs_get_int_info.self)
        getDoubleInfo = unsafeBitCast(
            try library.symbol("Highs_getDoubleInfoValue"), to: lamella_highs_get_double_info.self)
        getSolution = unsafeBitCast(try library.symbol("Highs_getSolution"), to: lamella_highs_get_solution.self)
        getObjectiveValue = unsafeBitCast(
            try library.symbol("Highs_getObjectiveValue"), to: lamella_highs_get_objective_value.self)
    }
}
