import Cluster
import Foundation
import JSON
import TestKit
import Testing

@Suite struct NodeMetricsTests {
    private let plan = PlanID(term: 3, leader: "b", sequence: 2)

    private func schemas() throws -> JSONSchemas {
        var files: [String: JSONValue] = [:]
        for name in ["common.schema.json", "metrics.schema.json"] {
            let data = try Data(contentsOf: URL(fileURLWithPath: Repository.path("docs/schemas/\(name)")))
            files[name] = try JSON.parse(Array(data))
        }
        return JSONSchemas(files: files)
    }

    @Test func `what an agent publishes fits the schema, with and without what it does not know`() throws {
        let full = NodeMetrics(
            node: "a", at: "2026-11-20T23:56:59.123Z", load: 0.4, memoryAvailableBytes: 1, runnerMemoryBytes: 2,
            requests: [
                .init(model: "digits", plan: plan, count: 3, latencyMedianS: 0.1, latencyPredictedS: 0.09),
                .init(model: "other", plan: plan, count: 3, latencyMedianS: 0.1, latencyPredictedS: nil),
            ],
            segments: [.init(model: "digits", plan: plan, segment: 0, computeS: 0.01, count: 4)])
        var complete = full
        complete.temperatureC = 61.5
        complete.powerW = 3.1
        complete.powerSource = "measured"
        complete.clocks = [.init(device: "cpu", frequencyHz: 1e9)]
        complete.shares = [
            .init(
                model: "digits", plan: plan, device: "cpu", frequencyHz: 1e9, busyPredictedS: 0.1, busyMeasuredS: 0.2,
                energyPredictedJ: 0.3, energyMeasuredJ: 0.4, energySource: "modelled", memoryPredictedBytes: 5,
                runs: 6),
            .init(model: "digits", plan: plan, device: "gpu", memoryPredictedBytes: 5, runs: 0),
        ]
        let empty = NodeMetrics(
            node: "a", at: "2026-11-20T23:56:59.123Z", load: nil, memoryAvailableBytes: nil, runnerMemoryBytes: nil,
            requests: [], segments: [])
        for metrics in [full, complete, empty] {
            let problems = try schemas().problems(
                of: try JSON.value(of: metrics), file: "metrics.schema.json", closed: true)
            #expect(problems.isEmpty, "\(problems)")
        }
    }
}
