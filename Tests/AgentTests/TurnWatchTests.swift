import Agent
import Testing

@Suite struct SlowTurnsTests {
    /// What is said of a turn, looked at once in its middle.
    private func turn(_ turns: inout SlowTurns, from begin: Duration, to end: Duration) -> [String] {
        turns.began("a tick", now: begin)
        let middle = turns.look(now: begin + (end - begin) / 2)
        return [middle, turns.ended(now: end)].compactMap(\.self)
    }

    @Test func `a turn of more than a second is said once for each episode`() throws {
        var turns = SlowTurns()
        #expect(turn(&turns, from: .zero, to: .milliseconds(900)).isEmpty)
        let said = turn(&turns, from: .seconds(1), to: .seconds(4))
        #expect(said.count == 1 && said[0].contains("a tick") && said[0].contains("1.5 s"))
        // The next slow turn soon after is the same episode, one much later another.
        #expect(turn(&turns, from: .seconds(10), to: .seconds(13)).isEmpty)
        #expect(turn(&turns, from: .seconds(80), to: .seconds(83)).count == 1)
    }

    @Test func `nothing is said between turns`() {
        var turns = SlowTurns()
        let before = turns.look(now: .seconds(100))
        let during = turn(&turns, from: .seconds(100), to: .seconds(100))
        let after = turns.look(now: .seconds(200))
        #expect(before == nil && during.isEmpty && after == nil)
    }
}
