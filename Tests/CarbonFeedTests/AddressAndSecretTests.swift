import CarbonFeed
import Foundation
import Testing

@Suite struct FeedBaseTests {
    @Test(arguments: [
        ("https://api.example.org", "https://api.example.org", false),
        ("https://api.example.org:8443/mirror//", "https://api.example.org:8443/mirror", false),
        ("http://localhost:8080", "http://localhost:8080", true), ("http://127.0.0.1/", "http://127.0.0.1", true),
        ("http://[::1]:80", "http://[::1]:80", true), ("https://localhost", "https://localhost", true),
    ])
    func taken(text: String, base: String, isLocal: Bool) throws {
        #expect(try FeedBase(text).text == base)
        #expect(try FeedBase(text).isLocal == isLocal)
    }

    @Test(arguments: [
        ("http://api.example.org", "is not encrypted"), ("http://localhost.example.org", "is not encrypted"),
        ("http://127.0.0.1.example.org", "is not encrypted"), ("ftp://localhost", "begins with neither"),
        ("api.example.org", "begins with neither"), ("https://", "names no host"), ("https://:80", "names no host"),
        ("https://a:b", "names no host, or a port"), ("https://a:0", "names no host, or a port"),
        ("https://localhost@evil.example", "a user name"), ("https://a?b", "a query"), ("https://a b", "spaces"),
        ("https://a\r\nx: y", "spaces"), ("https://" + String(repeating: "a", count: 600), "longer than 512"),
    ])
    func refused(text: String, part: String) {
        let found = fault { () throws(FeedFault) in _ = try FeedBase(text) }
        #expect(found?.description.contains(part) == true, "\(String(describing: found))")
    }
}

@Suite struct SecretTests {
    private func withFile(_ text: String, permissions: Int, _ body: (String) throws -> Void) throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("lamella-token-\(UUID().uuidString)")
            .path
        try #require(
            FileManager.default.createFile(
                atPath: path, contents: Data(text.utf8), attributes: [.posixPermissions: permissions]))
        defer { try? FileManager.default.removeItem(atPath: path) }
        try body(path)
    }

    @Test func aSecretNeverShowsItself() throws {
        let secret = try #require(Secret("hunter2"))
        var dumped = ""
        dump(secret, to: &dumped)
        let request = FeedRequest(url: "https://a", authorization: .header(name: "auth-token", prefix: "", secret))
        dump(request, to: &dumped)
        for text in ["\(secret)", "\(request)", String(reflecting: request), dumped] {
            #expect(!text.contains("hunter2"), "\(text)")
        }
        for text in ["", "two words", "line\r\nbreak", "ü", String(repeating: "a", count: 9000)] {
            #expect(Secret(text) == nil)
        }
    }

    @Test func aFileIsReadOnlyIfNotEverybodyMay() throws {
        for permissions in [0o600, 0o640, 0o400] {
            try withFile("hunter2\n", permissions: permissions) { path in
                let secret = try SecretFile.read(path)
                #expect(secret == Secret("hunter2"))
            }
        }
        for permissions in [0o644, 0o604, 0o602, 0o666] {
            try withFile("hunter2\n", permissions: permissions) { path in
                let found = fault { () throws(FeedFault) in _ = try SecretFile.read(path) }
                #expect(found?.kind == .secret)
                #expect(
                    found?.description
                        == "the token file \(path) may be read or written by everybody on this machine; chmod o-rwx "
                        + path)
            }
        }
    }

    @Test func aFileThatHoldsNoSecretIsNamedWithoutItsText() throws {
        for (text, part) in [
            ("", "is empty"), ("\n\n", "is empty"), ("hunter 2", "more than one word"),
            (String(repeating: "h", count: 9000), "more than one word"), ("hünter", "more than one word"),
        ] {
            try withFile(text, permissions: 0o600) { path in
                let found = fault { () throws(FeedFault) in _ = try SecretFile.read(path) }
                #expect(found?.description.contains(part) == true, "\(String(describing: found))")
                #expect(found?.description.contains("hunter 2") == false)
            }
        }
        for path in ["/nonexistent/token", "/tmp", "/dev/null"] {
            #expect(fault { () throws(FeedFault) in _ = try SecretFile.read(path) }?.kind == .secret)
        }
    }
}
