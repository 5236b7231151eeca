import Costs
import Testing

@Suite struct TraceSplitTests {
    /// Elements 1 to `different`, over and over.
    private static func table(rows: Int, different: Int) -> TraceTable {
        TraceTable(
            kind: .relayout, file: "made up", features: (0..<rows).map { Double($0 % different + 1) },
            timesS: Array(repeating: 1, count: rows))
    }

    @Test func `a fifth of the rows is held out and the rest is trained on, the same for the same seed`() {
        let table = Self.table(rows: 100, different: 100)
        let split = TraceSplit.ofRows(table, seed: 7)
        #expect(split.heldOut.count == 20)
        #expect((split.training + split.heldOut).sorted() == Array(0..<100))
        #expect(split == TraceSplit.ofRows(table, seed: 7))
        #expect(split != TraceSplit.ofRows(table, seed: 8))
    }

    @Test func `held-out features have no twin among those trained on`() {
        let table = Self.table(rows: 100, different: 10)
        let split = TraceSplit.ofFeatures(table, seed: 3)
        #expect(split.heldOut.count == 20)
        #expect((split.training + split.heldOut).sorted() == Array(0..<100))
        let trained = Set(split.training.map { table.features[$0] })
        #expect(trained.isDisjoint(with: split.heldOut.map { table.features[$0] }))
        #expect(trained.count == 8)
    }

    @Test(arguments: [(1, 0), (2, 1), (3, 1), (8, 2)])
    func `few rows still leave some on either side where that is possible`(_ rows: Int, _ heldOut: Int) {
        let split = TraceSplit.ofRows(Self.table(rows: rows, different: rows), seed: 1)
        #expect(split.heldOut.count == heldOut)
        #expect(split.training.count == rows - heldOut)
    }
}

@Suite struct EstimateAccuracyTests {
    @Test func `errors are relative to what was measured`() throws {
        let accuracy = try #require(
            EstimateAccuracy(estimates: [1.1, 1.5, 3, 4], measurements: [1, 2, 3, 5]))
        #expect(accuracy.rows == 4)
        #expect(abs(accuracy.medianError - 0.15) < 1e-12)
        #expect(abs(accuracy.meanError - 0.1375) < 1e-12)
        #expect(accuracy.largestError == 0.25)
        // 1.1 for 1 is a little more than a tenth off in binary, or not: only 3 for 3 is sure to be within.
        #expect(accuracy.withinTenPercent >= 0.25 && accuracy.withinTenPercent <= 0.5)
    }

    @Test func `the middle one of an odd number is the median`() throws {
        #expect(try #require(EstimateAccuracy(estimates: [2, 3, 9], measurements: [1, 1, 1])).medianError == 2)
    }

    @Test func `without rows no error is known`() {
        #expect(EstimateAccuracy(estimates: [], measurements: []) == nil)
    }
}
