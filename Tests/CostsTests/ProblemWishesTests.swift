import Costs
import TestKit
import Testing

@Suite struct ProblemWishesTests {
    private static func sentence(_ wishes: ProblemWishes, _ problem: Problem = HandMadeProblem.make()) -> String {
        do {
            _ = try wishes.applied(to: problem)
            return ""
        } catch { return error.description }
    }

    @Test func `what is not wished for stays`() throws {
        let problem = HandMadeProblem.make()
        #expect(try ProblemWishes().applied(to: problem) == problem)
    }

    @Test func `every wish is in the problem`() throws {
        var wishes = ProblemWishes()
        wishes.service = .continuous
        wishes.wantedThroughputPerS = 2
        wishes.costModel = .published
        wishes.isPreloading = false
        wishes.maximumLatencyS = 3
        wishes.minimumThroughputPerS = 1
        wishes.privateCount = 1
        wishes.privateLayers = ["two"]
        wishes.maximumEntries = 2
        wishes.maximumBundleSize = 4
        let asked = try wishes.applied(to: HandMadeProblem.make())
        #expect(asked.service == .continuous)
        #expect(asked.wantedThroughputPerS == 2)
        #expect(asked.costModel == .published)
        #expect(asked.weights == .everyInference)
        #expect(
            asked.constraints
                == Constraints(
                    maximumLatencyS: 3, minimumThroughputPerS: 1, privateLayers: [0, 1, 2], maximumEntries: 2,
                    maximumBundleSize: 4))
    }

    @Test func `a pin and an energy limit take the place of those that there are`() throws {
        var problem = HandMadeProblem.make()
        problem.pins = [Pin(layer: 1, device: "A")]
        problem.constraints.maximumEnergy = [.init(device: "B", energyJ: 1)]
        for index in problem.devices.indices {
            problem.devices[index].computePowerW = 5
            problem.devices[index].idlePowerW = 1
            problem.devices[index].transferPower = .wifi
        }
        var wishes = ProblemWishes()
        wishes.pins = [.init(layer: "one", device: "B")]
        wishes.maximumEnergy = [.init(device: "B", energyJ: 7)]
        let asked = try wishes.applied(to: problem)
        #expect(asked.pins == [Pin(layer: 1, device: "B")])
        #expect(asked.constraints.maximumEnergy == [.init(device: "B", energyJ: 7)])
    }

    @Test func `least cycle and a wanted throughput are of a continuous service`() throws {
        var wishes = ProblemWishes()
        wishes.objective = .throughput
        #expect(try wishes.applied(to: HandMadeProblem.make()).service == .continuous)
        wishes.service = .oneAtATime
        #expect(Self.sentence(wishes).contains("throughput needs the service continuous"))
    }

    @Test func `what is not there is answered with what there is`() {
        var wishes = ProblemWishes()
        wishes.pins = [.init(layer: "three", device: "A")]
        #expect(
            Self.sentence(wishes)
                == "pin of layer three: hand-made has no layer of this name; the layers are source, one, two, "
                + "destination")
        wishes.pins = [.init(layer: "one", device: "C")]
        #expect(Self.sentence(wishes) == "pin of layer one: there is no device C; the devices are A, B")
        wishes = ProblemWishes()
        wishes.maximumEnergy = [.init(device: "C", energyJ: 1)]
        #expect(Self.sentence(wishes) == "energy limit of C: there is no device C; the devices are A, B")
        wishes = ProblemWishes()
        wishes.privateLayers = ["x"]
        #expect(Self.sentence(wishes).hasPrefix("private layer x: hand-made has no layer of this name"))
    }

    @Test(arguments: [0, -1, 3])
    func `more private layers than the model has are refused`(count: Int) {
        var wishes = ProblemWishes()
        wishes.privateCount = count
        #expect(Self.sentence(wishes).contains("give a number from 1 to 2"))
    }

    @Test func `an energy that nobody knows is named`() {
        var wishes = ProblemWishes()
        wishes.objective = .energy
        #expect(Self.sentence(wishes).contains("device A: compute_power_w is unknown"))
    }
}
