import Board

/// Files that come with the program: beside it where it is installed, or in the clone that it was built in.
enum SharedFiles {
    /// - Parameters:
    ///   - installed: path below `share/lamella` of the prefix.
    ///   - clone: path below the clone's root.
    /// - Throws: where the file is in neither place.
    static func path(installed: String, clone: String) throws -> String {
        let program = try ProgramPath.current()
        var folders = program.split(separator: "/").dropLast().map(String.init)
        let beside = "/" + (folders.dropLast() + ["share", "lamella", installed]).joined(separator: "/")
        if FileBytes.exists(beside) { return beside }
        while !folders.isEmpty {
            folders.removeLast()
            let path = "/" + (folders + [clone]).joined(separator: "/")
            if FileBytes.exists(path) { return path }
        }
        throw ConfigurationError("\(installed) is neither at \(beside) nor in a clone around \(program); install it")
    }
}
