import Foundation
import Simulator
import Testing

@Suite struct SimulationTests {
    static let seedsPerRun: UInt64 = 50

    /// 40 runs of 50 seeds: 2,000 clusters with faults.
    @Test(arguments: UInt64(0)..<40) func everyPromiseHoldsUnderFaults(run: UInt64) {
        var answered = 0
        for seed in (run * Self.seedsPerRun + 1)...((run + 1) * Self.seedsPerRun) {
            var simulation = Simulation(seed: seed)
            let report = simulation.run()
            #expect(report.violations.isEmpty, "lamella simulate --seed \(seed) --trace")
            answered += report.counts.requestsAnswered
        }
        #expect(answered > 0)
    }

    @Test(arguments: UInt64(1)...20) func theSameSeedGivesTheSameTrace(seed: UInt64) {
        var settings = SimulationSettings()
        settings.keepsTrace = true
        var first = Simulation(seed: seed, settings: settings)
        var second = Simulation(seed: seed, settings: settings)
        let report = first.run()
        #expect(report == second.run())
        #expect(report.trace.count > 20)
    }

    @Test func anotherSeedGivesAnotherTrace() {
        var settings = SimulationSettings()
        settings.keepsTrace = true
        var first = Simulation(seed: 1, settings: settings)
        var second = Simulation(seed: 2, settings: settings)
        #expect(first.run().traceHash != second.run().traceHash)
    }

    @Test(arguments: UInt64(1)...20) func withoutFaultsEveryRequestUnderAPlanIsAnsweredAndTheLeaderStays(seed: UInt64) {
        var settings = SimulationSettings()
        settings.faults = false
        settings.boards = 4
        var simulation = Simulation(seed: seed, settings: settings)
        let report = simulation.run()
        #expect(report.violations.isEmpty)
        #expect(report.counts.leaderships == 1)
        if report.counts.plansCommitted > 0 { #expect(report.counts.requestsFailed == 0) }
    }

    /// What a broken rule must be caught by.
    static let broken: [(SimulationSettings.BrokenRule, String)] = [
        (.fenceIgnoresPlanIDs, "after the newer"),
        (.termNotPersisted, "two leaders in term"),
        (.nothingPersisted, "leader"),
        (.ledgerIsNotAsked, "answered"),
        (.requestsAreForgotten, "is open"),
        (.leadersAreDeaf, "not whole"),
    ]

    @Test(arguments: broken) func aBrokenRuleIsCaught(rule: SimulationSettings.BrokenRule, sentence: String) {
        var settings = SimulationSettings()
        settings.brokenRule = rule
        if rule == .fenceIgnoresPlanIDs { settings.isBusy = true }
        var caught: [String] = []
        for seed in 1...2000 {
            var simulation = Simulation(seed: UInt64(seed), settings: settings)
            caught = simulation.run().violations
            if !caught.isEmpty { break }
        }
        #expect(caught.first?.contains(sentence) == true, "\(rule): \(caught)")
    }

    @Test func theJSONCarriesTheNumbersAndNotTheTrace() throws {
        var simulation = Simulation(seed: 5)
        let report = simulation.run()
        let data = try JSONEncoder().encode(report)
        let object = try JSONSerialization.jsonObject(with: data) as? [String: Any]
        #expect(object?["seed"] as? Int == 5)
        #expect(object?["requests_answered"] as? Int == report.counts.requestsAnswered)
        #expect(object?["violations"] as? [String] == [])
        #expect(object?["trace"] == nil)
    }

    @Test func theSummaryNamesTheSeedAndWhatCameOfIt() {
        var simulation = Simulation(seed: 5)
        let report = simulation.run()
        #expect(report.summary.hasPrefix("seed 5: "))
        #expect(report.summary.hasSuffix("every promise held"))
    }
}
