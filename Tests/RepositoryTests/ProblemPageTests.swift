import Costs
import Foundation
import JSON
import Testing

/// The example of the page about problems, which programs are written after.
@Suite struct ProblemPageTests {
    private static func example() throws -> [UInt8] {
        let page = try Repository.text("docs/problem.md")
        return Array(
            try #require(page.components(separatedBy: "```json\n").last).components(separatedBy: "```")[0].utf8)
    }

    @Test func `the example is a problem, and says what the page says`() throws {
        let problem = try JSON.decodeStrictly(Problem.self, from: Self.example(), limits: .document)
        try problem.validate()
        #expect(problem.layers.map(\.name) == ["source", "conv", "head", "destination"])
        #expect(problem.constraints.maximumLatencyS == 0.5)
        #expect(problem.pins == [Pin(layer: 2, device: "nano")])
        #expect(problem.bundles.count == 1)
    }

    @Test func `every key of a problem is on the page`() throws {
        let page = try Repository.text("docs/problem.md")
        let problem = try JSON.decodeStrictly(Problem.self, from: Self.example(), limits: .document)
        var full = problem
        full.wantedThroughputPerS = 1
        full.requestS = 1
        full.messageS = 1
        full.sharedPaces = [SharedPace(device: "pi", ratio: 1)]
        full.constraints = Constraints(
            maximumLatencyS: 1, maximumEnergy: [.init(device: "pi", energyJ: 1)], maximumCarbonG: 1,
            minimumThroughputPerS: 1, privateLayers: [0], maximumEntries: 1, maximumBundleSize: 1)
        full.layers[0].reachProbability = 1
        func keys(_ value: JSONValue) -> [String] {
            switch value {
            case .object(let members): members.flatMap { [$0.key] + keys($0.value) }
            case .array(let values): values.flatMap(keys)
            default: []
            }
        }
        let text = try JSON.encode(full)
        for key in Set(keys(try JSON.parse(Array(text.utf8)))) { #expect(page.contains(key), "\(key)") }
    }
}
