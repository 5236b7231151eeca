import Cluster
import Costs
import Testing

@Suite struct MoveEstimateTests {
    /// Two layers of 1 MB and 10 MFLOP between the pseudo layers, on boards that compute 1 GFLOP/s.
    private func problem(networkBytesPerS: Double? = nil) throws -> Problem {
        let devices = ["a", "b", "c"].map {
            Device(
                id: DeviceID($0), flops: 1e9, memoryBandwidthBytesPerS: 1e8, memoryBytes: 10_000_000,
                networkBandwidthBytesPerS: $0 == "b" ? networkBytesPerS : nil)
        }
        func layer(_ name: String, _ kind: PlannedLayer.Kind) -> PlannedLayer {
            let works = kind == .model
            return PlannedLayer(
                name: name, kind: kind, flop: works ? 1e7 : 0, weightBytes: works ? 1_000_000 : 0, outputBytes: 10,
                activationPeakBytes: 20)
        }
        return Problem(
            model: "m",
            layers: [
                layer("in", .source), layer("one", .model), layer("two", .model), layer("out", .destination),
            ],
            devices: devices,
            links: [
                Link(between: "a", "b", bandwidthBytesPerS: 1e6), Link(between: "c", "b", bandwidthBytesPerS: 4e6),
            ],
            source: "a", destination: "a")
    }

    /// 2 passes over 1 MB at 100 MB/s, 10 MFLOP at 1 GFLOP/s.
    private let layerS = 0.02 + 0.01

    private func isNear(_ left: Double?, _ right: Double) -> Bool { left.map { abs($0 - right) < 1e-9 } ?? false }

    @Test func `staying takes nothing`() throws {
        let all: [DeviceID] = ["a", "a", "b", "a"]
        #expect(try MoveEstimate.seconds(to: all, from: all, of: problem(), holders: ["a"]) == 0)
    }

    @Test func `a board that lacks weights fetches them over its best link to a holder, then loads`() throws {
        let new: [DeviceID] = ["a", "a", "b", "a"]
        let old: [DeviceID] = ["a", "a", "a", "a"]
        let move = try MoveEstimate.seconds(to: new, from: old, of: problem(), holders: ["a"])
        #expect(isNear(move, 1 + layerS + MoveEstimate.sessionS))
        let nearer = try MoveEstimate.seconds(to: new, from: old, of: problem(), holders: ["a", "c"])
        #expect(isNear(nearer, 0.25 + layerS + MoveEstimate.sessionS))
    }

    @Test func `the board's own end of a link may be the limit`() throws {
        let move = try MoveEstimate.seconds(
            to: ["a", "b", "b", "a"], from: nil, of: problem(networkBytesPerS: 5e5), holders: ["a"])
        #expect(isNear(move, 4 + 2 * layerS + MoveEstimate.sessionS))
    }

    @Test func `a holder only loads, and what a board runs already is not sent again`() throws {
        let home = try MoveEstimate.seconds(
            to: ["a", "a", "a", "a"], from: ["a", "b", "b", "a"], of: problem(), holders: ["a"])
        #expect(isNear(home, 2 * layerS + MoveEstimate.sessionS))
        let less = try MoveEstimate.seconds(
            to: ["a", "a", "b", "a"], from: ["a", "b", "b", "a"], of: problem(), holders: ["a"])
        #expect(isNear(less, layerS + MoveEstimate.sessionS))
    }

    @Test func `without a way from a holder nothing is known`() throws {
        #expect(try MoveEstimate.seconds(to: ["a", "c", "c", "a"], from: nil, of: problem(), holders: ["a"]) == nil)
        #expect(try MoveEstimate.seconds(to: ["a", "b", "b", "a"], from: nil, of: problem(), holders: []) == nil)
    }

    @Test func `a plan that saves less than its own move takes stays away`() throws {
        let policy = ReplanPolicy()
        let moveS = try MoveEstimate.seconds(
            to: ["a", "b", "b", "a"], from: ["a", "a", "a", "a"], of: problem(networkBytesPerS: 1e5), holders: ["a"])
        let decision = policy.decide(latencyS: 0.9, incumbentLatencyS: 1, moveS: moveS, sameAssignment: false)
        #expect(!decision.adopt, "\(moveS ?? .nan) s are more than the 6 s that are saved in a minute")
    }
}
