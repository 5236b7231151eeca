import Foundation
import Testing

@Suite struct NativeLibrariesTests {
    private func lockedLines() throws -> [[Substring]] {
        try Repository.text("firmware-config/native-libraries.lock").split(separator: "\n")
            .filter { !$0.hasPrefix("#") }
            .map { $0.split(separator: " ") }
    }

    @Test("Both architectures pin the same versions of both libraries by SHA-256")
    func lock() throws {
        let lines = try lockedLines()
        for architecture in ["x86_64", "aarch64"] {
            let own = lines.filter { $0[0] == architecture }
            #expect(own.map { $0[1] } == ["onnxruntime==1.31.1", "highspy==1.15.1"])
            #expect(own.map { $0[4] } == ["libonnxruntime.so.1.31.1", "libhighs.so.1"])
        }
        #expect(lines.allSatisfy { $0.count == 5 && $0[2].count == 64 && $0[2].allSatisfy(\.isHexDigit) })
        #expect(Set(lines.map { $0[2] }).count == lines.count)
    }

    @Test("An architecture without native libraries is refused by name, and nothing is fetched")
    func unknownArchitecture() throws {
        try Repository.withTemporaryFolder { folder in
            let target = folder.appendingPathComponent("lib").path
            let outcome = try Repository.run(
                ["firmware-config/native-libraries.sh", target], environment: ["LAMELLA_ARCHITECTURE": "mips"])
            #expect(outcome.status != 0)
            #expect(outcome.output.contains("'mips'") && outcome.output.contains("aarch64"))
            #expect(!FileManager.default.fileExists(atPath: target))
        }
    }
}
