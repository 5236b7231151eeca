import Costs

/// Asks a solver for the best schedule of a problem, with some devices kept from some layers.
struct ChainQuestion {
    struct Answer {
        var schedule: Schedule
        var prediction: Prediction
        var value: Double
    }

    let solver: any ChainProgramSolving

    /// Nil where no schedule keeps all that is asked, or the solver found none in its budget.
    ///
    /// - Parameter isAllowed: by layer and device; both by their index in the problem.
    func best(
        _ problem: Problem, isAllowed: ((_ layer: Int, _ device: Int) -> Bool)? = nil
    ) throws(PlanningError) -> Answer? {
        do {
            let table = try CostTable(problem)
            let built = try ProblemProgram(problem, table: table)
            var program = built.program
            if let isAllowed { program.restrict(to: isAllowed) }
            guard case .found(let chain, _) = try solver.outcome(of: program) else { return nil }
            let answer = try Self.price(built.schedule(chain), problem, table)
            return answer
        } catch let error as PlanningError {
            throw error
        } catch let error as ProblemError {
            throw .invalid(error)
        } catch {
            throw .solver("\(error)")
        }
    }

    /// The schedule's figures in a problem; nil where it does not hold there.
    static func price(_ schedule: Schedule, _ problem: Problem, _ table: CostTable) throws(ProblemError) -> Answer? {
        let path = schedule.path
        guard path.count == table.layerCount,
            path.enumerated().allSatisfy({ table.isAllowed(layer: $0.offset, device: $0.element) }),
            MemoryUse.fits(path, table: table),
            let prediction = try? Evaluator.price(schedule, of: problem, table: table),
            let value = prediction.value(problem.objective),
            Limits.broken(by: prediction, path: path, problem: problem) == nil
        else { return nil }
        return Answer(schedule: schedule, prediction: prediction, value: value)
    }
}

extension ChainProgram {
    /// Takes away every step that runs a layer on a device where it is not allowed.
    mutating func restrict(to isAllowed: (_ layer: Int, _ device: Int) -> Bool) {
        let never = [Double](repeating: .infinity, count: quantityCount)
        for first in 0..<layerCount {
            for (index, mode) in modes.enumerated() {
                for length in 1...min(maximumStepLength, layerCount - first) {
                    guard stepIsAllowed(stepIndex(first: first, length: length, mode: index)),
                        !(first..<first + length).allSatisfy({ isAllowed($0, mode.device) })
                    else { continue }
                    setStep(first: first, length: length, mode: index, never)
                }
            }
        }
    }
}

extension Schedule {
    /// The schedule that a plan describes; nil where it names layers, devices or frequencies that are not there.
    init?(_ plan: Plan, in problem: Problem, table: CostTable) {
        let indices = Dictionary(uniqueKeysWithValues: problem.devices.enumerated().map { ($1.id, $0) })
        var points = table.fastestPoints
        for share in plan.devices {
            guard let device = indices[share.id],
                let point = table.points[device].firstIndex(where: { $0.frequencyHz == share.frequencyHz })
            else { return nil }
            points[device] = point
        }
        let path = plan.layers.compactMap { indices[$0.device] }
        guard path.count == table.layerCount else { return nil }
        guard let bundles = plan.bundles else {
            self.init(BundledPath.schedule(path, points: points, problem: problem, table: table).steps)
            return
        }
        var steps: [Step] = []
        for bundle in bundles {
            guard let device = indices[bundle.device] else { return nil }
            steps.append(Step(first: bundle.first, last: bundle.last, device: device, point: points[device]))
        }
        self.init(steps)
    }
}
