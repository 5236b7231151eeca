/// What a virtual board is made of. Everything about it that does not change while it runs.
public struct BoardHardware: Sendable, Equatable {
    /// A clock that can be set: the processor's, or an accelerator's.
    public struct Clock: Sendable, Equatable {
        /// A frequency and the voltage that it needs.
        public struct Point: Sendable, Equatable {
            public var frequencyHz: Double
            public var voltageV: Double

            public init(frequencyHz: Double, voltageV: Double) {
                self.frequencyHz = frequencyHz
                self.voltageV = voltageV
            }
        }

        /// Ascending by frequency; at least one.
        public var points: [Point]
        /// Effective switched capacitance: power while all cores compute is this times V² f.
        public var capacitanceF: Double
        public var governor: String

        public init(points: [Point], capacitanceF: Double, governor: String) {
            self.points = points
            self.capacitanceF = capacitanceF
            self.governor = governor
        }

        /// What computing adds to the board's power at the point of this index, in W: C V² f.
        public func dynamicPowerW(at index: Int) -> Double {
            capacitanceF * points[index].voltageV * points[index].voltageV * points[index].frequencyHz
        }

        /// Speed at the point of this index, as a part of the highest.
        public func relativeSpeed(at index: Int) -> Double {
            points[index].frequencyHz / points[points.count - 1].frequencyHz
        }
    }

    /// A first-order body: dT/dt = (ambient + resistance × power - T) / time constant.
    public struct Thermal: Sendable, Equatable {
        public var ambientC: Double
        public var resistanceCPerW: Double
        public var timeConstantS: Double
        /// At or above this the compute clock's limit goes down a step at each poll.
        public var passiveTripC: Double
        /// The limit goes up a step at each poll below the trip by more than this.
        public var hysteresisC: Double
        public var criticalTripC: Double
        public var pollS: Double

        public init(
            ambientC: Double = 25, resistanceCPerW: Double = 8, timeConstantS: Double = 20, passiveTripC: Double = 80,
            hysteresisC: Double = 3, criticalTripC: Double = 100, pollS: Double = 0.5
        ) {
            self.ambientC = ambientC
            self.resistanceCPerW = resistanceCPerW
            self.timeConstantS = timeConstantS
            self.passiveTripC = passiveTripC
            self.hysteresisC = hysteresisC
            self.criticalTripC = criticalTripC
            self.pollS = pollS
        }
    }

    /// How the board tells its power.
    public enum PowerSensor: String, Sendable, Codable, CaseIterable {
        /// `power1_input` in µW.
        case hwmon
        /// `in1_input` in mV and `curr1_input` in mA.
        case ina3221
        /// `energy_uj`, which counts up and wraps.
        case powercap
        case none
    }

    /// Which clock sets the speed of the board.
    public enum ComputeClock: Sendable, Equatable { case processor, accelerator }

    /// As `/proc/device-tree/model` has it; nil where there is no device tree.
    public var model: String?
    /// Cores of this machine that the board has at its highest frequency.
    public var cores: Double
    /// The processor of this machine that the board runs on, by its number (nil: any).
    public var processorNumber: Int?
    public var processor: Clock
    /// Cores that the board says that it has.
    public var processorCount: Int
    public var accelerator: Clock?
    /// As in `/sys/class/devfreq`.
    public var acceleratorName: String
    public var computeClock: ComputeClock
    /// Of the whole board, without any load.
    public var staticPowerW: Double
    public var thermal: Thermal
    public var powerSensor: PowerSensor
    /// What a power reading is the mean of.
    public var sensorWindowS: Double
    public var supplyVoltageV: Double
    /// Of the whole board; also what its control group may take.
    public var memoryBytes: Int
    /// As in `/sys/class/net/eth0/speed`.
    public var networkMbitPerS: Int

    /// The clock that sets the speed.
    public var compute: Clock {
        switch computeClock {
        case .processor: processor
        case .accelerator: accelerator ?? processor
        }
    }

    /// Power of the whole board in W while it computes at the point of this index.
    public func computePowerW(at index: Int) -> Double { staticPowerW + compute.dynamicPowerW(at: index) }
}
