import Agent
import Cluster
import Costs
import Testing

/// What a board takes from its requests for what messages and requests take.
@Suite struct WaitSamplesTests {
    private static let plan = PlanID(term: 1, leader: "a", sequence: 1)

    private func requests(_ latenciesS: [Double]) throws -> LatencyRecord.Figures {
        var record = LatencyRecord()
        record.add(9, model: "m", plan: Self.plan, wasAlone: false)
        for latencyS in latenciesS { record.add(latencyS, model: "m", plan: Self.plan, wasAlone: true) }
        return try #require(record.entries["m"]).alone
    }

    /// A plan of 0.5 s, 0.3 of them of computing.
    ///
    /// - Parameter parts: of the FLOP, for devices a and b.
    private func record(_ parts: [Double], sharing: Plan.Sharing? = nil) -> PlanRecord {
        let devices = zip(["a", "b"] as [DeviceID], parts).map { device, part in
            Plan.DeviceShare(id: device, peakMemoryBytes: 1, flopsShare: part, loadS: 0)
        }
        var plan = Plan(
            planner: "test", objective: .latency, latencyS: 0.5, computeS: 0.3, transferS: 0.2, weightsS: 0,
            layers: [.init(index: 0, name: "l0", device: "a")], devices: devices, solveS: 0, bound: nil, gap: nil,
            singleDevice: nil, inputs: [])
        plan.sharing = sharing
        let model = ModelRecord(
            name: "m", version: 1, graphSHA256: "00", graphBytes: 1, weightBytes: 1, holders: ["a"], source: "a",
            destination: "a")
        return PlanRecord(id: Self.plan, model: model, participants: ["a", "b"], reason: "test", plan: plan)
    }

    private func sharing(messages: Double?, eachS: Double?) -> Plan.Sharing {
        var sharing = Plan.Sharing(devices: ["a", "b"], source: 0, destination: 0, layouts: [])
        sharing.messages = messages
        sharing.messageS = eachS
        return sharing
    }

    private func figures(_ device: DeviceID, predictedS: Double?, measuredS: Double?) -> BoardPlans.Figures {
        BoardPlans.Figures(
            model: "m", plan: Self.plan, device: device, busyPredictedS: predictedS, busyMeasuredS: measuredS,
            memoryPredictedBytes: 1, runs: 10)
    }

    @Test func `messages are told the median, and what was assumed of them`() throws {
        let record = record([0.5, 0.5], sharing: sharing(messages: 4, eachS: 0.002))
        let sample = try #require(WaitBook.Sample.ofMessages(try requests([0.6, 0.7, 0.8]), record, own: nil))
        #expect(
            sample
                == WaitBook.Sample(
                    model: "m", plan: Self.plan, latencyS: 0.7, predictedS: 0.5, messages: 4, assumedS: 0.002,
                    totalRequests: 3))
    }

    @Test func `slower computing is not put down to messages, as far as the own part tells`() throws {
        let slower = figures("a", predictedS: 0.2, measuredS: 0.3)
        let half = record([0.5, 0.5], sharing: sharing(messages: 4, eachS: nil))
        let sample = try #require(WaitBook.Sample.ofMessages(try requests([0.7]), half, own: slower))
        // Computing of 0.3 s takes half as long again.
        #expect(abs(sample.predictedS - 0.65) < 1e-12 && sample.assumedS == 0)
        let hardlyAny = record([0.001, 0.999], sharing: sharing(messages: 4, eachS: nil))
        #expect(
            try #require(WaitBook.Sample.ofMessages(try requests([0.7]), hardlyAny, own: slower)).predictedS == 0.5)
        let notYet = figures("a", predictedS: 0.2, measuredS: nil)
        #expect(try #require(WaitBook.Sample.ofMessages(try requests([0.7]), half, own: notYet)).predictedS == 0.5)
    }

    @Test func `without requests alone, or messages, nothing is said of them`() throws {
        let shared = record([0.5, 0.5], sharing: sharing(messages: 4, eachS: nil))
        #expect(WaitBook.Sample.ofMessages(try requests([]), shared, own: nil) == nil)
        let unsaid = record([0.5, 0.5], sharing: sharing(messages: nil, eachS: nil))
        #expect(WaitBook.Sample.ofMessages(try requests([0.7]), unsaid, own: nil) == nil)
        #expect(WaitBook.Sample.ofMessages(try requests([0.7]), record([1, 0]), own: nil) == nil)
    }

    @Test func `a request's own cost is seen where its board computes everything`() throws {
        let own = figures("a", predictedS: 0.3, measuredS: 0.28)
        let sample = try #require(WaitBook.Sample.ofRequest(try requests([0.3]), record([1, 0]), own: own))
        #expect(
            sample
                == WaitBook.Sample(
                    model: "m", plan: Self.plan, latencyS: 0.3, predictedS: 0.28, messages: 1, assumedS: 0,
                    totalRequests: 1))
        #expect(WaitBook.Sample.ofRequest(try requests([0.3]), record([0.5, 0.5]), own: own) == nil)
        #expect(WaitBook.Sample.ofRequest(try requests([]), record([1, 0]), own: own) == nil)
        let notYet = figures("a", predictedS: 0.3, measuredS: nil)
        #expect(WaitBook.Sample.ofRequest(try requests([0.3]), record([1, 0]), own: notYet) == nil)
        let elsewhere = figures("b", predictedS: 0.3, measuredS: 0.28)
        #expect(WaitBook.Sample.ofRequest(try requests([0.3]), record([1, 0]), own: elsewhere) == nil)
    }
}
