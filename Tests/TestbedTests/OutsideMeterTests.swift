import Cluster
import Foundation
import MQTT
import TestKit
import TestbedKit
import Testing

extension OnThisMachine {
    /// A meter outside the board measures it instead of its own sensors.
    @Suite struct OutsideMeterTests {
        private static let powerW = 7.77
        /// A meter's usual pace.
        private static let linePeriod: Duration = .milliseconds(200)

        @Test func `a board goes by the log of a meter, and says when that falls silent`() async throws {
            try await RunningBed.with(
                ["nano"],
                adjust: { $0.cluster.application = .init(source: "nano", destination: "nano") },
                before: { try Self.follow(Self.logPath(of: $0), $0) }
            ) { running, _ in
                let path = Self.logPath(of: running.bed)
                let writing = Task {
                    let log = try #require(FileHandle(forWritingAtPath: path))
                    var clockMs = 0
                    while !Task.isCancelled {
                        clockMs += 200
                        let line = SmartPower3Text.line(
                            clockMs, inputMilliwatts: 9000, output0Milliwatts: Int(Self.powerW * 1000),
                            output1Milliwatts: 0)
                        try log.write(contentsOf: Data(line.utf8))
                        try? await Task.sleep(for: Self.linePeriod)
                    }
                }
                defer { writing.cancel() }
                let observer = try ClusterObserver(
                    broker: running.bed.broker, cluster: running.bed.clusterName, purpose: "testbed",
                    filters: Topic.watchFilters(in: running.bed.clusterName, withMetrics: true))
                let metrics: NodeMetrics? = try await observer.run(until: .now + Testbed.patience) { _, known in
                    known.board("nano")?.metrics.flatMap { $0.powerW == Self.powerW ? $0 : nil }
                }
                #expect(try #require(metrics).powerSource == "measured")
                writing.cancel()
                try await running.conditions("nano", contain: "no whole line of a SmartPower 3")
                try await running.ask(5)
            }
        }

        private static func logPath(of bed: Testbed) -> String { "\(bed.boards[0].folder)/power.log" }

        /// Tells the board's agent, which does not run yet, of an empty log.
        private static func follow(_ path: String, _ bed: Testbed) throws {
            try Data().write(to: URL(fileURLWithPath: path))
            let configuration = bed.boards[0].configurationPath
            var lines = try String(contentsOfFile: configuration, encoding: .utf8).components(separatedBy: "\n")
            lines.removeAll { $0.hasPrefix("smart_power_3") }
            let head = try #require(lines.firstIndex(of: "[board]"))
            lines.insert(contentsOf: ["smart_power_3 = \"\(path)\"", "smart_power_3_channel = \"0\""], at: head + 1)
            try lines.joined(separator: "\n").write(toFile: configuration, atomically: true, encoding: .utf8)
        }
    }
}
