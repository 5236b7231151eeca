import Board
import CCurl

/// The functions of `libcurl.so.4`, opened at run time.
///
/// Only the feed loads it: boards need no internet, and their agents nothing that speaks to it.
struct CurlLibrary: Sendable {
    /// The addresses of functions with a variable number of arguments may be used from any thread.
    struct Variadic: @unchecked Sendable {
        let address: UnsafeMutableRawPointer
    }

    let create: lamella_curl_easy_init
    let perform: lamella_curl_easy_perform
    let destroy: lamella_curl_easy_cleanup
    let errorText: lamella_curl_easy_strerror
    let append: lamella_curl_slist_append
    let freeAll: lamella_curl_slist_free_all
    let setOption: Variadic
    let getInfo: Variadic

    /// The usual one, and that of Debian's GnuTLS flavour.
    static let fileNames = ["libcurl.so.4", "libcurl-gnutls.so.4"]

    /// Opened once for the process; the error stays too.
    static let shared: Result<CurlLibrary, FeedFault> = Result { () throws(FeedFault) in
        do throws(NativeLibraryError) {
            return try CurlLibrary(NativeLibrary.open(fileNames.flatMap(NativeLibrary.candidates(named:))))
        } catch {
            throw FeedFault(
                .noLibrary, "libcurl cannot be used (\(error.sentence.prefix(300)))",
                "install it: apt-get install libcurl4 (or libcurl4t64)")
        }
    }

    private init(_ library: NativeLibrary) throws(NativeLibraryError) {
        create = unsafeBitCast(try library.symbol("curl_easy_init"), to: lamella_curl_easy_init.self)
        perform = unsafeBitCast(try library.symbol("curl_easy_perform"), to: lamella_curl_easy_perform.self)
        destroy = unsafeBitCast(try library.symbol("curl_easy_cleanup"), to: lamella_curl_easy_cleanup.self)
        errorText = unsafeBitCast(try library.symbol("curl_easy_strerror"), to: lamella_curl_easy_strerror.self)
        append = unsafeBitCast(try library.symbol("curl_slist_append"), to: lamella_curl_slist_append.self)
        freeAll = unsafeBitCast(try library.symbol("curl_slist_free_all"), to: lamella_curl_slist_free_all.self)
        setOption = Variadic(address: try library.symbol("curl_easy_setopt"))
        getInfo = Variadic(address: try library.symbol("curl_easy_getinfo"))
        let start = unsafeBitCast(try library.symbol("curl_global_init"), to: lamella_curl_global_init.self)
        guard start(CLong(LAMELLA_CURL_GLOBAL_DEFAULT)) == 0 else {
            throw NativeLibraryError(sentence: "\(library.path) could not be set up")
        }
    }
}
