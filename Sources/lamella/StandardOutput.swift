import Glibc

/// Text for people, shown at once also where it goes through a pipe.
enum StandardOutput {
    static func line(_ text: String) {
        print(text)
        fflush(nil)
    }
}
