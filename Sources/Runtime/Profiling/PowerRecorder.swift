import Board
import Costs
@preconcurrency import Dispatch
import Glibc
import Synchronization

/// Reads a power meter on a thread of its own while something is measured, and tells the energy between two instants.
public final class PowerRecorder: Sendable {
    /// Between two looks; about what drivers of sensors refresh their files in.
    public static let period = Duration.milliseconds(50)
    /// A meter that gives no figure for so long has none.
    public static let patience = Duration.milliseconds(500)
    /// The shortest time over which energy is told: forty looks, so that one more or less at an end does not matter.
    public static let window = Duration.seconds(2)

    private struct State {
        var meter: PowerMeter
        var sensorGuard: SensorGuard
        var integrator = EnergyIntegrator()
        var fault: BoardFault?
        var isStopped = false
    }

    /// The sensors' names, as a person reads them.
    public let name: String
    private let state: Mutex<State>
    private let ended = DispatchSemaphore(value: 0)

    /// Starts to read. Nil where there is no sensor.
    public init?(root: SystemRoot, sensors: [PowerSensor]) {
        guard !sensors.isEmpty else { return nil }
        name = sensors.map(\.name).joined(separator: " + ")
        state = Mutex(
            State(meter: PowerMeter(root: root, sensors: sensors), sensorGuard: SensorGuard(name: name)))
        DispatchQueue(label: "lamella.power").async { [self] in
            while !state.withLock({ $0.isStopped }) {
                _ = look()
                usleep(UInt32(Self.period / .microseconds(1)))
            }
            ended.signal()
        }
    }

    /// Returns once nothing is read any more. To be called once.
    public func stop() {
        state.withLock { $0.isStopped = true }
        ended.wait()
    }

    /// Why there is no figure; nil where there is one.
    public var fault: BoardFault? { state.withLock { $0.fault } }

    /// Looks at the meter now.
    ///
    /// - Returns: the instant of a good sample; nil where the meter gives none.
    public func mark() -> Duration? {
        let deadline = MonotonicClock.now + Self.patience
        while MonotonicClock.now < deadline {
            if let instant = look() { return instant }
            if fault != nil { return nil }
            usleep(5000)
        }
        return nil
    }

    /// Joules between two marks; nil where the meter was silent in between.
    public func energyJ(from start: Duration, to end: Duration) -> Double? {
        state.withLock { state in (try? state.integrator.energy(from: start, to: end))?.energyJ }
    }

    private func look() -> Duration? {
        state.withLock { state in
            let now = MonotonicClock.now
            let reading = state.meter.read(now: now)
            if case .pending = reading { return nil }
            let (sample, event) = state.sensorGuard.handle(reading, load: nil)
            if case .lost(let fault) = event { state.fault = fault }
            guard let sample, state.integrator.add(sample) == nil else { return nil }
            state.fault = nil
            return now
        }
    }
}
