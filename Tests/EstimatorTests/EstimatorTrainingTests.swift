import Costs
import Estimator
import Testing

@Suite(.enabled(if: Estimator.isAvailable, "needs XGBoost: apt install libxgboost-dev"))
struct EstimatorTrainingTests {
    /// Elements 4, 8, ... with a time that is linear in them; each `repeats` times.
    private static func relayout(different: Int, repeats: Int = 1) -> TraceTable {
        let elements = (0..<different * repeats).map { Double($0 % different * 4 + 4) }
        return TraceTable(
            kind: .relayout, file: "folder/relayout.csv", features: elements,
            timesS: elements.map { 1e-6 + $0 * 2e-9 })
    }

    private static func train(
        _ tables: [TraceTable], rounds: Int = 200, isStopped: () -> Bool = { false },
        show: (EstimatorTraining.Progress) -> Void = { _ in }
    ) throws(EstimatorError) -> EstimatorFile? {
        try EstimatorTraining(hardware: "made up", seed: 5, rounds: rounds)
            .run(tables, elapsedS: { 0 }, isStopped: isStopped, show: show)
    }

    @Test func `a line is learned to a percent, and the file estimates what the training did`() throws {
        let table = Self.relayout(different: 1000)
        let file = try #require(try Self.train([table]))
        let model = file.header.models[0]
        let heldOut = try #require(model.heldOut)
        #expect(heldOut.rows == 200 && heldOut.medianError < 0.01 && heldOut.withinTenPercent > 0.99)
        #expect(model.unseen == nil && model.differentRows == 1000 && model.traces == "relayout.csv")

        let again = try EstimatorFile(try file.bytes(), file: "x")
        let estimator = try Estimator(again, file: "x", hardware: "made up")
        let rows = TraceSplit.ofRows(table, seed: 5).heldOut
        let estimates = try estimator.timesS(.relayout, rows: rows.map { Array(table.row($0)) })
        #expect(EstimateAccuracy(estimates: estimates, measurements: rows.map { table.timesS[$0] }) == heldOut)
        #expect(try estimator.timesS(.relayout, rows: []) == [])
    }

    @Test func `the same seed gives the same bytes`() throws {
        let table = Self.relayout(different: 200)
        #expect(try Self.train([table], rounds: 20) == (try Self.train([table], rounds: 20)))
    }

    @Test func `where rows repeat, features that were not seen are measured too, and progress counts both`() throws {
        var last: EstimatorTraining.Progress?
        let file = try #require(
            try Self.train([Self.relayout(different: 50, repeats: 4)], rounds: 300, show: { last = $0 }))
        let unseen = try #require(file.header.models[0].unseen)
        #expect(unseen.rows == 40)
        #expect(unseen.meanError > (try #require(file.header.models[0].heldOut)).meanError)
        #expect(last == EstimatorTraining.Progress(kind: .relayout, round: 600, rounds: 600))
    }

    @Test func `a training that is stopped gives no file`() throws {
        var shown = 0
        #expect(
            try Self.train([Self.relayout(different: 50)], isStopped: { shown >= 3 }, show: { _ in shown += 1 }) == nil)
        #expect(shown == 3)
    }

    @Test func `a kind without traces and a row of the wrong length are refused`() throws {
        let file = try #require(try Self.train([Self.relayout(different: 50)], rounds: 2))
        let estimator = try Estimator(file, file: "x", hardware: "made up")
        #expect(throws: EstimatorError.unusable("the estimator for made up was trained without transfer traces")) {
            try estimator.timesS(.transfer, rows: [[5, 8]])
        }
        #expect(throws: EstimatorError.unusable("2 features were given, and relayout estimates need 1")) {
            try estimator.timesS(.relayout, rows: [[5, 8]])
        }
    }

    @Test func `one row is enough, and then no error is known`() throws {
        let file = try #require(try Self.train([Self.relayout(different: 1)], rounds: 2))
        #expect(file.header.models[0].heldOut == nil)
    }

    @Test func `bytes that are no trees are refused in the library's words`() throws {
        var file = try #require(try Self.train([Self.relayout(different: 50)], rounds: 2))
        file.trees[0] = Array("{\"no\": 1}".utf8)
        #expect {
            try Estimator(file, file: "x", hardware: "made up")
        } throws: { error in "\(error)".hasPrefix("XGBoost could not read the trees") }
    }
}
