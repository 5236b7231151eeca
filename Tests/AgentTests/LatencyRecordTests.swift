import Agent
import Cluster
import Testing

@Suite struct LatencyRecordTests {
    private func id(_ sequence: UInt64) -> PlanID { PlanID(term: 1, leader: "a", sequence: sequence) }

    @Test func `requests beside others count for the median of all, not for that of those alone`() throws {
        var record = LatencyRecord()
        for (latencyS, wasAlone) in [(0.1, true), (0.9, false), (0.2, true), (0.8, false), (0.3, true)] {
            record.add(latencyS, model: "m", plan: id(1), wasAlone: wasAlone)
        }
        let entry = try #require(record.entries["m"])
        #expect(entry.all.medianS == 0.3 && entry.all.count == 5)
        #expect(entry.alone.medianS == 0.2 && entry.alone.count == 3)
    }

    @Test func `the latest requests make the median, and all are counted`() throws {
        var record = LatencyRecord()
        for _ in 0..<LatencyRecord.window { record.add(1, model: "m", plan: id(1), wasAlone: true) }
        for _ in 0..<(LatencyRecord.window / 2 + 1) { record.add(2, model: "m", plan: id(1), wasAlone: true) }
        let entry = try #require(record.entries["m"])
        #expect(entry.alone.medianS == 2)
        #expect(entry.alone.count == LatencyRecord.window + LatencyRecord.window / 2 + 1)
    }

    @Test func `another plan begins anew, and models do not mix`() throws {
        var record = LatencyRecord()
        record.add(1, model: "m", plan: id(1), wasAlone: true)
        record.add(5, model: "n", plan: id(1), wasAlone: true)
        record.add(3, model: "m", plan: id(2), wasAlone: false)
        let entry = try #require(record.entries["m"])
        #expect(entry.plan == id(2) && entry.all.count == 1 && entry.all.medianS == 3)
        #expect(entry.alone.medianS == nil)
        #expect(record.entries["n"]?.all.medianS == 5)
    }
}
