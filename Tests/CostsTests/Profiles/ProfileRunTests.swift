import Costs
import Testing

/// The profile's state machine, against a board that does what a test says.
@Suite struct ProfileRunTests {
    private typealias Step = ProfilePlan.Step

    /// A board that answers effects, and what it was asked.
    private struct MadeUpBoard {
        var cannotLoad: Set<[Int]> = []
        var refusedHz: Set<Double> = []
        /// How often a clock is not in force before it is.
        var hotCount: [Double: Int] = [:]
        var asked: [ProfileRun.Effect] = []
        var kept: [Step] = []

        mutating func answer(_ effect: ProfileRun.Effect) -> ProfileRun.Input? {
            asked.append(effect)
            switch effect {
            case .load(let first, let last):
                return cannotLoad.contains([first, last]) ? .cannotLoad("too large") : .loaded
            case .setClock(let hertz):
                if refusedHz.contains(hertz) { return .clockIsRefused("not allowed") }
                guard let count = hotCount[hertz], count > 0 else { return .clockIsSet }
                hotCount[hertz] = count - 1
                return .clockIsNotSet("hot")
            case .measure:
                return .measured(.init(latencyS: 1, spreadS: nil, samples: 1, method: "made up"))
            case .keep(let step, _):
                kept.append(step)
                return nil
            case .finish: return nil
            }
        }

        mutating func run(_ plan: ProfilePlan, stopAfter: Int? = nil) -> ProfileRun {
            var run = ProfileRun(plan, flop: [1, 1, 1])
            var now = Duration.zero
            var effects = run.start(now: now)
            while true {
                var input: ProfileRun.Input?
                for effect in effects { input = answer(effect) ?? input }
                now += .seconds(1)
                guard let input else { break }
                effects = run.handle(kept.count == stopAfter ? .stop : input, now: now)
            }
            return run
        }
    }

    private func plan(_ frequenciesHz: [Double?] = [1e8, 2e8]) throws -> ProfilePlan {
        try ProfilePlan(layerCount: 3, frequenciesHz: frequenciesHz, maximumBundleSize: 2)
    }

    @Test func `everything is measured in order, and a bundle is loaded once for all clocks`() throws {
        var board = MadeUpBoard()
        let plan = try plan()
        let run = board.run(plan)
        #expect(board.kept == plan.steps && run.skipped.isEmpty && run.measuredCount == plan.steps.count)
        #expect(run.step == nil && run.progress.leftCount == 0 && !run.isStopped)
        func count(_ fits: (ProfileRun.Effect) -> Bool) -> Int { board.asked.count(where: fits) }
        #expect(count { if case .load = $0 { true } else { false } } == 5)
        // Up, down, up: the clock at which a bundle ends is that at which the next begins.
        #expect(count { if case .setClock = $0 { true } else { false } } == 6)
    }

    @Test func `clocks that are left alone are never set`() throws {
        var board = MadeUpBoard()
        let run = board.run(try plan([nil]))
        #expect(run.measuredCount == 5)
        #expect(!board.asked.contains { if case .setClock = $0 { true } else { false } })
    }

    @Test func `a hot board is asked again at the end, and then left out by name`() throws {
        var board = MadeUpBoard(hotCount: [2e8: 2])
        let plan = try plan()
        var run = board.run(plan)
        #expect(run.skipped.isEmpty && Set(board.kept) == Set(plan.steps))
        #expect(board.kept != plan.steps)

        board = MadeUpBoard(hotCount: [2e8: .max])
        run = board.run(plan)
        #expect(run.skipped.map(\.step.frequencyHz) == Array(repeating: 2e8, count: 5))
        #expect(run.skipped.allSatisfy { $0.reason == "hot" })
        #expect(board.kept.map(\.frequencyHz) == Array(repeating: 1e8, count: 5))
        #expect(run.progress.leftCount == 0)
    }

    @Test func `a bundle that does not fit and a clock that is refused are left out, each asked for once`() throws {
        var board = MadeUpBoard(cannotLoad: [[1, 1]], refusedHz: [1e8])
        let run = board.run(try plan())
        #expect(board.kept.allSatisfy { $0.frequencyHz == 2e8 } && board.kept.count == 4)
        #expect(run.skipped.count == 6 && run.progress.leftCount == 0)
        #expect(board.asked.count { $0 == .setClock(1e8) } == 1)
        #expect(board.asked.count { $0 == .load(first: 1, last: 1) } == 1)
    }

    @Test func `it stops where it is told to and says what is left`() throws {
        let plan = try plan()
        for count in 0..<plan.steps.count {
            var board = MadeUpBoard()
            let run = board.run(plan, stopAfter: count)
            #expect(run.isStopped && run.step == nil && board.kept == Array(plan.steps.prefix(count)))
            #expect(run.progress.leftCount == plan.steps.count - count)
        }
    }
}
