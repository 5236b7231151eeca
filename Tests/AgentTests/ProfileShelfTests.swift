import Agent
import Board
import Cluster
import Costs
import Foundation
import TestKit
import Testing

@Suite struct ProfileShelfTests {
    private static let layers = ["conv", "relu"]

    private static func model(_ name: String) -> ModelRecord {
        ModelRecord(
            name: name, version: 1, graphSHA256: sha256(name), graphBytes: 1, weightBytes: 1, holders: [],
            source: "pi", destination: "pi")
    }

    /// Stands in for the address of a model's graph.
    private static func sha256(_ name: String) -> String { "sha256-\(name)" }

    private static func entry(_ device: DeviceID, _ first: String, _ last: String, _ latencyS: Double) -> ProfileEntry {
        ProfileEntry(device: device, first: first, last: last, latencyS: latencyS)
    }

    private static func withFolder(_ body: (String) throws -> Void) throws {
        let folder = try Repository.makeTemporaryFolder("shelf")
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try body(folder)
    }

    private static func append(_ entries: [ProfileEntry], of name: String, in folder: String) throws {
        let sha256 = sha256(name)
        try ProfileFile.append(entries, model: sha256, to: ProfileShelf.file(in: folder, graphSHA256: sha256))
    }

    /// Reads what has changed, as the agent does.
    private static func look(
        _ shelf: inout ProfileShelf, at name: String
    ) -> (isChanged: Bool, fault: String?)? {
        let record = model(name)
        guard let stamp = shelf.stampToRead(record.graphSHA256) else { return nil }
        let read = ProfileShelf.read(
            in: shelf.folder, graphSHA256: record.graphSHA256, layerNames: layers, devices: ["pi", "gpu"])
        return shelf.take(read, of: record, stamp: stamp)
    }

    @Test func aProfileIsAnnouncedOnceAndAgainWhenItGrows() throws {
        try Self.withFolder { folder in
            var shelf = ProfileShelf(folder: folder)
            #expect(Self.look(&shelf, at: "m") == nil && shelf.announced == nil)
            // A layer is missing: nothing is known of the whole yet.
            try Self.append([Self.entry("pi", "conv", "conv", 0.25)], of: "m", in: folder)
            let partial = try #require(Self.look(&shelf, at: "m"))
            #expect(!partial.isChanged && partial.fault == nil && shelf.announced == nil)
            try Self.append([Self.entry("pi", "relu", "relu", 0.5)], of: "m", in: folder)
            let whole = try #require(Self.look(&shelf, at: "m"))
            #expect(whole.isChanged && shelf.announced?.map(\.device) == ["pi"])
            #expect(shelf.announced?.first?.clocks.map(\.layersS) == [[0.25, 0.5]])
            #expect(shelf.measuredAt(model: "m", device: "pi") != nil)
            #expect(shelf.measuredAt(model: "m", device: "gpu") == nil)
            #expect(shelf.measuredAt(model: "other", device: "pi") == nil)
            // What has not changed is not read again.
            #expect(Self.look(&shelf, at: "m") == nil)
        }
    }

    @Test func modelsStandInTheirOrderAndGoWithTheCluster() throws {
        try Self.withFolder { folder in
            var shelf = ProfileShelf(folder: folder)
            for name in ["z", "a"] {
                let entries = Self.layers.map { Self.entry("pi", $0, $0, 0.5) }
                try Self.append(entries, of: name, in: folder)
                #expect(Self.look(&shelf, at: name)?.isChanged == true)
            }
            #expect(shelf.announced?.map(\.graphSHA256) == ["a", "z"].map(Self.sha256))
            let kept = [shelf.keep([Self.model("a"), Self.model("z")]), shelf.keep([Self.model("z")])]
            #expect(kept == [false, true])
            #expect(shelf.announced?.map(\.graphSHA256) == [Self.sha256("z")])
            // A model that comes back finds its profile again.
            #expect(Self.look(&shelf, at: "a")?.isChanged == true)
        }
    }

    @Test func aFileThatIsWrongIsNamedOnceAndTakesWhatItSaidAlong() throws {
        try Self.withFolder { folder in
            var shelf = ProfileShelf(folder: folder)
            let path = ProfileShelf.file(in: folder, graphSHA256: Self.sha256("m"))
            try Self.append(Self.layers.map { Self.entry("pi", $0, $0, 0.5) }, of: "m", in: folder)
            #expect(Self.look(&shelf, at: "m")?.isChanged == true)
            try "nonsense\n".write(toFile: path, atomically: true, encoding: .utf8)
            let broken = try #require(Self.look(&shelf, at: "m"))
            #expect(broken.isChanged && broken.fault?.contains(path) == true, "\(broken)")
            #expect(shelf.announced == nil)
            // The same mistake in a file that was written again.
            try "nonsense\n\n".write(toFile: path, atomically: true, encoding: .utf8)
            let again = try #require(Self.look(&shelf, at: "m"))
            #expect(!again.isChanged && again.fault == nil, "\(again)")
        }
    }
}
