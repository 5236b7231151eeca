import Foundation
import MQTT
import TestKit
import Testing

/// `lamella carbon feed` and `show` as a person runs them, against a real broker.
@Suite struct CarbonFeedCommandTests {
    private static let traces = """
        Datetime (UTC),Zone Id,Carbon Intensity gCO2eq/kWh (direct),Carbon Intensity gCO2eq/kWh (LCA)
        2023-07-01 00:00:00,DE,310.0,400.0
        2023-07-01 01:00:00,DE,210.0,300.0
        2023-07-01 02:00:00,DE,110.0,200.0

        """

    private func withFolder<Result>(_ body: (String) async throws -> Result) async throws -> Result {
        let folder = try Repository.makeTemporaryFolder("feed")
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try Self.traces.write(toFile: folder + "/DE.csv", atomically: true, encoding: .utf8)
        return try await body(folder)
    }

    @Test func `a replayed value is shown with its hours and the boards in its zone`() async throws {
        try await withFolder { folder in
            let broker = try await PrivateBroker.start(in: folder + "/broker")
            defer { withExtendedLifetime(broker) {} }
            let place = ["--broker", "127.0.0.1:\(broker.port)", "--cluster", "site"]
            let nothing = try Processes.run(
                Repository.program, ["carbon", "show"] + place, requireSuccess: false)
            #expect(nothing.exitCode == 2)
            #expect(nothing.output.contains("no feed has ever published a zone"))
            let feed = try Processes.run(
                Repository.program,
                ["carbon", "feed", "--source", "csv", "--folder", folder, "--from", "2023-07-01T00:00Z", "--once"]
                    + place)
            #expect(feed.output.contains("zone DE: 2023-07-01T00:00: 400 g/kWh (lifecycle average)"), "\(feed)")
            try Processes.run(
                "mosquitto_pub",
                [
                    "-h", "127.0.0.1", "-p", "\(broker.port)", "-q", "1", "-r", "-t", "lamella/v1/site/node/pi/carbon",
                    "-m",
                    #"{"schema":"lamella/node-carbon/1","node":"pi","zone":"DE","intensity_g_per_kwh":400,"#
                        + #""source":"csv"}"#,
                ])
            let shown = try Processes.run(Repository.program, ["carbon", "show"] + place)
            #expect(shown.output.contains("400  lifecycle average  fresh"), "\(shown.output)")
            #expect(shown.output.contains("█▅▁") && shown.output.contains("200-400"), "\(shown.output)")
            #expect(shown.output.contains("pi"))
            let json = try Processes.run(Repository.program, ["carbon", "show", "--json"] + place)
            #expect(json.output.contains("\"intensity_g_per_kwh\": 400"), "\(json.output)")
            await broker.stop()
        }
    }

    @Test func `a dry run needs no broker, and what is wrong is said with its code`() async throws {
        try await withFolder { folder in
            let csv = ["carbon", "feed", "--source", "csv", "--folder", folder]
            let dry = try Processes.run(
                Repository.program,
                csv + ["--from", "2023-07-01T00:00Z", "--speed", "36000", "--dry-run"])
            #expect(
                dry.output.split(separator: "\n").count { $0.hasPrefix("{\"schema\":\"lamella/zone-carbon/1\"") } == 3)
            let gone = try Processes.run(
                Repository.program, csv + ["--from", "2030-01-01T00:00Z", "--dry-run"], requireSuccess: false)
            #expect(gone.exitCode == 1 && gone.errors.contains("its data ended at"), "\(gone)")
            let token = folder + "/token"
            #expect(
                FileManager.default.createFile(
                    atPath: token, contents: Data("hunter2".utf8), attributes: [.posixPermissions: 0o644]))
            let open = try Processes.run(
                Repository.program,
                ["carbon", "feed", "--source", "electricity-maps", "--zone", "DE", "--token-file", token, "--dry-run"],
                requireSuccess: false)
            #expect(open.exitCode == 64 && open.errors.contains("chmod o-rwx"), "\(open)")
            #expect(!open.errors.contains("hunter2"))
        }
    }
}
