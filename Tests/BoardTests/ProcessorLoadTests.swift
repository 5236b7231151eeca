import Board
import Testing

@Suite struct ProcessorLoadTests {
    @Test func theLoadIsOfTheTimeBetweenTwoLooks() {
        var load = ProcessorLoad()
        let looks = [
            "cpu  100 0 100 700 100 0 0 0 0 0\ncpu0 1 2 3 4\n", "cpu  150 0 150 750 150 0 0 0 0 0\n",
            "cpu  150 0 150 750 150 0 0 0 0 0\n",
        ]
        let said = looks.map { load.handle($0) }
        #expect(said == [nil, 0.5, nil])
    }

    @Test(arguments: [
        "", "cpu", "cpu 1 2 3", "intr 1 2 3 4 5", "cpu a b c d e", "cpu -1 2 3 4 5",
        "cpu 9223372036854775807 9223372036854775807 1 1 1",
    ])
    func whatIsNoSuchFileSaysNothing(text: String) {
        var load = ProcessorLoad()
        _ = load.handle("cpu 1 2 3 4 5")
        let said = load.handle(text)
        #expect(said == nil)
    }

    @Test func countersThatGoBackSayNothing() {
        var load = ProcessorLoad()
        _ = load.handle("cpu 100 0 100 700 100")
        let said = load.handle("cpu 90 0 90 600 90")
        #expect(said == nil)
    }
}
