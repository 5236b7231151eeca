import Board
import Costs

/// Carries out a profile: loads, sets clocks, measures, and hands over each measurement. Blocks for as long as that
/// takes: on a thread of its own.
public struct ModelProfiler: Sendable {
    public let loader: BundleLoader
    /// Nil: the clock stays as it is.
    public let clocks: ClockSetter?
    /// Nil: energy is not measured.
    public let recorder: PowerRecorder?
    public let samples: Int
    /// Memory that is free now; nil: unknown.
    public let availableBytes: @Sendable () -> Int?
    public let isStopped: @Sendable () -> Bool

    public init(
        loader: BundleLoader, clocks: ClockSetter?, recorder: PowerRecorder?, samples: Int,
        availableBytes: @escaping @Sendable () -> Int?, isStopped: @escaping @Sendable () -> Bool
    ) {
        self.loader = loader
        self.clocks = clocks
        self.recorder = recorder
        self.samples = samples
        self.availableBytes = availableBytes
        self.isStopped = isStopped
    }

    /// - Parameters:
    ///   - keep: writes a measurement down; what it throws ends the profile.
    ///   - show: called whenever something moved.
    /// - Returns: how it went. Clocks are left as they are: putting them back is the caller's, whatever happens here.
    public func run(
        _ plan: ProfilePlan, keep: (ProfilePlan.Step, ProfileRun.Measurement) throws -> Void,
        show: (ProfileRun) -> Void = { _ in }
    ) throws -> ProfileRun {
        var run = ProfileRun(plan, flop: loader.layers.map { Double($0.flop) })
        var bundle: LoadedBundle?
        var effects = run.start(now: MonotonicClock.now)
        while true {
            show(run)
            var input: ProfileRun.Input?
            for effect in effects {
                switch effect {
                case .keep(let step, let measurement): try keep(step, measurement)
                case .finish: return run
                // What was measured is kept first; nothing new is begun.
                case _ where isStopped(): input = .stop
                case .load(let first, let last):
                    // The one before goes first: its memory may be what this one needs.
                    bundle = nil
                    do {
                        bundle = try loader.load(first...last, availableBytes: availableBytes())
                        input = .loaded
                    } catch {
                        input = .cannotLoad("\(error)")
                    }
                case .setClock(let frequencyHz): input = setClock(frequencyHz, bundle)
                case .measure(let step): input = measure(step, bundle)
                }
            }
            effects = run.handle(input ?? .stop, now: MonotonicClock.now)
        }
    }

    private func setClock(_ frequencyHz: Double, _ bundle: LoadedBundle?) -> ProfileRun.Input {
        guard let clocks else { return .clockIsRefused("the device has no clock that can be set") }
        do {
            return switch try clocks.set(frequencyHz, keepBusy: { try bundle?.run() }) {
            case .inForce: .clockIsSet
            case .notInForce(let why): .clockIsNotSet(why)
            case .refused(let why): .clockIsRefused(why)
            }
        } catch {
            return .cannotMeasure("\(error)")
        }
    }

    private func measure(_ step: ProfilePlan.Step, _ bundle: LoadedBundle?) -> ProfileRun.Input {
        guard let bundle else { return .cannotMeasure("the bundle is not loaded") }
        let threads = loader.threads
        let sampler = BundleSampler(
            samples: samples, recorder: recorder,
            setting: "\(threads) thread\(threads == 1 ? "" : "s"); ONNX Runtime \(loader.runtime.version)",
            isStopped: isStopped)
        do {
            guard let measurement = try sampler.measure(bundle) else { return .stop }
            // A board that became hot meanwhile was measured at another clock than the row would say.
            if let frequencyHz = step.frequencyHz, case .notInForce(let why)? = clocks?.check(frequencyHz) {
                return .clockIsNotSet(why)
            }
            return .measured(measurement)
        } catch {
            return .cannotMeasure("\(error)")
        }
    }
}
