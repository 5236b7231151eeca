import Agent
import Cluster
import Costs
import ModelGraph
import ONNXImport
import TestKit
import Testing

@Suite struct LiveCarbonTests {
    private func board(_ name: String, zone: String?, intensity: Double? = nil) -> NodeCapabilities {
        NodeCapabilities(
            node: NodeID(name), version: 1,
            devices: [
                Device(
                    id: DeviceID(name), flops: 1e9, memoryBandwidthBytesPerS: 1e9, memoryBytes: 1_000_000_000,
                    computePowerW: 5, idlePowerW: 1, transferPower: .wifi, zone: zone, intensityGPerKwh: intensity)
            ], freeMemoryBytes: 1)
    }

    private func known(_ zone: String, _ value: Double, _ factor: EmissionFactor = .init(.lifecycle)) -> ZoneIntensity {
        ZoneIntensity(zone: zone, intensityGPerKwh: value, factor: factor, source: "feed", ageS: 60)
    }

    private func problem(
        _ boards: [NodeCapabilities], _ carbon: [ZoneIntensity], goal: PlanGoal = PlanGoal(objective: .carbon)
    ) throws -> Problem {
        let graph = try ImportedModel.load(path: Repository.path("Tests/Fixtures/digits/digits.onnx")).graph
        let model = ModelRecord(
            name: "digits", version: 1, graphSHA256: "00", graphBytes: 1, weightBytes: 1, holders: ["a"], source: "a",
            destination: "a")
        return try LiveProblem.make(
            model: model, layers: graph.layers(.layer), inputBytes: 256, members: boards,
            assumedBandwidthBytesPerS: 1e6, goal: goal, carbon: carbon)
    }

    @Test func `the zone's value beats the configured one, and the inputs name source and age`() throws {
        let problem = try problem(
            [board("a", zone: "A", intensity: 300), board("b", zone: "B", intensity: 400)], [known("A", 20)])
        #expect(problem.devices.map(\.intensityGPerKwh) == [20, 400])
        #expect(
            problem.inputs.contains(
                InputSource(figure: "intensity of a", source: "feed, zone A, lifecycle average", ageS: 60)))
        #expect(problem.inputs.contains(InputSource(figure: "intensity of b", source: "configuration of b")))
        #expect(throws: Never.self) { try problem.validate() }
    }

    @Test func `a stale value and one that is unknown are named among the inputs`() throws {
        var stale = known("A", 20)
        stale.isStale = true
        let problem = try problem([board("a", zone: "A"), board("b", zone: "B")], [stale], goal: PlanGoal())
        let inputs = problem.inputs.filter { $0.figure.hasPrefix("intensity of") }
        #expect(
            inputs == [
                InputSource(
                    figure: "intensity of a", source: "feed, zone A, lifecycle average; stale: its feed has stopped",
                    ageS: 60),
                InputSource(figure: "intensity of b", source: "unknown: nothing valid is known of zone B"),
            ])
    }

    @Test func `an unknown intensity is refused by name and never zero`() throws {
        let problem = try problem([board("a", zone: "A"), board("b", zone: nil)], [known("A", 20)])
        #expect(problem.devices.map(\.intensityGPerKwh) == [20, nil])
        let error = #expect(throws: ProblemError.self) { try problem.validate() }
        #expect(error?.description.contains("device b: intensity_g_per_kwh") == true)
    }

    @Test func `emissions that are counted differently are not compared, and other objectives do not mind`() throws {
        let boards = [board("a", zone: "A"), board("b", zone: "B")]
        let carbon = [known("A", 20), known("B", 30, .init(.direct, .marginal))]
        let error = #expect(throws: LiveProblemError.self) { try problem(boards, carbon) }
        #expect(error?.description.contains("zone A counts lifecycle average") == true)
        let other = try problem(boards, carbon, goal: PlanGoal())
        #expect(other.devices.allSatisfy { $0.intensityGPerKwh == nil })
    }

    @Test func `limits and service are those asked for, and the limit of a board that is gone waits for it`() throws {
        let limits = Constraints(
            maximumLatencyS: 2, maximumEnergy: [.init(device: "a", energyJ: 1), .init(device: "gone", energyJ: 1)])
        let problem = try problem(
            [board("a", zone: "A")], [], goal: PlanGoal(objective: .energy, service: .continuous, constraints: limits))
        #expect(problem.objective == .energy && problem.service == .continuous)
        #expect(problem.constraints.maximumLatencyS == 2)
        #expect(problem.constraints.maximumEnergy.map(\.device) == ["a"])
        #expect(problem.inputs.contains { $0.figure == "energy limit of gone" })
    }
}
