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
                alone      B: 2.641 s, 1.00 times as long

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

    @Test(arguments: [
        (0.5, "500.00 mJ"), (9999, "9999.000 J"), (12_345, "12.35 kJ"), (5_652_075_700, "5652.08 MJ"),
        (5.6e13, "56.00 TJ"), (5e20, "500,000,000 TJ"),
    ])
    func `energies are given in the unit that suits them`(value: Double, text: String) {
        #expect(FigureText.joule(value) == text)
    }

    @Test func `large figures can be read`() {
        #expect(FigureText.gram(364_380) == "364.38 kg")
        #expect(FigureText.gram(1e-9) == "1.00 ng")
        #expect(FigureText.gram(3.6e8) == "360.00 t")
        #expect(FigureText.number(12_606_520_576) == "12,606,520,576")
        #expect(FigureText.number(1.5e20) == "1.5e+20")
        #expect(FigureText.seconds(1_234_567) == "1,234,567 s")
        #expect(FigureText.count(1, "period") == "1 period")
        #expect(FigureText.count(8760, "period") == "8,760 periods")
        #expect(
            [90.0, 900, 3600, 864_000_000, 0.5].map(FigureText.duration) == [
                "90 s", "15 min", "1 h", "10,000 d", "0.500 s",
            ])
    }

    @Test(arguments: [
        (9.4357e6, 9.43e6, 9.44e6), (236e9, 236e9, 236e9), (0.012345, 0.0123, 0.0124), (9.999, 9.99, 10),
        (15_050, 15_000, 15_100), (0.1, 0.1, 0.1), (108.999999, 108, 109),
    ])
    func `three digits are rounded to the side that is asked for`(value: Double, below: Double, above: Double) {
        #expect(FigureText.rounded(value, digits: 3, .down) == below)
        #expect(FigureText.rounded(value, digits: 3, .up) == above)
    }

    @Test(arguments: [(9.43, "9.43"), (236, "236"), (0.0123, "0.0123"), (45.67, "45.7"), (1e-7, "0.000000100")])
    func `three digits are shown`(value: Double, text: String) { #expect(FigureText.threeDigits(value) == text) }

    @Test func `decimals are padded and rounded`() {
        #expect(FigureText.fixed(1.05, decimals: 3) == "1.050")
        #expect(FigureText.fixed(-0.0004, decimals: 3) == "0.000")
        #expect(FigureText.fixed(2.5, decimals: 0) == "3")
        #expect(FigureText.percent(0.8994) == "89.9 %")
    }
}
