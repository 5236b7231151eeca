import Foundation

/// Where the tests find what is not theirs: the repository's files and the program under test.
public enum Repository {
    /// The folder of Package.swift.
    public static let root: String = {
        var url = URL(fileURLWithPath: #filePath)
        while url.path != "/" {
            url.deleteLastPathComponent()
            if FileManager.default.fileExists(atPath: url.appendingPathComponent("Package.swift").path) { break }
        }
        return url.path
    }()

    public static func path(_ relative: String) -> String { root + "/" + relative }

    /// The `lamella` binary of this build; `LAMELLA_PROGRAM` names another one.
    public static let program: String = {
        if let program = ProcessInfo.processInfo.environment["LAMELLA_PROGRAM"] { return program }
        #if DEBUG
            let configuration = "debug"
        #else
            let configuration = "release"
        #endif
        return root + "/.build/\(configuration)/lamella"
    }()

    /// A new empty folder that the test removes.
    public static func makeTemporaryFolder(_ name: String) throws -> String {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("lamella-\(name)-\(UUID().uuidString.prefix(8))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        return folder.path
    }
}
