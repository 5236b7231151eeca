import Costs
import JSON
import Testing

@Suite struct ProfileSummaryTests {
    static let clocksHz = [1e9, 2e9, 4e9]

    /// Four layers of 4, 8, 2 and 6 ms at 1 GHz, half as long at twice the clock; each border saves a tenth of a
    /// millisecond, and the board takes 2 W and 1 W more for each GHz.
    static func profile(pairs: Bool = true, extraS: Double = 0) throws -> BundleProfile {
        let alone = [0.004, 0.008, 0.002, 0.006]
        var entries: [ProfileEntry] = []
        for frequencyHz in clocksHz {
            func add(_ first: Int, _ last: Int, _ savedS: Double) {
                let latencyS = (alone[first...last].reduce(0, +) - savedS) * 1e9 / frequencyHz
                entries.append(
                    ProfileEntry(
                        device: "nano", frequencyHz: frequencyHz, first: "\(first)", last: "\(last)",
                        latencyS: latencyS, energyJ: latencyS * (2 + frequencyHz / 1e9),
                        measuredAtS: 1_700_000_000 + Double(entries.count)))
            }
            for layer in 0..<4 { add(layer, layer, 0) }
            if pairs { for layer in 0..<3 { add(layer, layer + 1, 0.0001) } }
            add(0, 3, 0.0003 + extraS)
        }
        return try BundleProfile(model: "m", layerNames: ["a", "b", "c", "d"], entries: entries)
    }

    @Test func `a bundle is its layers without what their borders save`() throws {
        let summary = try #require(ProfileSummary(try Self.profile(), graphSHA256: "00", device: "nano"))
        #expect(summary.clocks.map(\.frequencyHz) == Self.clocksHz && summary.layerCount == 4)
        let slow = try #require(summary.clock(atHz: 1e9))
        #expect(abs(slow.latencyS(first: 0, last: 3) - 0.0197) < 1e-6)
        #expect(abs(slow.latencyS(first: 1, last: 2) - 0.0099) < 1e-6)
        #expect(slow.latencyS(first: 2, last: 2) == 0.002)
        #expect(abs((slow.powerW ?? 0) - 3) < 1e-3)
        #expect(summary.measuredAt?.hasPrefix("2023-11-14T22:13") == true)
    }

    @Test func `longer bundles say what pairs do not`() throws {
        let summary = try #require(
            ProfileSummary(try Self.profile(extraS: 0.0006), graphSHA256: "00", device: "nano"))
        let slow = try #require(summary.clock(atHz: 1e9))
        #expect(abs(slow.latencyS(first: 0, last: 3) - 0.0191) < 1e-5)
        // A third of the rest is each border's.
        #expect(abs(slow.latencyS(first: 0, last: 1) - 0.0117) < 1e-5)
        let without = try #require(
            ProfileSummary(try Self.profile(pairs: false), graphSHA256: "00", device: "nano"))
        #expect(abs(try #require(without.clock(atHz: 1e9)).latencyS(first: 0, last: 3) - 0.0197) < 1e-5)
    }

    @Test func `between clocks latency follows the period and energy its law, beyond there is nothing`() throws {
        let summary = try #require(ProfileSummary(try Self.profile(), graphSHA256: "00", device: "nano"))
        let between = try #require(summary.clock(atHz: 3e9))
        #expect(abs(between.latencyS(first: 0, last: 3) - 0.0197 / 3) < 1e-6)
        #expect(abs((between.powerW ?? 0) - 5) < 0.3)
        #expect(summary.clock(atHz: 0.9e9) == nil && summary.clock(atHz: 4.1e9) == nil)
        #expect(summary.clock(atHz: nil) == nil)
    }

    @Test func `nothing is summarized without every layer, and no other device`() throws {
        let profile = try Self.profile()
        #expect(ProfileSummary(profile, graphSHA256: "00", device: "pi") == nil)
        let some = try BundleProfile(
            model: "m", layerNames: ["a", "b"],
            entries: [ProfileEntry(device: "nano", first: "0", last: "0", latencyS: 1)])
        #expect(ProfileSummary(some, graphSHA256: "00", device: "nano") == nil)
    }

    @Test func `what is gossiped is read back, and what cannot be planned with is refused`() throws {
        let summary = try #require(ProfileSummary(try Self.profile(), graphSHA256: "00", device: "nano"))
        let text = try JSON.encode(summary)
        #expect(try JSON.decode(ProfileSummary.self, from: Array(text.utf8)) == summary)
        for (part, other) in [
            ("\"layers_s\":[", "\"layers_s\":[1,"), ("\"layers_s\":[", "\"layers_s\":[-"),
            ("\"clocks\":[", "\"clocks\":[],\"x\":["),
        ] {
            let bad = text.replacing(part, with: other, maxReplacements: 1)
            #expect(throws: (any Error).self, "\(other)") {
                try JSON.decode(ProfileSummary.self, from: Array(bad.utf8))
            }
        }
    }

    @Test func `a problem has every bundle of every clock, with its age and what the device took of late`() throws {
        let summary = try #require(ProfileSummary(try Self.profile(), graphSHA256: "00", device: "nano"))
        var nano = Device(id: "nano", flops: 1e9, memoryBandwidthBytesPerS: 1e9, memoryBytes: 1 << 30)
        nano.operatingPoints = [1e9, 3e9, 5e9].map { OperatingPoint(frequencyHz: $0, flops: $0, computePowerW: 9) }
        let layers =
            [
                PlannedLayer(
                    name: "source", kind: .source, flop: 0, weightBytes: 0, outputBytes: 4, activationPeakBytes: 4)
            ]
            + ["a", "b", "c", "d"].map {
                PlannedLayer(name: $0, flop: 1e6, weightBytes: 4, outputBytes: 4, activationPeakBytes: 4)
            }
            + [
                PlannedLayer(
                    name: "destination", kind: .destination, flop: 0, weightBytes: 0, outputBytes: 4,
                    activationPeakBytes: 4)
            ]
        let problem = Problem(
            model: "m", layers: layers, devices: [nano], links: [], source: "nano", destination: "nano")
        let measured = try problem.measured(by: [summary], nowS: 1_700_000_100) { _, frequencyHz in
            frequencyHz == 1e9 ? 2 : 1
        }
        // Ten bundles of four layers at each of the two clocks that lie within the measured ones.
        #expect(measured.bundles.count == 20)
        let whole = try #require(measured.bundles.first { $0.first == 1 && $0.last == 4 && $0.frequencyHz == 1e9 })
        #expect(abs(whole.latencyS - 2 * 0.0197) < 1e-5 && abs((whole.energyJ ?? 0) - 6 * 0.0197) < 1e-3)
        let input = try #require(measured.inputs.last)
        #expect(input.source.contains("1 beyond from FLOP/s") && (input.ageS ?? 0) > 70 && (input.ageS ?? 0) <= 100)
        var other = summary
        other.clocks[0].layersS.removeLast()
        other.clocks = Array(other.clocks.prefix(1))
        let unused = try problem.measured(by: [other])
        #expect(unused.bundles.isEmpty && unused.inputs.last?.source.contains("left out") == true)
    }

    @Test func `bundles stay below the limit`() {
        #expect(Problem.bundleSize(layers: 18, clocks: 40) == 18)
        let size = Problem.bundleSize(layers: 100, clocks: 40)
        #expect(profileCount(layers: 100, devices: 40, maximumBundleSize: size) <= Problem.maximumSummaryBundles)
        #expect(Problem.bundleSize(layers: 60_000, clocks: 64) == 1)
    }
}
