import Foundation
import JSON
import TestKit
import Testing

/// `lamella order` as a person runs it.
@Suite struct OrderCommandTests {
    private static let model = Repository.path("Tests/Fixtures/models/googlenet.onnx")

    private static func number(_ value: JSONValue?) -> Double? {
        switch value {
        case .number(let number): number
        case .integer(let number): Double(number)
        default: nil
        }
    }

    @Test func `GoogLeNet's exact order has a ninth less area than random orders, and none is better`() throws {
        let folder = try Repository.makeTemporaryFolder("order")
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let output = try Processes.run(
            Repository.program, ["order", Self.model, "--json", "--svg", folder + "/memory.svg"]
        ).output
        let found = try JSON.parse(Array(output.utf8))
        for figure in ["peak", "area"] {
            let exact = try #require(Self.number(found[figure]?["exact"]))
            for other in ["random_mean", "random_best", "peft", "greedy", "btsearch"] {
                #expect(exact <= (try #require(Self.number(found[figure]?[other]))), "\(figure) of \(other)")
            }
        }
        let area = try #require(Self.number(found["area"]?["exact"]))
        #expect(area <= 0.89 * (try #require(Self.number(found["area"]?["random_mean"]))))
        #expect(Self.number(found["arena_bytes"]) == Self.number(found["peak"]?["exact"]))
        let svg = try String(contentsOfFile: folder + "/memory.svg", encoding: .utf8)
        #expect(svg.contains("live tensors in MB"))
    }

    @Test(arguments: [["--steps", "0"], ["--random", "-1"], ["--json", "--svg", "-"]])
    func `what cannot be asked is refused with a sentence`(_ arguments: [String]) throws {
        let result = try Processes.run(
            Repository.program, ["order", Self.model] + arguments, requireSuccess: false)
        #expect(result.exitCode != 0)
        #expect(result.errors.contains("give"))
    }
}
