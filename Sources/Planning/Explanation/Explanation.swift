import Costs

/// Why a plan and not another one: what else there is, which limits it costs something to keep, and which figure would
/// have to change for another plan to be best.
public struct Explanation: Sendable, Encodable {
    /// Another plan, and what it comes to.
    public struct Alternative: Sendable, Encodable {
        public var name: String
        /// In the objective's unit; nil where there is no such plan.
        public var value: Double?
        /// Which device runs up to which layer.
        public var cuts: String?
    }

    /// Something that a plan must keep.
    public struct Limit: Sendable, Encodable {
        public var name: String
        /// What the best plan would come to without it, in the objective's unit.
        public var valueWithout: Double
        /// Is the best plan better without it?
        public var isBinding: Bool

        enum CodingKeys: String, CodingKey {
            case name
            case valueWithout = "value_without"
            case isBinding = "binds"
        }
    }

    /// A figure at whose other values another plan is best.
    public struct Flip: Sendable, Encodable {
        /// `link pi-nano`, `speed of nano`.
        public var figure: String
        public var unit: String
        public var now: Double
        /// Below this value another plan is best (nil: not within the range looked at).
        public var below: Double?
        /// Which one; nil where no plan is left.
        public var cutsBelow: String?
        /// Above this value another plan is best (nil: not within the range looked at).
        public var above: Double?
        public var cutsAbove: String?

        enum CodingKeys: String, CodingKey {
            case figure, unit, now, below, above
            case cutsBelow = "cuts_below"
            case cutsAbove = "cuts_above"
        }
    }

    public var model: String
    public var objective: Objective
    public var value: Double
    public var cuts: String
    /// A plan that is better than the one explained (nil: there is none).
    public var better: Alternative?
    public var alternatives: [Alternative]
    public var limits: [Limit]
    /// Empty where the plan explained is not the best.
    public var flips: [Flip]
    /// Each figure was looked at from this part of what it is now to as many times it.
    public var range: Double

    enum CodingKeys: String, CodingKey {
        case model, objective, value, cuts, better, alternatives, limits, flips
        case range = "range_factor"
    }

    /// Relative difference at which one plan counts as better than another.
    static let tolerance = 1e-9

    /// - Parameters:
    ///   - onStep: told in words what is looked at next.
    /// - Throws: where the plan does not hold for the problem, and what the solver throws.
    public init(
        _ plan: Plan, of problem: Problem, solver: any ChainProgramSolving, onStep: (String) -> Void = { _ in }
    ) throws(PlanningError) {
        let table: CostTable
        do { table = try CostTable(problem) } catch { throw .invalid(error) }
        let question = ChainQuestion(solver: solver)
        let priced: ChainQuestion.Answer?
        do {
            priced = try Schedule(plan, in: problem, table: table).flatMap { schedule throws(ProblemError) in
                try ChainQuestion.price(schedule, problem, table)
            }
        } catch { throw .invalid(error) }
        guard let mine = priced else {
            throw .limit("\(problem.model): the plan does not hold for this problem; plan it again")
        }
        model = problem.model
        objective = problem.objective
        value = mine.value
        cuts = Self.cuts(mine.schedule, problem)
        range = FlipSearch.range
        onStep("the best plan")
        let best = try question.best(problem)
        better = best.flatMap { best in
            best.value < mine.value * (1 - Self.tolerance)
                ? Alternative(name: "best", value: best.value, cuts: Self.cuts(best.schedule, problem)) : nil
        }
        alternatives = try Self.alternatives(to: mine, plan, problem, question, onStep)
        limits = try Self.limits(mine, problem, question, onStep)
        guard better == nil else {
            flips = []
            return
        }
        flips = try FlipSearch(problem, table, mine.schedule, question).flips(onStep)
    }

    /// Which device runs up to which layer; and at which clock, where there is a choice.
    static func cuts(_ schedule: Schedule, _ problem: Problem) -> String {
        let path = schedule.path
        var parts: [String] = []
        for layer in path.indices {
            let name = problem.devices[path[layer]].id.name
            if layer == path.count - 1 {
                parts.append(name)
            } else if path[layer + 1] != path[layer] {
                parts.append("\(name) to \(problem.layers[layer].name)")
            }
        }
        var clocks: [Int: Int] = [:]
        for step in schedule.steps { clocks[step.device] = step.point }
        let chosen = problem.devices.indices.compactMap { device -> String? in
            let points = problem.devices[device].points
            guard let point = clocks[device], points.count > 1, let frequencyHz = points[point].frequencyHz else {
                return nil
            }
            return "\(problem.devices[device].id) at \(FigureText.hertz(frequencyHz))"
        }
        return parts.joined(separator: " | ") + (chosen.isEmpty ? "" : "; " + chosen.joined(separator: ", "))
    }

