import Glibc

/// The board's temperature, and how far it makes the compute clock step down.
///
/// The body is of first order; the cooling is the kernel's step-wise governor (drivers/thermal/gov_step_wise.c): one
/// step down at each poll at or above the passive trip, one step up at each poll below it by more than the hysteresis.
struct ThermalModel: Sendable, Equatable {
    private(set) var temperatureC: Double
    /// Steps below the highest frequency; 0: not throttled.
    private(set) var coolingSteps = 0
    /// What surrounds the board; a scenario may change it.
    var ambientC: Double
    private var nextPollS: Double?
    private let thermal: BoardHardware.Thermal
    private let maximumSteps: Int

    init(_ thermal: BoardHardware.Thermal, idlePowerW: Double, maximumSteps: Int) {
        self.thermal = thermal
        self.maximumSteps = maximumSteps
        ambientC = thermal.ambientC
        // As if the board had been idle for long.
        temperatureC = thermal.ambientC + thermal.resistanceCPerW * idlePowerW
    }

    /// Lets a time pass during which the board drew this mean power.
    mutating func advance(by intervalS: Double, to nowS: Double, powerW: Double) {
        let settledC = ambientC + thermal.resistanceCPerW * powerW
        // Exact for a constant power, so that the result does not depend on how finely time is cut.
        temperatureC = settledC + (temperatureC - settledC) * exp(-intervalS / thermal.timeConstantS)
        guard let due = nextPollS else {
            nextPollS = nowS + thermal.pollS
            return
        }
        guard nowS >= due else { return }
        nextPollS = nowS + thermal.pollS
        if temperatureC >= thermal.criticalTripC {
            coolingSteps = maximumSteps
        } else if temperatureC >= thermal.passiveTripC {
            coolingSteps = min(coolingSteps + 1, maximumSteps)
        } else if temperatureC < thermal.passiveTripC - thermal.hysteresisC {
            coolingSteps = max(coolingSteps - 1, 0)
        }
    }

    /// Sets the temperature, as a heat gun would.
    mutating func heat(to temperatureC: Double) { self.temperatureC = temperatureC }
}
