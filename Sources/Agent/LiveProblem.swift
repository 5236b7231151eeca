import Cluster
import Costs
import ModelGraph

/// The planner's problem for one model on the boards that are there.
package enum LiveProblem {
    /// - Parameters:
    ///   - carbon: what is known of the grids now.
    ///   - layers: the model's, at the granularity in which the plan shall be made.
    ///   - inputBytes: size of the model's input tensor, which enters at the source.
    /// - Throws: ``LiveProblemError`` where the source or destination is on no live board.
    package static func make(
        model: ModelRecord, layers: [GraphLayer], inputBytes: Int, members: [NodeCapabilities],
        assumedBandwidthBytesPerS: Double, goal: PlanGoal = PlanGoal(), carbon: [ZoneIntensity] = []
    ) throws -> Problem {
        let members = members.sorted { $0.node < $1.node }
        let paces = members.flatMap { $0.paces ?? [] }
        let (devices, carbonInputs) = try LiveCarbon.apply(
            carbon,
            to: members.flatMap(\.devices).sorted { $0.id < $1.id }.map { paces.corrected($0, for: model.name) },
            goal: goal)
        for (end, device) in [("source", model.source), ("destination", model.destination)] {
            guard devices.contains(where: { $0.id == device }) else {
                throw LiveProblemError(
                    "model \(model.name): its \(end) \(device) is on no live board "
                        + "(live: \(members.map(\.node.name).joined(separator: ", ")))")
            }
        }
        let (links, linkInputs) = LiveLinks.make(
            members: members, devices: devices, assumedBandwidthBytesPerS: assumedBandwidthBytesPerS)
        let deviceInputs =
            devices.map {
                InputSource(figure: "FLOP/s and memory of \($0.id)", source: "configuration of \($0.node)")
            } + paceInputs(paces, model: model.name)
        let (constraints, limitInputs) = limits(of: goal, on: devices)
        var problem = try Problem(
            model: model.name, graphLayers: layers, inputBytes: inputBytes, devices: devices, links: links,
            source: model.source, destination: model.destination, weights: .resident,
            inputs: deviceInputs + linkInputs + carbonInputs + limitInputs)
        problem.objective = goal.objective
        problem.service = goal.service
        problem.constraints = constraints
        return problem
    }

    private static func paceInputs(_ paces: [ModelPace], model: String) -> [InputSource] {
        paces.filter { $0.model == model }.map { pace in
            let clock = pace.frequencyHz.map { " at \(($0 / 1e6).rounded()) MHz" } ?? ""
            return InputSource(
                figure: "pace of \(pace.device)\(clock)",
                source: "\((pace.ratio * 1000).rounded() / 1000) times the time of its FLOP/s, over \(pace.samples) "
                    + "measured runs" + (pace.measuredAt.map { ", \($0)" } ?? ""))
        }
    }

    /// A device that is not there takes no energy: its limit waits for it, and the plan says so.
    private static func limits(of goal: PlanGoal, on devices: [Device]) -> (Constraints, [InputSource]) {
        var constraints = goal.constraints
        constraints.maximumEnergy.removeAll { limit in !devices.contains { $0.id == limit.device } }
        let absent = goal.constraints.maximumEnergy.filter { !constraints.maximumEnergy.contains($0) }
        return (
            constraints,
            absent.map {
                InputSource(figure: "energy limit of \($0.device)", source: "left out: it is on no live board")
            }
        )
    }
}

/// Why there is no problem to solve, in one sentence.
package struct LiveProblemError: Error, CustomStringConvertible {
    package var description: String

    init(_ description: String) { self.description = description }
}
