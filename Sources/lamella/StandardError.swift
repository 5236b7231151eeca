import Glibc

/// Sentences beside the result.
enum StandardError {
    static func say(_ text: String) {
        let bytes = Array((text + "\n").utf8)
        // Where standard error takes nothing, the result is still printed.
        _ = write(STDERR_FILENO, bytes, bytes.count)
    }
}
