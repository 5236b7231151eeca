import Costs
import Planning
import TestKit
import Testing

/// The program of a problem, the evaluator and the verifier must say the same of every schedule.
@Suite struct ProblemProgramTests {
    static func problem(_ seed: Int) throws -> Problem {
        var random = RandomServiceProblem(layers: 2 + seed % 5, devices: 1 + seed / 5 % 3)
        random.objective = Objective.allCases[seed % 4]
        random.service = random.objective == .throughput || seed % 3 == 0 ? .continuous : .oneAtATime
        random.costModel = seed % 7 < 2 ? .published : .sound
        random.weights = [.everyInference, .preloaded, .resident, nil][seed / 2 % 4]
        random.limit = RandomServiceProblem.Limit.allCases[seed % 7]
        random.bundles = seed % 5 < 2 ? RandomServiceProblem.Bundles.allCases[1 + seed % 2] : .none
        random.maximumBundleSize = [nil, 1, 2, 3][seed / 3 % 4]
        random.points = 1 + seed / 7 % 3
        random.privateCount = seed % 11 == 0 ? 1 : 0
        random.withExits = seed % 4 == 1 && !(random.weights == .preloaded && random.costModel == .sound)
        return try random.make(seed: UInt64(seed))
    }

    @Test(arguments: 0..<300)
    func `the program, the evaluator and the verifier price random schedules alike`(seed: Int) throws {
        let problem = try Self.problem(seed)
        let table = try CostTable(problem)
        let built = try ProblemProgram(problem, table: table)
        var generator = SeededGenerator(seed: UInt64(seed))
        var compared = 0
        for _ in 0..<40 {
            guard let chain = Self.randomSchedule(built.program, &generator), let totals = built.program.totals(chain)
            else { continue }
            let schedule = built.schedule(chain)
            let prediction = try Evaluator.price(schedule, of: problem, table: table)
            let value = try #require(prediction.value(problem.objective))
            // A wanted rate fixes the cycle, whatever the devices could do.
            if problem.wantedThroughputPerS == nil
                || (problem.objective != .throughput && built.program.isFeasible(chain))
            {
                #expect(
                    abs(totals.objective - value) <= 1e-9 * max(value, 1e-12),
                    "program \(totals.objective), evaluator \(value)")
            }
            let plan = try Plan(
                schedule, planner: "random", bound: nil, solveS: 0, problem: problem, table: table)
            let kinds = Verifier.violations(of: plan, in: problem).map(\.kind)
            let isFeasible = built.program.isFeasible(chain)
            let relevant = kinds.filter { $0 != .singleDevice }
            // What the program allows in itself the verifier must not refuse for another reason than a limit; the
            // published rule about the number of bundles is one.
            let counts = problem.costModel == .published
            #expect(
                relevant.allSatisfy { $0 == .limit || $0 == .memory || ($0 == .bundle && counts) },
                "\(Verifier.violations(of: plan, in: problem))")
            if isFeasible, Limits.broken(by: prediction, path: schedule.path, problem: problem) == nil {
                #expect(relevant == [], "\(Verifier.violations(of: plan, in: problem))")
            }
            if relevant.isEmpty { #expect(isFeasible) }
            compared += 1
        }
        #expect(
            compared > 0 || problem.links.count < problem.devices.count * (problem.devices.count - 1) / 2
                || problem.pins.count > 0)
    }

    static func randomSchedule(_ program: ChainProgram, _ generator: inout SeededGenerator) -> ChainSchedule? {
        var steps: [ChainSchedule.Step] = []
        var modeOf: [Int: Int] = [:]
        var first = 0
        while first < program.layerCount {
            var choices: [ChainSchedule.Step] = []
            for mode in program.modes.indices
            where modeOf[program.modes[mode].device] ?? mode == mode {
                if let last = steps.last,
                    !program.moveIsAllowed(program.moveIndex(boundary: first, from: last.mode, to: mode))
                {
                    continue
                }
                for length in 1...min(program.maximumStepLength, program.layerCount - first)
                where program.stepIsAllowed(program.stepIndex(first: first, length: length, mode: mode)) {
                    choices.append(.init(first: first, length: length, mode: mode))
                }
            }
            guard let choice = choices.randomElement(using: &generator) else { return nil }
            modeOf[program.modes[choice.mode].device] = choice.mode
            steps.append(choice)
            first += choice.length
        }
        return ChainSchedule(steps)
    }
}
