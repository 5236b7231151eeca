import Board
import Glibc

/// Text into a file that a person named; `-` is standard output.
enum FileText {
    /// - Throws: ``ConfigurationError``: the file and why.
    static func write(_ text: String, to path: String) throws {
        guard path != "-" else {
            print(text, terminator: "")
            return
        }
        guard let file = fopen(path, "w") else { throw fault(path) }
        let bytes = Array(text.utf8)
        let written = fwrite(bytes, 1, bytes.count, file)
        guard fclose(file) == 0, written == bytes.count else { throw fault(path) }
    }

    private static func fault(_ path: String) -> ConfigurationError {
        ConfigurationError("cannot write \(path): \(String(cString: strerror(errno)))")
    }
}
