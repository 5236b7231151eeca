import SharedPlanning
import Sharing
import SharingPlans
import Testing

@Suite struct SharingGrowthTests {
    private static func point(_ model: String, boards: Int, latencyS: Double) -> SharingGrowth.Point {
        SharingGrowth.Point(
            model: model, operatorCount: model.utf8.count, boardCount: boards, latencyS: latencyS,
            otherLatencyS: latencyS * 1.5, other: .flexPie, planningS: latencyS * 10)
    }

    private static let growth = SharingGrowth(
        boards: "boards of 10 GFLOP/s",
        overBoards: [
            point("first", boards: 1, latencyS: 0.2), point("first", boards: 2, latencyS: 0.1),
            point("second", boards: 1, latencyS: 0.4), point("second", boards: 2, latencyS: 0.3),
        ], overOperators: [point("first", boards: 2, latencyS: 0.1), point("third", boards: 2, latencyS: 0.2)])

    @Test func `each model has a chart of its latency, with both plans, units and whole boards`() {
        let svg = Self.growth.latencyDrawing.svg
        for text in [
            "first: latency of one inference, boards of 10 GFLOP/s", "second: latency of one inference",
            ">predicted latency in ms<", ">number of boards<", ">unified<", ">best of the other systems<",
            "<title>flexpie: 150.00 ms</title>", ">1<", ">2<",
        ] {
            #expect(svg.contains(text), "\(text)")
        }
        #expect(!svg.contains(">1.5<"))
    }

    @Test func `planning is drawn against operators and against boards`() {
        let svg = Self.growth.planningDrawing.svg
        for text in [
            "Planning time over the size of the model, 2 boards", ">number of operators<", ">planning time in s<",
            "<title>third: 2.000 s</title>", "Planning time over the number of boards", ">first, 5 operators<",
            ">second, 6 operators<",
        ] {
            #expect(svg.contains(text), "\(text)")
        }
    }

    @Test func `the other system is the best of all but unified`() throws {
        let shared = SharedGraph(try MadeUpProblems.graph("digits"))
        let cluster = try SharingCluster(flops: [1e9, 1e9], bandwidthBytesPerS: 125e6)
        let outcome = try Unified.plan(shared, cluster)
        let point = try #require(
            SharingGrowth.Point(model: "digits", operatorCount: 1, boardCount: 2, outcome, planningS: 1))
        #expect(point.other != .unified && point.latencyS <= point.otherLatencyS)
        let others = outcome.candidates.filter { $0.system != .unified }
        #expect(point.otherLatencyS == others.map(\.evaluation.latencyS).min())
    }
}
