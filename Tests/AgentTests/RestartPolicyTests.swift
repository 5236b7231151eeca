import Agent
import Testing

@Suite struct RestartPolicyTests {
    @Test func eachFailureDoublesTheDelayUpToTheMaximum() {
        var policy = RestartPolicy(firstDelay: .seconds(1), maximumDelay: .seconds(5), stableAfter: .seconds(60))
        var delays: [Duration] = []
        var now = Duration.zero
        for _ in 0..<5 {
            policy.started(now: now)
            now += .seconds(2)
            delays.append(policy.ended(now: now))
        }
        #expect(delays == [.seconds(1), .seconds(2), .seconds(4), .seconds(5), .seconds(5)])
        #expect(policy.failures == 5)
    }

    @Test func aChildThatStayedUpStartsTheDelaysAgain() {
        var policy = RestartPolicy(firstDelay: .seconds(1), maximumDelay: .seconds(5), stableAfter: .seconds(60))
        for _ in 0..<3 { _ = policy.ended(now: .zero) }
        policy.started(now: .seconds(10))
        #expect(policy.ended(now: .seconds(70)) == .seconds(1))
        policy.started(now: .seconds(71))
        #expect(policy.ended(now: .seconds(130)) == .seconds(2))
    }

    @Test func aChildThatCannotBeStartedCountsAsAFailure() {
        var policy = RestartPolicy(firstDelay: .seconds(1), maximumDelay: .seconds(100), stableAfter: .seconds(60))
        #expect(policy.ended(now: .seconds(1000)) == .seconds(1))
        #expect(policy.ended(now: .seconds(2000)) == .seconds(2))
    }
}
