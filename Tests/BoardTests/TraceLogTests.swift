import Board
import Costs
import Foundation
import TestKit
import Testing

@Suite struct TraceLogTests {
    private static let row = [1.0, 16, 32, 8, 8, 8, 8, 1]
    private static let other = [2.0, 16, 16, 8, 8, 10, 10, 1]

    private func withFile(_ body: (String) throws -> Void) throws {
        let folder = try Repository.makeTemporaryFolder("traces")
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try body(folder + "/compute.csv")
    }

    private func log(_ path: String, comment: String = "made up") throws -> TraceLog {
        try TraceLog(path, kind: .compute, comment: comment)
    }

    @Test func `rows are there after the file is opened again, and are traces`() throws {
        try withFile { path in
            do {
                let log = try log(path)
                #expect(log.rows.isEmpty)
                try log.append(Self.row, timeS: 1.5e-6)
                try log.append(Self.other, timeS: 1e-12)
            }
            #expect(
                try String(contentsOfFile: path, encoding: .utf8)
                    == "# made up\n1,16,32,8,8,8,8,1,1500\n2,16,16,8,8,10,10,1,1\n")
            #expect(try log(path).rows == [Self.row, Self.other])
            let table = try TraceTable(
                Array(try Data(contentsOf: URL(fileURLWithPath: path))), kind: .compute, file: path)
            #expect(abs(table.timesS[0] - 1.5e-6) < 1e-15)
        }
    }

    @Test func `cut anywhere, the file goes on with the rows that are whole`() throws {
        try withFile { path in
            let bytes = Array("# made up\n1,16,32,8,8,8,8,1,1500\n".utf8)
            for count in 0...bytes.count {
                try Data(bytes[..<count]).write(to: URL(fileURLWithPath: path))
                do { try log(path).append(Self.other, timeS: 1e-6) }
                let rows = try log(path).rows
                #expect(rows == (count == bytes.count ? [Self.row, Self.other] : [Self.other]), "cut at \(count)")
            }
        }
    }

    @Test(arguments: ["hello", "hello\n", "1,2,3\n", "9,16,32,8,8,8,8,1,1500\n"])
    func `a file that is something else is refused and left alone`(_ text: String) throws {
        try withFile { path in
            try Data(text.utf8).write(to: URL(fileURLWithPath: path))
            #expect(throws: DataFault.self) { try log(path) }
            #expect(try String(contentsOfFile: path, encoding: .utf8) == text)
        }
    }

    @Test func `rows of another model are added, those of another number of threads are not`() throws {
        try withFile { path in
            try log(path, comment: "parts of one, 1 threads").append(Self.row, timeS: 1)
            #expect(try log(path, comment: "parts of another, 1 threads").rows.count == 1)
            let fault = #expect(throws: DataFault.self) { try log(path, comment: "parts of one, 4 threads") }
            #expect(fault.map { "\($0)".contains("was begun with '1 threads'") } == true)
        }
    }

    @Test func `one process at a time adds to it`() throws {
        try withFile { path in
            let first = try log(path)
            #expect(throws: DataFault.self) { try log(path) }
            try first.append(Self.row, timeS: 1)
        }
    }
}
