import Agent
import Cluster
import Costs
import Glibc
import JSON
import MQTT

/// Prints what `lamella watch` sees, a line for each observation.
struct WatchPrinter {
    struct OutputClosed: Error, CustomStringConvertible {
        var description: String { "standard output was closed" }
    }

    /// A line of JSON: the type, and one member that fits it.
    private struct Line: Encodable {
        var type: String
        var at: String
        var node: NodeID?
        var state: NodeState?
        var model: String?
        var reason: String?
        var leader: LeaderRecord?
        var capabilities: NodeCapabilities?
        var metrics: NodeMetrics?
        var record: ModelRecord?
        var plan: PlanRecord?
        var event: PlanEvent?
        var status: StatusReport?
    }

    let json: Bool
    let cluster: String
    let broker: BrokerAddress

    func state(_ known: ObservedCluster) throws {
        let report = StatusReport(known, cluster: cluster, broker: broker, wallS: WallClock.secondsSince1970)
        if json {
            try write(line("status") { $0.status = report })
        } else {
            try write(report.text + "\n")
        }
    }

    func line(for observation: ClusterObserver.Observation) throws {
        switch observation {
        case .caughtUp, .reply: return
        case .changed(let change): try line(for: change)
        case .problem(let sentence): try say("problem", "not read: \(sentence)") { $0.reason = sentence }
        case .disconnected(let reason): try say("disconnected", reason) { $0.reason = reason }
        }
    }

    private func line(for change: ObservedCluster.Change) throws {
        switch change {
        case .nodeState(let node, let state):
            try say("node_state", "board \(node) is \(state.rawValue)") {
                $0.node = node
                $0.state = state
            }
        case .capabilities(let record):
            try say("capabilities", "board \(record.node) says what it can do: \(Self.summary(record))") {
                $0.node = record.node
                $0.capabilities = record
            }
        case .metrics(let record):
            try say("metrics", Self.summary(record)) { $0.metrics = record }
        case .leader(let record):
            try say("leader", "board \(record.node) leads, term \(record.term)") { $0.leader = record }
        case .leaderGone: try say("leader_gone", "nobody leads") { _ in }
        case .model(let record):
            let what = record.removed ? "was removed" : "is there, version \(record.version)"
            try say("model", "model \(record.name) \(what)") { $0.record = record }
        case .plan(let record):
            let split = Dictionary(grouping: record.plan.layers, by: \.device).sorted { $0.key < $1.key }
                .map { "\($0.key) \($0.value.count)" }.joined(separator: ", ")
            let parts =
                record.plan.sharing.map { "operators shared by " + $0.devices.map(\.name).joined(separator: ", ") }
                ?? "layers: \(split)"
            let text =
                "plan \(record.id) is in force for \(record.model.name): "
                + "\(Readable.seconds(record.plan.latencyS))\(Self.cost(of: record.plan)), \(parts); "
                + "because: \(record.reason)"
            try say("plan", text) { $0.plan = record }
        case .planGone(let model): try say("plan_gone", "no plan is in force for \(model)") { $0.model = model }
        case .planEvent(let event):
            let plan = event.plan.map { " plan \($0)" } ?? ""
            try say("plan_event", "model \(event.model):\(plan) \(event.event.rawValue): \(event.reason)") {
                $0.event = event
            }
        }
    }

    private static func cost(of plan: Plan) -> String {
        let objective =
            plan.objective == .latency
            ? nil
            : plan.value.map {
                "\(plan.objective.rawValue) \(Readable.value($0, of: plan.objective)) is least"
            }
        let energy = plan.objective == .energy ? nil : plan.energyJ.map { Readable.joule($0) }
        let carbon = plan.objective == .carbon ? nil : plan.carbonG.map { "\(Readable.gram($0)) CO2e" }
        return [objective, energy, carbon].compactMap(\.self).map { ", \($0)" }.joined()
    }

    private static func summary(_ record: NodeCapabilities) -> String {
        let devices = record.devices.map {
            "\($0.id) \(Readable.flops($0.flops)) \(Readable.bytes($0.memoryBytes))"
        }
        let links = record.links.map { "to \($0.peer) \(Readable.bytesPerSecond($0.bandwidthBytesPerS))" }
        return (devices + links).joined(separator: ", ")
    }

    private static func summary(_ record: NodeMetrics) -> String {
        var parts = [
            record.powerW.map { "\(($0 * 100).rounded() / 100) W" + (record.powerSource.map { " \($0)" } ?? "") },
            record.temperatureC.map { "\(($0 * 10).rounded() / 10) °C" },
        ].compactMap(\.self)
        parts += (record.clocks ?? []).map { "\($0.device) at \(($0.frequencyHz / 1e6).rounded()) MHz" }
        for share in record.shares ?? [] {
            let energy = share.energyMeasuredJ.map { ", \(Readable.joule($0)) an inference" } ?? ""
            parts.append("\(share.model): \(share.runs) inferences\(energy)")
        }
        return "board \(record.node) measures: \(parts.isEmpty ? "nothing" : parts.joined(separator: ", "))"
    }

    private func say(_ type: String, _ text: String, _ fill: (inout Line) -> Void) throws {
        try write(json ? line(type, fill) : "\(Self.now().dropFirst(11).prefix(12))  \(text)")
    }

    private func line(_ type: String, _ fill: (inout Line) -> Void) throws -> String {
        var line = Line(type: type, at: Self.now())
        fill(&line)
        return try JSON.encode(line)
    }

    private static func now() -> String {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return UTCTime.string(secondsSince1970: Double(time.tv_sec) + Double(time.tv_nsec) / 1e9)
    }

    /// Each line at once, also into a pipe; a reader that is gone ends the command.
    private func write(_ text: String) throws {
        var bytes = Array((text + "\n").utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Glibc.write(STDOUT_FILENO, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw OutputClosed() }
            bytes = bytes.dropFirst(count)
        }
    }
}
