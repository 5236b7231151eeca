import Board
import Costs

/// Runs a bundle often enough to know its latency and, where a meter tells, its energy. Calls block.
struct BundleSampler {
    /// Runs before the first sample: caches, arenas and the clock's governor.
    static let warmUpRuns = 3
    /// With a meter the board's power has to be that of the bundle when the window begins.
    static let warmUpWithMeter = Duration.milliseconds(250)

    let samples: Int
    let recorder: PowerRecorder?
    /// Ends the method's sentence: threads, library.
    let setting: String
    let isStopped: @Sendable () -> Bool

    /// - Returns: nil where it was stopped.
    func measure(_ bundle: LoadedBundle) throws -> ProfileRun.Measurement? {
        let begin = MonotonicClock.now
        var runs = 0
        while runs < Self.warmUpRuns || recorder != nil && MonotonicClock.now - begin < Self.warmUpWithMeter {
            if isStopped() { return nil }
            try bundle.run()
            runs += 1
        }
        var latenciesS: [Double] = []
        latenciesS.reserveCapacity(samples)
        runs = 0
        let start = recorder?.mark()
        var now = MonotonicClock.now
        let first = now
        // The window is long against the sensor's period, however short the bundle is.
        while runs < samples || start != nil && now - first < PowerRecorder.window {
            if isStopped() { return nil }
            let before = MonotonicClock.now
            try bundle.run()
            now = MonotonicClock.now
            if latenciesS.count < samples { latenciesS.append((now - before).inSeconds) }
            runs += 1
        }
        let mean = try TrimmedMean(latenciesS)
        var method = "mean of the middle \(mean.keptCount); \(setting)"
        var energyJ: Double?
        if let recorder {
            let end = start == nil ? nil : recorder.mark()
            if let start, let end, let windowJ = recorder.energyJ(from: start, to: end) {
                energyJ = windowJ / Double(runs)
                let windowS = ((end - start).inSeconds * 100).rounded() / 100
                method += "; energy of \(runs) runs in \(windowS) s by \(recorder.name)"
            } else {
                method += "; no energy: \(recorder.fault?.problem ?? "\(recorder.name) was silent")"
            }
        }
        return ProfileRun.Measurement(
            latencyS: mean.mean, spreadS: mean.spread, samples: latenciesS.count, energyJ: energyJ, method: method)
    }
}
