import Board
import Testing

@Suite struct ProcessorLoadTests {
    @Test func theLoadIsOfTheTimeBetweenTwoLooks() {
        var load = ProcessorLoad()
        #expect(load.handle("cpu  100 0 100 700 100 0 0 0 0 0\ncpu0 1 2 3 4\n") == nil)
        #expect(load.handle("cpu  150 0 150 750 150 0 0 0 0 0\n") == 0.5)
        #expect(load.handle("cpu  150 0 150 750 150 0 0 0 0 0\n") == nil)
    }

    @Test(arguments: [
        "", "cpu", "cpu 1 2 3", "intr 1 2 3 4 5", "cpu a b c d e", "cpu -1 2 3 4 5",
        "cpu 9223372036854775807 9223372036854775807 1 1 1",
    ])
    func whatIsNoSuchFileSaysNothing(text: String) {
        var load = ProcessorLoad()
        _ = load.handle("cpu 1 2 3 4 5")
        #expect(load.handle(text) == nil)
    }

    @Test func countersThatGoBackSayNothing() {
        var load = ProcessorLoad()
        _ = load.handle("cpu 100 0 100 700 100")
        #expect(load.handle("cpu 90 0 90 600 90") == nil)
    }
}
