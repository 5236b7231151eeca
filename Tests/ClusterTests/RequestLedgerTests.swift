import Cluster
import Costs
import Testing

@Suite struct RequestLedgerTests {
    private let one = planID(1, 1)
    private let two = planID(1, 2)
    private let late = Duration.seconds(100)

    private func ledger(_ change: (inout RequestLedger.Settings) -> Void = { _ in }) -> RequestLedger {
        var settings = RequestLedger.Settings()
        change(&settings)
        return RequestLedger(settings: settings)
    }

    @Test func aRequestIsHeldUntilAPlanIsCommitted() {
        var ledger = ledger()
        #expect(ledger.handle(.accepted("r", deadline: late), now: .zero).isEmpty)
        #expect(ledger.handle(.planCommitted(one), now: .zero) == [.dispatch("r", plan: one, attempt: 1)])
    }

    @Test func aResultIsTakenOnce() {
        var ledger = ledger()
        _ = ledger.handle(.planCommitted(one), now: .zero)
        _ = ledger.handle(.accepted("r", deadline: late), now: .zero)
        #expect(ledger.handle(.result("r", plan: one, attempt: 1), now: .zero) == [.answer("r", plan: one, attempt: 1)])
        #expect(ledger.handle(.result("r", plan: one, attempt: 1), now: .zero).isEmpty)
        #expect(ledger.openCount == 0)
    }

    @Test func aRequestWhosePlanIsLostRunsAgainUnderTheNextAndTheOldResultIsNotTaken() {
        var ledger = ledger()
        _ = ledger.handle(.planCommitted(one), now: .zero)
        _ = ledger.handle(.accepted("r", deadline: late), now: .zero)
        #expect(ledger.handle(.planLost(one), now: .zero).isEmpty)
        #expect(ledger.handle(.planCommitted(two), now: .zero) == [.dispatch("r", plan: two, attempt: 2)])
        #expect(ledger.handle(.result("r", plan: one, attempt: 1), now: .zero).isEmpty)
        #expect(ledger.handle(.result("r", plan: two, attempt: 2), now: .zero) == [.answer("r", plan: two, attempt: 2)])
    }

