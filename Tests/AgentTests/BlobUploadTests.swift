import Agent
import JSON
import NIOCore
import Testing

private let address = String(repeating: "0a", count: 32)
private let path = "/v1/blobs/" + address
private let content = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }

private func stream(_ bytes: [UInt8]) -> HTTPBody {
    .stream(byteCount: bytes.count) { offset, most in
        ByteBuffer(bytes: bytes[offset..<min(offset + most, bytes.count)])
    }
}

@Suite struct BlobUploadTests {
    @Test func aBlobIsStreamedVerifiedAndThenThere() async throws {
        try await FrontDoorFixture.run(contents: [address: content]) { fixture in
            let before = try await fixture.client.request("HEAD", path)
            #expect(before.statusCode == 404)
            #expect(before.header(FrontDoorHeader.partialBytes) == "0")
            #expect(try await fixture.client.request("PUT", path, body: stream(content)).statusCode == 201)
            #expect(fixture.sink.complete.withLock { $0[address] } == content)
            let after = try await fixture.client.request("HEAD", path)
            #expect(after.statusCode == 200)
            #expect(after.header("Content-Length") == "3000000")
            // The connection is still in step after two answers without a body.
            #expect(try await fixture.client.request("GET", "/healthz").statusCode == 200)
        }
    }

    @Test func aBlobThatIsThereIsNotTakenAgain() async throws {
        try await FrontDoorFixture.run(contents: [address: [1, 2]]) { fixture in
            let first = try await fixture.client.request("PUT", path, body: .bytes([1, 2]))
            let second = try await fixture.client.request("PUT", path, body: .bytes([1, 2]))
            #expect([first.statusCode, second.statusCode] == [201, 200])
        }
    }

    @Test func aBlobArrivesInPartsThatGoOnWhereTheLastEnded() async throws {
        try await FrontDoorFixture.run(contents: [address: content]) { fixture in
            let cut = 1_234_567
            let first = try await fixture.client.request(
                "PUT", path, headers: [("Content-Range", "bytes 0-\(cut - 1)/\(content.count)")],
                body: stream(Array(content[..<cut])))
            #expect(first.statusCode == 202)
            #expect(try await fixture.client.request("HEAD", path).header(FrontDoorHeader.partialBytes) == "\(cut)")
            let second = try await fixture.client.request(
                "PUT", path, headers: [("Content-Range", "bytes \(cut)-\(content.count - 1)/\(content.count)")],
                body: stream(Array(content[cut...])))
            #expect(second.statusCode == 201)
            #expect(fixture.sink.complete.withLock { $0[address] } == content)
        }
    }

    @Test func whatArrivedBeforeTheConnectionWasLostIsKept() async throws {
        try await FrontDoorFixture.run(contents: [address: content]) { fixture in
            let raw = try await RawConnection(fixture.door.endpoint)
            try await raw.send("PUT \(path) HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n0123456789")
            try await raw.close()
            for await _ in fixture.sink.suspensions.stream { break }
            #expect(try await fixture.client.request("HEAD", path).header(FrontDoorHeader.partialBytes) == "10")
        }
    }

    @Test func anUploadThatDoesNotGoOnWhereThePartEndsIsToldWhere() async throws {
        try await FrontDoorFixture.run(contents: [address: [1, 2, 3, 4]]) { fixture in
            let response = try await fixture.client.request(
                "PUT", path, headers: [("Content-Range", "bytes 2-3/4")], body: .bytes([3, 4]))
            #expect(response.statusCode == 409)
            #expect(try sentence(of: response).contains("starts at byte 2, but 0 bytes are here"))
        }
    }

    @Test func contentThatIsNotWhatItsAddressSaysIsRefusedAndForgotten() async throws {
        try await FrontDoorFixture.run(contents: [address: [1, 2, 3, 4]]) { fixture in
            let response = try await fixture.client.request("PUT", path, body: .bytes([9, 9, 9, 9]))
            #expect(response.statusCode == 422)
            #expect(try sentence(of: response).contains(address))
            #expect(try await fixture.client.request("HEAD", path).header(FrontDoorHeader.partialBytes) == "0")
        }
    }

    @Test func aBlobAboveTheLimitIsRefused() async throws {
        var limits = FrontDoorLimits()
        limits.maximumBlobBytes = 100
        try await FrontDoorFixture.run(limits: limits) { fixture in
            let refused = try await fixture.client.request("PUT", path, body: stream(content))
            #expect(refused.statusCode == 413)
        }
    }
}
