import Board
import Costs
import Foundation
import TestKit
import Testing

/// A profile file that grows by a row at a time, whatever happened to the last one.
@Suite struct ProfileLogTests {
    private func withFile(_ body: (String) throws -> Void) throws {
        let folder = try Repository.makeTemporaryFolder("profile")
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try body(folder + "/m.csv")
    }

    private func entry(_ layer: Int) -> ProfileEntry {
        ProfileEntry(
            device: "pi", frequencyHz: 6e8, first: "\(layer)", last: "\(layer)", latencyS: 0.25, samples: 3,
            method: "mean, of the middle")
    }

    private func text(_ path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }

    @Test func `rows are there at once and after the file is opened again`() throws {
        try withFile { path in
            do {
                let log = try ProfileLog(path, model: "m")
                #expect(log.entries.isEmpty && log.removedText == nil)
                try log.append(entry(0))
                #expect(try text(path) == ProfileFile.text([entry(0)], model: "m"))
                try log.append(entry(1))
            }
            let log = try ProfileLog(path, model: "m")
            #expect(log.entries.map(\.first) == ["0", "1"])
        }
    }

    @Test func `cut anywhere, the file goes on with the rows that are whole`() throws {
        try withFile { path in
            let whole = ProfileFile.text([entry(0), entry(1)], model: "m")
            let bytes = Array(whole.utf8)
            for count in 0...bytes.count {
                try Data(bytes[..<count]).write(to: URL(fileURLWithPath: path))
                do {
                    let log = try ProfileLog(path, model: "m")
                    // What is left of a cut row is never taken for a measurement.
                    #expect(log.entries.allSatisfy { $0.latencyS == 0.25 && $0.samples == 3 }, "cut at \(count)")
                    try log.append(entry(2))
                }
                let again = try ProfileLog(path, model: "m")
                #expect(again.entries.last?.first == "2" && again.removedText == nil, "cut at \(count)")
                #expect(again.entries.dropLast().map(\.first) == Array(["0", "1"].prefix(again.entries.count - 1)))
            }
        }
    }

    @Test func `a file that is something else, of another model or in use is refused and left alone`() throws {
        try withFile { path in
            for other in ["hello", "hello\n", "model,device\nm,pi\n", ProfileFile.text([entry(0)], model: "other")] {
                try Data(other.utf8).write(to: URL(fileURLWithPath: path))
                #expect(throws: DataFault.self) { try ProfileLog(path, model: "m") }
                #expect(try text(path) == other)
            }
            try FileManager.default.removeItem(atPath: path)
            let log = try ProfileLog(path, model: "m")
            #expect(
                throws: DataFault(file: path, "another process adds to it", "let it end, or give another file")
            ) { try ProfileLog(path, model: "m") }
            try log.append(entry(0))
        }
    }
}