    @Test func afterACommitTheOldPlanDrainsBeforeTheNewOneStarts() {
        var ledger = ledger()
        _ = ledger.handle(.planCommitted(one), now: .zero)
        _ = ledger.handle(.accepted("r", deadline: late), now: .zero)
        _ = ledger.handle(.planCommitted(two), now: .zero)
        #expect(ledger.handle(.accepted("s", deadline: late), now: .zero).isEmpty)
        let effects = ledger.handle(.result("r", plan: one, attempt: 1), now: .zero)
        #expect(
            effects == [.answer("r", plan: one, attempt: 1), .drained(one), .dispatch("s", plan: two, attempt: 1)])
    }

    @Test func whatDoesNotDrainInTimeRunsAgainUnderTheNewPlan() {
        var ledger = ledger { $0.drainPatience = .seconds(1) }
        _ = ledger.handle(.planCommitted(one), now: .zero)
        _ = ledger.handle(.accepted("r", deadline: late), now: .zero)
        _ = ledger.handle(.planCommitted(two), now: .zero)
        #expect(ledger.nextTick == .seconds(1))
        #expect(
            ledger.handle(.tick, now: .seconds(1)) == [.drained(one), .dispatch("r", plan: two, attempt: 2)])
    }

    @Test func aSwapHoldsRequestsAndSaysDrained() {
        var ledger = ledger()
        _ = ledger.handle(.planCommitted(one), now: .zero)
        _ = ledger.handle(.accepted("r", deadline: late), now: .zero)
        #expect(ledger.handle(.planDraining(one), now: .zero).isEmpty)
        #expect(ledger.handle(.accepted("s", deadline: late), now: .zero).isEmpty)
        #expect(
            ledger.handle(.result("r", plan: one, attempt: 1), now: .zero)
                == [.answer("r", plan: one, attempt: 1), .drained(one)])
        _ = ledger.handle(.planLost(one), now: .zero)
        #expect(ledger.handle(.planCommitted(two), now: .zero) == [.dispatch("s", plan: two, attempt: 1)])
    }

    @Test func drainingAnIdlePlanIsSaidAtOnce() {
        var ledger = ledger()
        _ = ledger.handle(.planCommitted(one), now: .zero)
        #expect(ledger.handle(.planDraining(one), now: .zero) == [.drained(one)])
    }

    @Test func aDeadlineFailsByName() {
        var ledger = ledger()
        _ = ledger.handle(.accepted("r", deadline: .seconds(2)), now: .zero)
        #expect(ledger.nextTick == .seconds(2))
        #expect(ledger.handle(.tick, now: .seconds(2)) == [.fail("r", .noPlan(attempts: 0))])
        _ = ledger.handle(.planCommitted(one), now: .seconds(2))
        _ = ledger.handle(.accepted("s", deadline: .seconds(4)), now: .seconds(2))
        #expect(ledger.handle(.tick, now: .seconds(4)) == [.fail("s", .noResult(plan: one, attempts: 1))])
        #expect(ledger.handle(.result("s", plan: one, attempt: 1), now: .seconds(5)).isEmpty)
    }

    @Test func anAttemptWithoutAResultIsRepeatedUpToTheLimit() {
        var ledger = ledger {
            $0.attemptTimeout = .seconds(1)
            $0.retryDelay = .zero
            $0.attemptsMaximum = 2
        }
        _ = ledger.handle(.planCommitted(one), now: .zero)
        _ = ledger.handle(.accepted("r", deadline: late), now: .zero)
        #expect(ledger.handle(.tick, now: .seconds(1)) == [.dispatch("r", plan: one, attempt: 2)])
        let failure = RequestFailure.tooManyAttempts(limit: 2, lastReason: "no result came in time")
        #expect(ledger.handle(.tick, now: .seconds(2)) == [.fail("r", failure)])
    }

    @Test func `under a plan for one inference at a time the others wait, in order`() {
        var ledger = ledger { $0.inFlightMaximum = 2 }
        _ = ledger.handle(.planCommitted(one, atOnce: 1), now: .zero)
        #expect(ledger.handle(.accepted("r", deadline: late), now: .zero) == [.dispatch("r", plan: one, attempt: 1)])
        #expect(ledger.handle(.accepted("s", deadline: late), now: .zero).isEmpty)
        #expect(ledger.handle(.accepted("t", deadline: late), now: .zero).isEmpty)
        #expect(
            ledger.handle(.result("r", plan: one, attempt: 1), now: .zero) == [
                .answer("r", plan: one, attempt: 1), .dispatch("s", plan: one, attempt: 1),
            ])
        // One that failed waits its time, and lets the next one go.
        #expect(
            ledger.handle(.attemptFailed("s", plan: one, attempt: 1, reason: "x"), now: .zero) == [
                .dispatch("t", plan: one, attempt: 1)
            ])
        // The next plan has memory for more.
        #expect(ledger.handle(.planCommitted(two), now: .seconds(1)).isEmpty)
        #expect(ledger.handle(.accepted("u", deadline: late), now: .seconds(1)).isEmpty)
        #expect(
            ledger.handle(.result("t", plan: one, attempt: 1), now: .seconds(1)).filter {
                if case .dispatch = $0 { true } else { false }
            } == [.dispatch("s", plan: two, attempt: 2), .dispatch("u", plan: two, attempt: 1)])
    }

    @Test func aFailedAttemptIsRepeatedAfterTheDelay() {
        var ledger = ledger { $0.retryDelay = .milliseconds(50) }
        _ = ledger.handle(.planCommitted(one), now: .zero)
        _ = ledger.handle(.accepted("r", deadline: late), now: .zero)
        #expect(ledger.handle(.attemptFailed("r", plan: one, attempt: 1, reason: "x"), now: .zero).isEmpty)
        #expect(ledger.nextTick == .milliseconds(50))
        #expect(ledger.handle(.tick, now: .milliseconds(50)) == [.dispatch("r", plan: one, attempt: 2)])
        #expect(
            ledger.handle(.attemptFailed("r", plan: one, attempt: 1, reason: "old"), now: .milliseconds(60)).isEmpty)
        #expect(ledger.inFlightCount == 1)
    }

    @Test func aRejectedRequestFailsWithoutAnotherAttempt() {
        var ledger = ledger()
        _ = ledger.handle(.planCommitted(one), now: .zero)
        _ = ledger.handle(.accepted("r", deadline: late), now: .zero)
        #expect(
            ledger.handle(.rejected("r", reason: "the shape is wrong"), now: .zero)
                == [.fail("r", .rejected(reason: "the shape is wrong"))])
    }

    @Test func theSameRequestIsRefusedWhileOpenAndAfterItIsSettled() {
        var ledger = ledger()
        _ = ledger.handle(.planCommitted(one), now: .zero)
        _ = ledger.handle(.accepted("r", deadline: late), now: .zero)
        #expect(ledger.handle(.accepted("r", deadline: late), now: .zero) == [.refuse("r", .open)])
        _ = ledger.handle(.result("r", plan: one, attempt: 1), now: .zero)
        #expect(ledger.handle(.accepted("r", deadline: late), now: .zero) == [.refuse("r", .answered)])
        _ = ledger.handle(.accepted("s", deadline: late), now: .zero)
        #expect(ledger.handle(.cancelled("s"), now: .zero).isEmpty)
        #expect(ledger.handle(.accepted("s", deadline: late), now: .zero) == [.refuse("s", .failed)])
    }

    @Test func openInFlightAndRememberedRequestsAreBounded() {
        var ledger = ledger {
            $0.openMaximum = 3
            $0.inFlightMaximum = 2
            $0.rememberedMaximum = 1
        }
        _ = ledger.handle(.planCommitted(one), now: .zero)
        for name in ["r", "s", "t"] { _ = ledger.handle(.accepted(RequestID(name), deadline: late), now: .zero) }
        #expect(ledger.inFlightCount == 2)
        #expect(ledger.handle(.accepted("u", deadline: late), now: .zero) == [.refuse("u", .full(limit: 3))])
        #expect(
            ledger.handle(.result("r", plan: one, attempt: 1), now: .zero)
                == [.answer("r", plan: one, attempt: 1), .dispatch("t", plan: one, attempt: 1)])
        _ = ledger.handle(.result("s", plan: one, attempt: 1), now: .zero)
        // Only the last settled id is remembered.
        #expect(ledger.handle(.accepted("s", deadline: late), now: .zero) == [.refuse("s", .answered)])
        #expect(ledger.handle(.accepted("r", deadline: late), now: .zero) == [.dispatch("r", plan: one, attempt: 1)])
    }

    @Test func anOlderPlanDoesNotReplaceANewerOne() {
        var ledger = ledger()
        _ = ledger.handle(.planCommitted(two), now: .zero)
        _ = ledger.handle(.planCommitted(one), now: .zero)
        #expect(ledger.plan == two)
    }
}
