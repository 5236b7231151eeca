/// Conversions between the units of the feeds and those of the cost model.
public enum CarbonUnits {
    /// An international pound (1959 agreement), exactly.
    public static let gramsPerPound = 453.592_37
    /// 3.6e6, exactly.
    public static let joulesPerKWh = 3_600_000.0

    /// WattTime's pounds of CO₂ per MWh as g/kWh: times 0.45359237.
    public static func gramsPerKWh(poundsPerMWh: Double) -> Double { poundsPerMWh * gramsPerPound / 1000 }

    /// Grams of CO₂ for an energy in joules; 1 g/kWh is 2.7778e-4 mg/J (dissertation, chapter 9).
    public static func grams(energyJ: Double, intensityGPerKWh: Double) -> Double {
        energyJ * intensityGPerKWh / joulesPerKWh
    }
}