    private static func alternatives(
        to mine: ChainQuestion.Answer, _ plan: Plan, _ problem: Problem, _ question: ChainQuestion,
        _ onStep: (String) -> Void
    ) throws(PlanningError) -> [Alternative] {
        var found: [Alternative] = []
        let path = mine.schedule.path
        func add(_ name: String, _ answer: ChainQuestion.Answer?) {
            found.append(
                Alternative(
                    name: name, value: answer?.value, cuts: answer.map { cuts($0.schedule, problem) }))
        }
        // Every other assignment leaves this one at some first layer: the best of each kind, and the best of those.
        var next: ChainQuestion.Answer?
        for layer in path.indices {
            onStep("the next best plan: another device for layer \(problem.layers[layer].name)")
            let answer = try question.best(problem) { other, device in
                other > layer || (device == path[other]) == (other < layer)
            }
            if let answer, answer.value < next?.value ?? .infinity { next = answer }
        }
        add("next best", next)
        let needed = Set(problem.pinnedDevices.compactMap { $0 })
        for device in Set(path).sorted() where !needed.contains(problem.devices[device].id) {
            onStep("a plan without \(problem.devices[device].id)")
            add("without \(problem.devices[device].id)", try question.best(problem) { _, other in other != device })
        }
        if let single = plan.singleDevice {
            found.append(
                Alternative(name: "\(single.device) alone", value: single.value, cuts: single.device.name))
        } else {
            found.append(Alternative(name: "a single device", value: nil, cuts: nil))
        }
        return found
    }

    private static func limits(
        _ mine: ChainQuestion.Answer, _ problem: Problem, _ question: ChainQuestion, _ onStep: (String) -> Void
    ) throws(PlanningError) -> [Limit] {
        var found: [Limit] = []
        for (name, relaxed) in RelaxedProblems.of(problem, used: Set(mine.schedule.path)) {
            onStep("without \(name)")
            let without = try question.best(relaxed)?.value ?? mine.value
            found.append(
                Limit(
                    name: name, valueWithout: min(without, mine.value),
                    isBinding: without < mine.value * (1 - tolerance)))
        }
        return found
    }
}

/// A problem without one of the things that a plan must keep.
enum RelaxedProblems {
    static func of(_ problem: Problem, used: Set<Int>) -> [(name: String, problem: Problem)] {
        var found: [(String, Problem)] = []
        func drop(_ name: String, _ change: (inout Problem) -> Void) {
            var relaxed = problem
            change(&relaxed)
            found.append((name, relaxed))
        }
        let limits = problem.constraints
        if let limit = limits.maximumLatencyS {
            drop("latency <= \(FigureText.seconds(limit))") { $0.constraints.maximumLatencyS = nil }
        }
        if let limit = limits.maximumCarbonG {
            drop("carbon <= \(FigureText.gram(limit))") { $0.constraints.maximumCarbonG = nil }
        }
        if let least = limits.minimumThroughputPerS {
            drop("throughput >= \(FigureText.number(least)) a second") { $0.constraints.minimumThroughputPerS = nil }
        }
        for (index, limit) in limits.maximumEnergy.enumerated() {
            drop("energy of \(limit.device) <= \(FigureText.joule(limit.energyJ))") {
                $0.constraints.maximumEnergy.remove(at: index)
            }
        }
        if let most = limits.maximumEntries {
            drop("at most \(most) entries to a device") { $0.constraints.maximumEntries = nil }
        }
        if !limits.privateLayers.isEmpty {
            drop("private layers (\(limits.privateLayers.count))") { $0.constraints.privateLayers = [] }
        }
        for (index, pin) in problem.pins.enumerated() where problem.layers[pin.layer].kind == .model {
            drop("pin of \(problem.layers[pin.layer].name) to \(pin.device)") { $0.pins.remove(at: index) }
        }
        for device in problem.devices.indices {
            let offered = problem.devices[device]
            drop("memory of \(offered.id), \(FigureText.bytes(offered.memoryBytes))") {
                $0.devices[device].memoryBytes = Problem.maximumBytes
            }
        }
        return found
    }
}
