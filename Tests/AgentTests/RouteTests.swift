import Agent
import Testing

private let address = String(repeating: "0a", count: 32)

private func refusal(_ method: String, _ target: String) -> FrontDoorError? {
    do {
        _ = try Route.parse(method: method, target: target)
        return nil
    } catch {
        return error
    }
}

@Suite struct RouteTests {
    @Test(arguments: [
        ("GET", "/healthz", Route.health),
        ("HEAD", "/healthz", .health),
        ("GET", "/v1/status", .status),
        ("GET", "/v1/models", .models),
        ("PUT", "/v1/models/digits", .putModel(name: "digits")),
        ("DELETE", "/v1/models/a.b_c-1", .removeModel(name: "a.b_c-1")),
        ("POST", "/v1/models/digits/infer", .infer(model: "digits")),
        ("HEAD", "/v1/blobs/\(address)", .blobState(sha256: address)),
        ("PUT", "/v1/blobs/\(address)", .putBlob(sha256: address)),
    ])
    func aKnownMethodAndPathIsARoute(method: String, target: String, route: Route) throws {
        #expect(try Route.parse(method: method, target: target) == route)
    }

    @Test(arguments: [
        "/", "", "healthz", "/v1", "/v2/models", "/v1/models/", "/v1/models/a/b", "/v1/models/a/infer/",
        "//v1/status", "/v1/status/", "/v1/blobs",
    ])
    func anyOtherPathIsRefused(target: String) throws {
        let error = try #require(refusal("GET", target))
        #expect([.notFound, .badRequest].contains(error.kind))
    }

    @Test func anotherMethodIsRefusedWithThoseThatThePathTakes() throws {
        let error = try #require(refusal("POST", "/v1/models/digits"))
        #expect(error.kind == .methodNotAllowed)
        #expect(error.description == "/v1/models/digits takes PUT or DELETE, not POST")
    }

    @Test(arguments: [
        "..", ".hidden", "a%2fb", "a+b", "ä", "a b", "-a", String(repeating: "a", count: 65), "a#", "a\0b",
    ])
    func aNameThatIsNoPartOfATopicIsRefused(name: String) throws {
        let error = try #require(refusal("PUT", "/v1/models/\(name)"))
        #expect(error.kind == .badRequest)
        #expect(error.description.contains("is not a name for a model"))
    }

    @Test(arguments: ["0a", String(repeating: "0A", count: 32), String(repeating: "0g", count: 32), "../../etc/passwd"])
    func anAddressThatIsNoSHA256IsRefused(text: String) throws {
        let error = try #require(refusal("PUT", "/v1/blobs/\(text)"))
        #expect([.badRequest, .notFound].contains(error.kind))
    }

    @Test func aQueryIsRefusedAndLongTargetsAreShortened() throws {
        let error = try #require(refusal("GET", "/v1/status?" + String(repeating: "x", count: 1000)))
        #expect(error.kind == .badRequest)
        #expect(error.description.count < 200)
    }
}

@Suite struct ContentRangeTests {
    @Test func withoutARangeTheUploadIsTheWholeBlob() throws {
        let range = try ContentRange.parse(contentRange: nil, contentLength: "12")
        #expect(range == ContentRange(offset: 0, byteCount: 12, totalBytes: 12))
    }

    @Test func aRangeSaysWhereTheUploadStartsAndHowLongTheBlobIs() throws {
        let range = try ContentRange.parse(contentRange: "bytes 100-149/1000", contentLength: "50")
        #expect(range == ContentRange(offset: 100, byteCount: 50, totalBytes: 1000))
    }

    @Test(arguments: [
        "bytes 100-149/*", "bytes 100-148/1000", "bytes 149-100/1000", "bytes 951-1000/1000", "bytes */1000",
        "items 100-149/1000", "bytes 100-149", "bytes +100-149/1000", "bytes 100-149/1000/1",
        "bytes 0-18446744073709551615/18446744073709551616", "", "bytes ",
    ])
    func aRangeThatDoesNotFitTheUploadIsRefused(header: String) {
        #expect(throws: FrontDoorError.self) { try ContentRange.parse(contentRange: header, contentLength: "50") }
    }

    @Test(arguments: [nil, "", "-1", "+5", "1e3", "99999999999999999999"])
    func anUploadMustSayHowLongItIs(length: String?) {
        #expect(throws: FrontDoorError.self) { try ContentRange.parse(contentRange: nil, contentLength: length) }
    }
}
