import Agent
import Foundation
import NIOPosix
import ONNXImport
import Runtime
import TestKit
import Testing

private let content = (0..<2_500_000).map { UInt8(truncatingIfNeeded: $0 &* 7 >> 2) }
private let address = content.withUnsafeBytes { WeightStore.name(of: $0) }

/// A front door on a real store in a folder of its own.
private func withStore(_ body: (HTTPClient, StoreBlobSink) async throws -> Void) async throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("lamella-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let sink = StoreBlobSink(store: try WeightStore(directory: folder))
    let door = try await FrontDoor.start(
        host: "127.0.0.1", port: 0, handler: ScriptedHandler(), blobs: sink,
        group: MultiThreadedEventLoopGroup.singleton)
    let client = HTTPClient(door.endpoint)
    do {
        try await body(client, sink)
    } catch {
        await door.stop()
        throw error
    }
    await client.close()
    await door.stop()
}

/// Leaves the first bytes of the blob in the store, as an upload that was cut off does.
private func leave(_ byteCount: Int, in sink: StoreBlobSink) throws {
    let upload = try sink.beginUpload(ofBlob: address, offset: 0, byteCount: content.count)
    try content[..<byteCount].withUnsafeBytes { try upload.append($0) }
    upload.suspend()
}

@Suite struct StoreBlobSinkTests {
    @Test func anUploadGoesOnWhereTheLastEndedAndIsVerified() async throws {
        try await withStore { client, sink in
            try leave(1_000_000, in: sink)
            let state = try await client.request("HEAD", "/v1/blobs/\(address)")
            #expect(state.header(FrontDoorHeader.partialBytes) == "1000000")
            let rest = try await client.request(
                "PUT", "/v1/blobs/\(address)",
                headers: [("Content-Range", "bytes 1000000-\(content.count - 1)/\(content.count)")],
                body: .bytes(Array(content[1_000_000...])))
            #expect(rest.statusCode == 201)
            #expect(try sink.store.bytes(of: address) == content)
        }
    }

    @Test func anUploadThatWasCutOffAfterItsLastByteIsSentAgain() async throws {
        try await withStore { client, sink in
            try leave(content.count, in: sink)
            let again = try await client.request("PUT", "/v1/blobs/\(address)", body: .bytes(content))
            #expect(again.statusCode == 201)
            #expect(sink.store.byteCount(of: address) == content.count)
        }
    }

    @Test func aModelWhoseUploadWasCutOffAnywhereIsUploadedWhole() async throws {
        try await withStore { client, sink in
            let path = Repository.path("Tests/Fixtures/digits/digits.onnx")
            let (_, weights) = try ImportedModel.load(path: path).contentAddressed()
            try #require(weights.count >= 4)
            for (position, weight) in weights.enumerated() {
                let bytes = weight.withBytes { Array($0) }
                let left: [UInt8] =
                    switch position % 4 {
                    // Complete, but never verified.
                    case 0: bytes
                    // As long as it should be, and damaged.
                    case 1: [UInt8](repeating: 0xAA, count: bytes.count)
                    // The first part of it, and the first part damaged.
                    case 2: Array(bytes.prefix(bytes.count / 2))
                    default: [UInt8](repeating: 0xAA, count: bytes.count / 2)
                    }
                let upload = try sink.beginUpload(ofBlob: weight.sha256, offset: 0, byteCount: bytes.count)
                try left.withUnsafeBytes { try upload.append($0) }
                upload.suspend()
            }
            _ = try await ModelUploader(endpoint: client.endpoint).upload(path: path, name: "digits")
            for weight in weights {
                #expect(try sink.store.bytes(of: weight.sha256) == weight.withBytes { Array($0) })
            }
        }
    }

    @Test func twoUploadsOfOneBlobDoNotMix() async throws {
        try await withStore { client, sink in
            let first = try sink.beginUpload(ofBlob: address, offset: 0, byteCount: content.count)
            let second = try await client.request("PUT", "/v1/blobs/\(address)", body: .bytes(content))
            #expect(second.statusCode == 409)
            #expect(try sentence(of: second).contains("somebody else"))
            try content.withUnsafeBytes { try first.append($0) }
            try first.finish()
            #expect(sink.store.contains(address))
        }
    }

    @Test func contentThatIsNotWhatItsAddressSaysIsThrownAway() async throws {
        try await withStore { client, sink in
            let wrong = try await client.request("PUT", "/v1/blobs/\(address)", body: .bytes([1, 2, 3]))
            #expect(wrong.statusCode == 422)
            #expect(try sink.state(ofBlob: address) == .absent)
        }
    }
}
