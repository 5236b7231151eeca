import Foundation
import Testing

/// `Tests/tidy.py` keeps the house rules; these tests keep `Tests/tidy.py`.
@Suite struct TidyTests {
    @Test("The tree keeps the house rules")
    func tree() throws {
        let outcome = try Repository.run(["python3", "Tests/tidy.py"])
        #expect(outcome.status == 0, "\(outcome.output)")
    }

    @Test(
        "A file that breaks a rule is found",
        arguments: [
            ("Sources/A/Long.swift", String(repeating: "a", count: 121) + "\n", "columns"),
            ("Sources/A/Many.swift", String(repeating: "\n", count: 501), "lines"),
            ("Sources/A/Forced.swift", "let x = try" + "! f()\n", "forced"),
            ("Sources/A/Cast.swift", "let x = y as" + "! Int\n", "forced"),
            ("Sources/A/Full.swift", "import " + "Foundation\n", "Foundation"),
            ("Tests/A/Later.swift", "// TO" + "DO: later\n", "unfinished"),
            ("docs/Place.md", "See /ho" + "me/somebody/notes.\n", "path of one machine"),
            ("Tests/A/End.swift", "let x = 1", "no newline"),
            ("Tests/A/Space.swift", "let x = 1 \n", "white space"),
        ])
    func violation(name: String, text: String, sentence: String) throws {
        try Repository.withTemporaryFolder { folder in
            let file = folder.appendingPathComponent(name)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try text.write(to: file, atomically: true, encoding: .utf8)
            let outcome = try Repository.run(["python3", "Tests/tidy.py", folder.path])
            #expect(outcome.status == 1)
            #expect(outcome.output.hasPrefix(name) && outcome.output.contains(sentence), "\(outcome.output)")
        }
    }

    @Test("Foundation in tests and a table wider than a line are no violations")
    func allowed() throws {
        try Repository.withTemporaryFolder { folder in
            let table = "| " + String(repeating: "a", count: 130) + " |\n"
            for (name, text) in [("Tests.swift", "import " + "Foundation\n"), ("README.md", table)] {
                try text.write(to: folder.appendingPathComponent(name), atomically: true, encoding: .utf8)
            }
            let outcome = try Repository.run(["python3", "Tests/tidy.py", folder.path])
            #expect(outcome.status == 0 && outcome.output.isEmpty, "\(outcome.output)")
        }
    }
}
