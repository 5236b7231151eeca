import Cluster
import Costs
import Testing

@Suite struct OrderingTests {
    @Test func termsOfTwoNodesWithOneNumberAreDifferentAndOrderedByNode() {
        let left = Term(number: 5, node: "a")
        let right = Term(number: 5, node: "b")
        #expect(left != right)
        #expect(left < right)
        #expect(right < Term(number: 6, node: "a"))
    }

    @Test func everyPlanOfTheHigherLeadershipIsAboveEveryPlanOfTheLowerOne() {
        #expect(planID(5, 99, "a") < planID(5, 1, "b"))
        #expect(planID(5, 99, "b") < planID(6, 1, "a"))
        #expect(planID(5, 1, "a") < planID(5, 2, "a"))
    }

    @Test func aRestartIsAboveEveryRefutationOfTheStartBefore() {
        #expect(Life(generation: 1, incarnation: 100) < Life(generation: 2, incarnation: 0))
    }

    @Test func rankPutsMainsPowerAboveClassAboveMemoryAboveName() {
        let ranked = [
            capabilities("z", memoryBytes: 8_000_000_000, deviceClass: .cloud, mains: false),
            capabilities("y", memoryBytes: 8_000_000_000, deviceClass: .edge),
            capabilities("x", memoryBytes: 1_000_000, deviceClass: .hub),
            capabilities("b", memoryBytes: 8_000_000, deviceClass: .hub),
            capabilities("a", memoryBytes: 8_000_000, deviceClass: .hub),
        ].map { Rank($0) }
        #expect(ranked == ranked.sorted())
    }

    @Test func aSmallChangeOfFreeMemoryDoesNotChangeTheRank() {
        var before = capabilities("a")
        before.freeMemoryBytes = 1_500_000_000
        var after = before
        after.freeMemoryBytes = 1_400_000_000
        #expect(Rank(before) == Rank(after))
    }
}
