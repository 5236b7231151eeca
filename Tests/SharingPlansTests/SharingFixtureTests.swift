import Foundation
import ModelGraph
import ONNXImport
import Sharing
import SharingPlans
import Testing

@Suite(.serialized) struct SharingFixtureTests {
    static func load(_ name: String) throws -> SharedGraph {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Fixtures/models").path
        return SharedGraph(try ImportedModel.load(path: folder + "/\(name).onnx").graph)
    }

    /// Prints predicted latency and planning time of every system where `LAMELLA_SHARING_FIGURES` names models.
    @Test func `every system's plan of a fixture is a program without fault`() throws {
        let named = ProcessInfo.processInfo.environment["LAMELLA_SHARING_FIGURES"]?.split(separator: ",").map(
            String.init)
        for name in named ?? ["squeezenet1_1"] {
            let shared = try Self.load(name)
            let cluster = try SharingCluster(
                flops: [10e9, 10e9, 10e9, 10e9], bandwidthBytesPerS: 125e6, latencyS: 0.0002)
            var others = Double.infinity
            for system in SharingSystem.allCases {
                let start = SharingSweepTests.threadTimeS()
                let plan = try system.plan(shared, on: cluster, GeneFlowLPTests.options)
                let planned = SharingSweepTests.threadTimeS() - start
                try SharedProgram(plan.assignment, shared).verify(shared)
                if system == .unified { #expect(plan.evaluation.latencyS <= others) }
                others = min(others, plan.evaluation.latencyS)
                guard named != nil else { continue }
                print(
                    name, system.rawValue, "sound ms", plan.evaluation.latencyS * 1e3, "published ms",
                    plan.evaluation.publishedLatencyS * 1e3, "MB moved", Double(plan.evaluation.transferBytes) / 1e6,
                    "peak MB", Double(plan.evaluation.peakBytes.max() ?? 0) / 1e6, "planned in s", planned, "whole",
                    plan.refusals.count)
            }
            if named != nil { print(name, "bound ms", SharingBound.latencyS(shared, cluster) * 1e3) }
        }
    }
}
