import Foundation
import Runtime
import Testing

@Suite struct WeightStoreTests {
    private func blob(_ count: Int, seed: UInt8 = 1) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) &+ seed }
    }

    private func append(_ bytes: ArraySlice<UInt8>, to partial: PartialBlob) throws {
        try Array(bytes).withUnsafeBytes { try partial.append($0) }
    }

    @Test func `a blob put in comes out the same, under the SHA-256 of its bytes`() throws {
        try Support.withFolder { folder in
            let store = try WeightStore(directory: folder + "/a/b")
            let name = try store.put(Array("abc".utf8))
            #expect(name == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
            #expect(try store.bytes(of: name) == Array("abc".utf8))
            #expect(store.names() == [name])
            #expect(store.usedBytes() == 3)
        }
    }

    @Test func `bytes that are not those of their name are refused and leave nothing behind`() throws {
        try Support.withFolder { folder in
            let store = try WeightStore(directory: folder)
            let name = String(repeating: "0", count: 64)
            let error = #expect(throws: WeightStoreError.self) {
                try blob(100).withUnsafeBytes { try store.put($0, sha256: name) }
            }
            #expect(error?.kind == .corrupt)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
        }
    }

    @Test func `a transfer that stopped goes on where it was, in another process's life`() throws {
        try Support.withFolder { folder in
            let bytes = blob(3 << 20)
            let name = bytes.withUnsafeBytes { WeightStore.name(of: $0) }
            do {
                let partial = try WeightStore(directory: folder).receive(name)
                try append(bytes[..<1_500_000], to: partial)
            }
            let store = try WeightStore(directory: folder)
            #expect(!store.contains(name))
            let partial = try store.receive(name)
            #expect(partial.receivedBytes == 1_500_000)
            try append(bytes[1_500_000...], to: partial)
            try partial.finish()
            #expect(try store.bytes(of: name) == bytes)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == [name])
        }
    }

    @Test func `a part that was damaged on disk is thrown away at the end and the next try starts anew`() throws {
        try Support.withFolder { folder in
            let store = try WeightStore(directory: folder)
            let bytes = blob(1000)
            let name = bytes.withUnsafeBytes { WeightStore.name(of: $0) }
            _ = FileManager.default.createFile(atPath: folder + "/\(name).part", contents: Data(blob(600, seed: 9)))
            let partial = try store.receive(name)
            try append(bytes[600...], to: partial)
            let error = #expect(throws: WeightStoreError.self) { try partial.finish() }
            #expect(error?.kind == .corrupt)
            #expect(try store.receive(name).receivedBytes == 0)
        }
    }

    @Test func `a store at its limit refuses by name and keeps what it has`() throws {
        try Support.withFolder { folder in
            let store = try WeightStore(directory: folder, limitBytes: 1000)
            let kept = try store.put(blob(600))
            let error = #expect(throws: WeightStoreError.self) { try store.put(blob(500, seed: 2)) }
            #expect(error?.kind == .full)
            #expect(error?.sentence.contains("may hold 1000 bytes and has 400 left") == true)
            #expect(store.names() == [kept])
            #expect(store.usedBytes() == 600)
        }
    }

    @Test func `names that are no SHA-256 never become paths`() throws {
        try Support.withFolder { folder in
            let store = try WeightStore(directory: folder)
            let bad = ["", "../../etc/passwd", String(repeating: "A", count: 64), String(repeating: "g", count: 64)]
            for name in bad {
                #expect(!store.contains(name))
                #expect(throws: WeightStoreError.self) { try store.receive(name) }
                #expect(throws: WeightStoreError.self) { try store.read(name, offset: 0, maximumBytes: 1) }
            }
        }
    }

    @Test func `pieces are read from any offset, and beyond the end is an error`() throws {
        try Support.withFolder { folder in
            let store = try WeightStore(directory: folder)
            let bytes = blob(1000)
            let name = try store.put(bytes)
            let piece = try store.read(name, offset: 900, maximumBytes: 400)
            #expect(Array(piece.bytes.readableBytesView) == Array(bytes[900...]))
            #expect(piece.totalBytes == 1000)
            #expect(try store.read(name, offset: 1000, maximumBytes: 10).bytes.readableBytes == 0)
            #expect(throws: WeightStoreError.self) { try store.read(name, offset: 1001, maximumBytes: 10) }
        }
    }

    @Test func `an empty blob can be stored and read`() throws {
        try Support.withFolder { folder in
            let store = try WeightStore(directory: folder)
            let name = try store.put([])
            #expect(try store.bytes(of: name).isEmpty)
        }
    }
}
