import Board
import Foundation
import TestKit
import Testing

@Suite struct FileBytesTests {
    @Test func `whether a file can be written is found out without a trace`() throws {
        let folder = try Repository.makeTemporaryFolder("file-bytes")
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try FileBytes.checkWritable("\(folder)/new")
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == [])
        try FileBytes.writeDurably([1, 2], to: "\(folder)/old")
        try FileBytes.checkWritable("\(folder)/old")
        #expect(try FileBytes.read("\(folder)/old", maximumBytes: 10) == [1, 2])
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["old"])
    }

    @Test func `a path that cannot be written is named with the reason`() throws {
        let folder = try Repository.makeTemporaryFolder("file-bytes")
        defer { try? FileManager.default.removeItem(atPath: folder) }
        for (path, reason) in [
            (folder, "it is a folder"), ("\(folder)/none/file", "No such file or directory"),
            ("/proc/file", "No such file or directory"),
        ] {
            let error = try #require(#expect(throws: FileError.self) { try FileBytes.checkWritable(path) })
            #expect(error.description == "cannot write \(path): \(reason)")
        }
    }
}
