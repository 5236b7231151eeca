import Costs
import Planning

extension Planner {
    /// The plan or the planner's error, as a value.
    func outcome(_ problem: Problem) -> Result<Plan, PlanningError> {
        Result { () throws(PlanningError) in try plan(problem) }
    }
}
