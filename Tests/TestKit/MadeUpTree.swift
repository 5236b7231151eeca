import Foundation

/// A folder that stands in for `/`, made of a dictionary from paths to contents; removed with the value.
///
/// Contents get the line's end that the kernel writes. A path that ends with `/` is an empty folder.
public final class MadeUpTree: Sendable {
    /// Give it to what takes the root of a system.
    public let path: String

    public init(_ files: [String: String] = [:]) throws {
        path = try Repository.makeTemporaryFolder("tree")
        for (file, text) in files.sorted(by: { $0.key < $1.key }) { try write(text, to: file) }
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Replaces a file, without the line's end where `verbatim` says so.
    public func write(_ text: String, to file: String, verbatim: Bool = false) throws {
        let target = path + file
        let folder = file.hasSuffix("/") ? target : (target as NSString).deletingLastPathComponent
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        if file.hasSuffix("/") { return }
        let bytes = Data((verbatim || text.isEmpty ? text : text + "\n").utf8)
        guard FileManager.default.createFile(atPath: target, contents: bytes) else {
            throw CocoaError(.fileWriteUnknown)
        }
    }

    public func remove(_ file: String) throws { try FileManager.default.removeItem(atPath: path + file) }

    /// What is in a file, without the line's end.
    public func text(_ file: String) throws -> String {
        var text = try String(contentsOfFile: path + file, encoding: .utf8)
        if text.last == "\n" { text.removeLast() }
        return text
    }
}
