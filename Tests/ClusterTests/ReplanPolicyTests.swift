import Cluster
import Costs
import Testing

@Suite struct ReplanPolicyTests {
    private let policy = ReplanPolicy()

    @Test(arguments: [(0.951, false), (0.949, true), (1.2, false)])
    func aPlanIsTakenOnlyWhenItWinsByMoreThanTheMargin(latencyS: Double, adopt: Bool) {
        let decision = policy.decide(latencyS: latencyS, incumbentLatencyS: 1, moveS: 0, sameAssignment: false)
        #expect(decision.adopt == adopt)
        #expect(decision.numbers.latencyS == latencyS && decision.numbers.incumbentLatencyS == 1)
        #expect(!decision.explanation.isEmpty)
    }

    @Test func anyPlanIsTakenWhenNoneCanRun() {
        #expect(policy.decide(latencyS: 9, incumbentLatencyS: nil, moveS: 1000, sameAssignment: false).adopt)
    }

    @Test func aPlanThatDoesNotPayForItsMoveIsNotTaken() {
        // Ten per cent of sixty seconds are six.
        #expect(policy.decide(latencyS: 0.9, incumbentLatencyS: 1, moveS: 5, sameAssignment: false).adopt)
        #expect(!policy.decide(latencyS: 0.9, incumbentLatencyS: 1, moveS: 7, sameAssignment: false).adopt)
        #expect(policy.decide(latencyS: 0.9, incumbentLatencyS: 1, moveS: nil, sameAssignment: false).adopt)
    }

    @Test func theSameAssignmentStays() {
        #expect(!policy.decide(latencyS: 0.5, incumbentLatencyS: 1, moveS: 0, sameAssignment: true).adopt)
    }

    @Test func aLinkChangeBelowTheMarginIsNoReason() {
        func board(_ version: UInt64, _ bandwidth: Double) -> NodeCapabilities {
            var board = capabilities(
                "a", links: [LinkMeasurement(peer: "b", bandwidthBytesPerS: bandwidth, latencyS: 0, source: "probe")])
            board.version = version
            return board
        }
        #expect(policy.changes(from: [board(1, 1e6)], to: [board(2, 0.9e6)]).isEmpty)
        #expect(
            policy.changes(from: [board(1, 1e6)], to: [board(2, 0.5e6)])
                == [.linkChanged("a", "b", wasBytesPerS: 1e6, nowBytesPerS: 0.5e6)])
    }

    @Test func boardsThatComeGoOrChangeAreReasons() {
        var slower = capabilities("b", flops: 0.5e9)
        slower.version = 2
        #expect(
            policy.changes(
                from: [capabilities("a"), capabilities("b")], to: [slower, capabilities("c")])
                == [.boardJoined("c"), .boardLeft("a"), .devicesChanged("b", what: "the speed of b")])
    }
}
