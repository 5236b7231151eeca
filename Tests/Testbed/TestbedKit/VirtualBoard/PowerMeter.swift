/// The board's energy, and what its sensor says of its power.
///
/// A real sensor tells the mean over its last conversion; so does this one.
struct PowerMeter: Sendable, Equatable {
    /// What the board has really used.
    private(set) var energyJ = 0.0
    /// The mean of the last whole conversion.
    private(set) var readingW: Double
    private var conversionStart: (atS: Double, energyJ: Double)?
    private let windowS: Double

    init(windowS: Double, idlePowerW: Double) {
        self.windowS = windowS
        readingW = idlePowerW
    }

    mutating func advance(to nowS: Double, addingJ addedJ: Double) {
        energyJ += addedJ
        guard let start = conversionStart else {
            conversionStart = (nowS, energyJ)
            return
        }
        let passedS = nowS - start.atS
        guard passedS >= windowS, passedS > 0 else { return }
        readingW = (energyJ - start.energyJ) / passedS
        conversionStart = (nowS, energyJ)
    }

    static func == (left: PowerMeter, right: PowerMeter) -> Bool {
        left.energyJ == right.energyJ && left.readingW == right.readingW && left.windowS == right.windowS
            && left.conversionStart?.atS == right.conversionStart?.atS
            && left.conversionStart?.energyJ == right.conversionStart?.energyJ
    }
}
