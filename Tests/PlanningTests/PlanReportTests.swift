import Costs
import Planning
import TestKit
import Testing

@Suite struct PlanReportTests {
    @Test func `runs of layers on one device are collapsed, and every figure is there`() throws {
        var problem = HandMadeProblem.make()
        problem.devices[1].networkBandwidthBytesPerS = nil
        problem.links[0].bandwidthBytesPerS = 1e6
        let report = PlanReport(try ExactPlanner().plan(problem), of: problem)
        #expect(
            report.text == """
                hand-made: latency by planner exact, found in 0 s

                layers                 device
                source                 A
                one .. two (2 layers)  B
                destination            A

                predicted  2.641 s: compute 2.000 s, transfer 521.10 ms, weights 120.00 ms
                bound      2.641 s: proved, no plan is faster
                one device B alone: 2.641 s, 1.00 times as long

                device  class  layers     FLOP  memory needed  offered
                A       edge        2    0.0 %         1.0 kB   1.0 MB
                B       cloud       2  100.0 %        15.1 kB   1.0 MB

                What the figures rest on:
                  all  made up

                """)
    }

    @Test(arguments: [
        (0.0, "0 s"), (1.5e-5, "15.0 us"), (0.0123456, "12.35 ms"), (1.2344, "1.234 s"), (-2.0, "-2.000 s"),
    ])
    func `seconds are given in the unit that suits them`(value: Double, text: String) {
        #expect(FigureText.seconds(value) == text)
    }

    @Test(arguments: [
        (0, "0 B"), (999, "999 B"), (1500, "1.5 kB"), (258_100_000, "258.1 MB"), (2_000_000_000, "2.00 GB"),
    ])
    func `bytes are given in the unit that suits them`(value: Int, text: String) {
        #expect(FigureText.bytes(value) == text)
    }

    @Test func `decimals are padded and rounded`() {
        #expect(FigureText.fixed(1.05, decimals: 3) == "1.050")
        #expect(FigureText.fixed(-0.0004, decimals: 3) == "0.000")
        #expect(FigureText.fixed(2.5, decimals: 0) == "3")
        #expect(FigureText.percent(0.8994) == "89.9 %")
    }
}
