import Foundation
import Testing

@Suite struct InstallationTests {
    static var isBuilt: Bool {
        [".build/stripped/lamella", ".build/generated/man1/lamella.1", ".native/lib/stamp"]
            .allSatisfy { FileManager.default.fileExists(atPath: Repository.path($0)) }
    }

    private func installer(_ verb: String, into folder: URL) throws -> Repository.Outcome {
        try Repository.run(
            ["firmware-config/install.sh", verb], environment: ["DESTDIR": folder.path, "PREFIX": "/opt/lamella"])
    }

    private func files(below folder: URL) -> Set<String> {
        let all = FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String } ?? []
        return Set(
            all.filter {
                var isFolder: ObjCBool = false
                let path = folder.appendingPathComponent($0).path
                return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && !isFolder.boolValue
            })
    }

    @Test(
        "Everything is put below DESTDIR, an edited configuration survives, and uninstalling leaves only that",
        .enabled(if: isBuilt, "needs `make man`, as `make test` runs it"))
    func roundTrip() throws {
        try Repository.withTemporaryFolder { folder in
            #expect(try installer("install", into: folder).status == 0)
            let installed = files(below: folder)
            for file in [
                "opt/lamella/bin/lamella", "opt/lamella/lib/lamella/libhighs.so.1",
                "opt/lamella/lib/lamella/libonnxruntime.so.1.31.1", "opt/lamella/lib/systemd/system/lamella.service",
                "opt/lamella/lib/systemd/system/lamella-carbon.service",
                "opt/lamella/lib/sysusers.d/lamella.conf", "opt/lamella/lib/tmpfiles.d/lamella.conf",
                "opt/lamella/share/man/man1/lamella.1", "opt/lamella/share/lamella/digits/digits.onnx",
                "opt/lamella/share/lamella/boards/jetson-nano.toml",
                "usr/lib/udev/rules.d/90-lamella-frequency.rules", "etc/lamella/agent.toml",
                "etc/lamella/carbon.conf", "etc/lamella/mosquitto/lamella.conf",
            ] {
                #expect(installed.contains(file), "\(file)")
            }
            let unit = folder.appendingPathComponent("opt/lamella/lib/systemd/system/lamella.service")
            let text = try String(contentsOf: unit, encoding: .utf8)
            #expect(text.contains("ExecStart=/opt/lamella/bin/lamella agent"))
            #expect(text.contains("ExecStopPost=/opt/lamella/bin/lamella board restore"))

            let configuration = folder.appendingPathComponent("etc/lamella/agent.toml")
            let edited = try String(contentsOf: configuration, encoding: .utf8) + "\n# mine\n"
            try edited.write(to: configuration, atomically: true, encoding: .utf8)
            #expect(try installer("install", into: folder).output.contains("was edited and stays"))
            #expect(try String(contentsOf: configuration, encoding: .utf8) == edited)

            #expect(try installer("uninstall", into: folder).status == 0)
            #expect(files(below: folder) == ["etc/lamella/agent.toml"])
        }
    }

    @Test(
        "The binary carries no ICU and needs no library of Swift's",
        .enabled(if: isBuilt, "needs `make man`, as `make test` runs it"))
    func binary() throws {
        let bytes = try Data(contentsOf: URL(fileURLWithPath: Repository.path(".build/stripped/lamella")))
        #expect(bytes.range(of: Data("icudt".utf8)) == nil)
        let libraries = try Repository.run(["ldd", ".build/stripped/lamella"])
        #expect(libraries.status == 0)
        for name in [
            "libswift", "libFoundation", "lib_Foundation", "libdispatch", "libonnxruntime", "libhighs", "libcurl",
        ] {
            #expect(!libraries.output.contains(name), "\(libraries.output)")
        }
    }
}
