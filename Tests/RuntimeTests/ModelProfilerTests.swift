import Board
import Costs
import ModelGraph
import ONNXImport
import Runtime
import Synchronization
import TestKit
import Testing

/// Profiles of the digits model for real, with few samples, on a board whose clocks and sensor are made up.
@Suite(.serialized) struct ModelProfilerTests {
    private let policy = "/sys/devices/system/cpu/cpufreq/policy0"

    private func profiler(
        _ folder: String, clocks: ClockSetter? = nil, recorder: PowerRecorder? = nil, availableBytes: Int? = nil,
        isStopped: @escaping @Sendable () -> Bool = { false }
    ) throws -> ModelProfiler {
        let loader = try BundleLoader(
            model: try ImportedModel.load(path: Support.fixture("digits/digits.onnx")), granularity: .layer,
            folder: folder + "/weights", threads: 1, runtime: try Support.runtime.get())
        return ModelProfiler(
            loader: loader, clocks: clocks, recorder: recorder, samples: 3, availableBytes: { availableBytes },
            isStopped: isStopped)
    }

    @Test func `every bundle is measured at every clock, and the clocks are put back`() throws {
        try Support.withFolder { folder in
            var files = MadeUpBoards.raspberryPi4
            // A file tells no clock that follows; its limit has to do.
            files["\(policy)/scaling_cur_freq"] = nil
            let tree = try MadeUpTree(files)
            let root = SystemRoot(path: tree.path)
            let control = FrequencyControl(root: root, stateDirectory: folder)
            let clocks = try #require(
                ClockSetter(control: control, domains: BoardInventory.discover(root).cpuPolicies))
            let profiler = try profiler(folder, clocks: clocks)
            let plan = try ProfilePlan(
                layerCount: profiler.loader.layers.count, frequenciesHz: [600e6, 1500e6], maximumBundleSize: 2)
            var kept: [ProfilePlan.Step] = []
            let run = try profiler.run(plan) { step, measurement in
                let limit = try tree.text("\(policy)/scaling_max_freq")
                #expect(limit == "\(Int((step.frequencyHz ?? 0) / 1000))")
                #expect(measurement.latencyS > 0 && measurement.samples == 3 && measurement.energyJ == nil)
                kept.append(step)
            }
            #expect(kept == plan.steps && run.skipped.isEmpty && !run.isStopped)
            #expect(control.restore().outcome == .restored)
            for name in ["scaling_max_freq", "scaling_min_freq", "scaling_governor"] {
                #expect(try tree.text("\(policy)/\(name)") == files["\(policy)/\(name)"])
            }
        }
    }

    @Test func `stopped and begun again it measures the rest and nothing twice`() throws {
        try Support.withFolder { folder in
            let path = folder + "/digits.csv"
            let count = Mutex(0)
            var counts: [Int] = []
            while counts.last != 0, counts.count < 20 {
                let log = try ProfileLog(path, model: "digits")
                count.withLock { $0 = 0 }
                let profiler = try profiler(folder) { count.withLock { $0 >= 4 } }
                let names = profiler.loader.layers.map(\.name)
                let known = try BundleProfile(model: "digits", layerNames: names, entries: log.entries)
                let plan = try ProfilePlan(
                    layerCount: names.count, frequenciesHz: [nil], maximumBundleSize: 2,
                    done: Set(known.measurements.map { .init(first: $0.bundle.first, last: $0.bundle.last) }))
                _ = try profiler.run(plan) { step, measurement in
                    try log.append(
                        ProfileEntry(
                            device: "pi", first: names[step.first], last: names[step.last],
                            latencyS: measurement.latencyS))
                    count.withLock { $0 += 1 }
                }
                counts.append(count.withLock { $0 })
            }
            let layers = try profiler(folder).loader.layers.count
            #expect(counts.dropLast().allSatisfy { (1...4).contains($0) })
            #expect(counts.reduce(0, +) == profileCount(layers: layers, devices: 1, maximumBundleSize: 2))
            let names = try profiler(folder).loader.layers.map(\.name)
            let profile = try ProfileFile.load(path, model: "digits", layerNames: names)
            #expect(profile.missingCount(device: "pi") == 0 && profile.supersededCount == 0)
        }
    }

    @Test func `energy is the sensor's power over the time of a run, and unknown once the sensor fails`() throws {
        try Support.withFolder { folder in
            let hwmon = "/sys/class/hwmon/hwmon0"
            let tree = try MadeUpTree(["\(hwmon)/name": "meter", "\(hwmon)/power1_input": "5000000"])
            let root = SystemRoot(path: tree.path)
            let sensors = BoardInventory.discover(root).sensors
            let recorder = try #require(PowerRecorder(root: root, sensors: sensors))
            defer { recorder.stop() }
            let profiler = try profiler(folder, recorder: recorder)
            // One bundle is enough: its window is two seconds, however short it is.
            func measure() throws -> ProfileRun.Measurement? {
                var measured: ProfileRun.Measurement?
                let all = try ProfilePlan(
                    layerCount: profiler.loader.layers.count, frequenciesHz: [nil], maximumBundleSize: 1)
                let plan = try ProfilePlan(
                    layerCount: profiler.loader.layers.count, frequenciesHz: [nil], maximumBundleSize: 1,
                    done: Set(all.steps.dropFirst()))
                _ = try profiler.run(plan) { measured = $1 }
                return measured
            }
            let good = try #require(try measure())
            let energyJ = try #require(good.energyJ)
            // A steady 5 W over the window, for each run in it: runs of another moment may take twice as long.
            let words = good.method.split(separator: " ")
            let place = try #require(words.firstIndex(of: "runs"))
            let (runs, windowS) = (try #require(Double(words[place - 1])), try #require(Double(words[place + 2])))
            #expect((2..<3).contains(windowS) && energyJ < 5 * 2.0 / 3)
            #expect(abs(energyJ * runs / (5 * windowS) - 1) < 0.02)
            #expect(good.method.hasSuffix("by \(recorder.name)"))

            try tree.write("what", to: "\(hwmon)/power1_input")
            let bad = try #require(try measure())
            #expect(bad.energyJ == nil && bad.latencyS > 0)
            #expect(bad.method.contains("no energy: "))
        }
    }

    @Test func `a bundle that does not fit is named with what to do`() throws {
        try Support.withFolder { folder in
            let profiler = try profiler(folder, availableBytes: 1 << 20)
            let plan = try ProfilePlan(
                layerCount: profiler.loader.layers.count, frequenciesHz: [nil], maximumBundleSize: 1)
            let run = try profiler.run(plan) { _, _ in Issue.record("nothing fits") }
            #expect(run.skipped.count == plan.steps.count)
            let reason = try #require(run.skipped.first?.reason)
            #expect(reason.contains("1048576 are available; measure it on a larger board"))
        }
    }
}
