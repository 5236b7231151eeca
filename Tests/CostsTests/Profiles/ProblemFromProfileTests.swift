import Costs
import TestKit
import Testing

/// What a profile brings into a problem: what was measured, what is fitted between clocks, and what is refused.
@Suite struct ProblemFromProfileTests {
    private static let clocks = [0.6e9, 0.8e9, 1.0e9, 1.2e9]

    /// Device A with four clocks, B without.
    private static func problem() -> Problem {
        var problem = HandMadeProblem.make()
        let flops = problem.devices[0].flops
        problem.devices[0].operatingPoints = clocks.map {
            OperatingPoint(frequencyHz: $0, flops: flops * $0 / 1.2e9, computePowerW: 4)
        }
        return problem
    }

    /// t = 0.1 + 0.3e9 / f and E = 1e9 / f + 0.5 + 2 (f / 1e9)^2 for every layer at the given clocks.
    private static func profile(
        _ frequenciesHz: [Double], device: DeviceID = "A", withEnergy: Bool = true, extra: [ProfileEntry] = []
    ) throws -> BundleProfile {
        let problem = problem()
        let names = problem.layers.filter { $0.kind == .model }.map(\.name)
        var entries: [ProfileEntry] = []
        for frequencyHz in frequenciesHz {
            let share = frequencyHz / 1e9
            let energyJ: Double = 1 / share + 0.5 + 2 * share * share
            for name in names {
                entries.append(
                    ProfileEntry(
                        device: device, frequencyHz: frequencyHz, first: name, last: name,
                        latencyS: 0.1 + 0.3 / share, energyJ: withEnergy ? energyJ : nil))
            }
        }
        return try BundleProfile(model: "hand-made", layerNames: names, entries: entries + extra, file: "p.csv")
    }

    private static func sentence(_ profile: BundleProfile) -> String {
        do {
            _ = try problem().measured(by: profile)
            return "accepted"
        } catch {
            return error.description
        }
    }

    @Test func `a clock between measured ones is fitted, and one beyond them is not`() throws {
        let problem = try Self.problem().measured(by: Self.profile([0.6e9, 0.7e9, 1.0e9]))
        func bundles(_ frequencyHz: Double) -> [MeasuredBundle] {
            problem.bundles.filter { $0.frequencyHz == frequencyHz }
        }
        let layerCount = problem.layers.count { $0.kind == .model }
        let fitted = bundles(0.8e9)
        #expect(fitted.count == layerCount)
        for bundle in fitted {
            #expect(abs(bundle.latencyS - (0.1 + 0.3 / 0.8)) < 1e-9)
            // 1 / 0.8 + 0.5 + 2 * 0.8^2
            #expect(abs((bundle.energyJ ?? 0) - 3.03) < 1e-6)
        }
        #expect(bundles(0.6e9).count == layerCount && bundles(1.0e9).count == layerCount)
        #expect(bundles(1.2e9).isEmpty)
        let input = try #require(problem.inputs.first { $0.source.hasPrefix("fitted") })
        #expect(input.figure == "\(layerCount) bundles on A at 800 MHz")
        #expect(input.source == "fitted between measured clocks, latency and energy, off by up to 0.0 %")
        let missing = problem.inputs.filter { $0.figure.contains("not measured") }.map(\.figure)
        #expect(missing.contains { $0.hasPrefix("bundles on A at 1200 MHz") })
        #expect(!missing.contains { $0.hasPrefix("bundles on A at 800 MHz") })
        // Rows at 0.7 GHz are of no point, but they are what the fit rests on.
        #expect(!problem.inputs.contains { $0.source.contains("others are of no device") })
    }

    @Test func `with two clocks the latency alone is fitted`() throws {
        let problem = try Self.problem().measured(by: Self.profile([0.6e9, 1.2e9]))
        let fitted = problem.bundles.filter { $0.frequencyHz == 0.8e9 || $0.frequencyHz == 1.0e9 }
        #expect(!fitted.isEmpty)
        #expect(fitted.allSatisfy { $0.energyJ == nil })
        #expect(problem.inputs.contains { $0.source.contains("latency only") })
    }

    @Test func `what was measured at a clock is never replaced by a fit`() throws {
        let odd = ProfileEntry(device: "A", frequencyHz: 0.8e9, first: "one", last: "one", latencyS: 9)
        let problem = try Self.problem().measured(
            by: Self.profile([0.6e9, 1.0e9, 1.2e9], withEnergy: false, extra: [odd]))
        let one = try #require(problem.layers.firstIndex { $0.name == "one" })
        let own = problem.bundles.filter { $0.frequencyHz == 0.8e9 && $0.first == one }
        #expect(own.map(\.latencyS) == [9])
    }

    @Test func `an energy below the idle power is named with its line`() throws {
        var problem = Self.problem()
        problem.devices[0].idlePowerW = 2
        let row = ProfileEntry(
            device: "A", frequencyHz: 1.2e9, first: "one", last: "one", latencyS: 1, energyJ: 1.5, line: 7)
        let error = #expect(throws: ProblemError.self) {
            try problem.measured(
                by: BundleProfile(model: "hand-made", layerNames: ["one", "two"], entries: [row], file: "p.csv"))
        }
        #expect(
            error?.description
                == "p.csv:7: energy_j is 1.5, and A takes 2.0 J in that time when idle; measure the whole board, or "
                + "correct idle_power_w")
    }

    @Test func `a profile of other devices or other clocks is refused, a row among others is noted`() throws {
        #expect(
            Self.sentence(try Self.profile([1.2e9], device: "tpu"))
                == "profile p.csv: its rows are of tpu and the devices are A, B; give the rows the devices' ids, or "
                + "leave the profile out")
        #expect(
            Self.sentence(try Self.profile([1.1e9])).hasPrefix(
                "profile p.csv: its rows of A are at 1100 MHz and the device has 600 MHz, 800 MHz"))
        let other = ProfileEntry(device: "tpu", first: "one", last: "one", latencyS: 1)
        let problem = try Self.problem().measured(by: Self.profile([1.2e9], extra: [other]))
        #expect(
            problem.inputs.contains {
                $0.source == "measured, profile p.csv; 1 other row is of no device or frequency here"
            })
    }
}
