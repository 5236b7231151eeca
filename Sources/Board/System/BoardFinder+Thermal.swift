/// Temperatures and the points at which the kernel reacts to them.
extension BoardFinder {
    private static let folder = "/sys/class/thermal"
    /// What drivers write for a point that is switched off: below absolute zero.
    private static let unsetMilliCelsius = -273_000

    mutating func thermalZones() -> [ThermalZone] {
        folders(in: Self.folder, prefix: "thermal_zone", atMost: BoardLimits.maximumZones).map { name in
            let path = Self.folder + "/" + name
            let type = attemptIfThere("what it measures is unknown") { root throws(BoardFault) in
                try root.text(path + "/type")
            }
            let celsius = attempt("this temperature is unknown") { root throws(BoardFault) in
                Double(try root.integer(path + "/temp", in: BoardLimits.milliCelsius)) / 1000
            }
            return ThermalZone(
                name: name, type: type, path: path, celsius: celsius, tripPoints: tripPoints(path))
        }
    }

    private mutating func tripPoints(_ path: String) -> [ThermalZone.TripPoint] {
        var points: [ThermalZone.TripPoint] = []
        for number in 0..<BoardLimits.maximumTripPoints {
            let (typePath, temperaturePath) = (
                "\(path)/trip_point_\(number)_type", "\(path)/trip_point_\(number)_temp"
            )
            guard root.exists(typePath) || root.exists(temperaturePath) else { break }
            let meaning = "when the kernel slows the board down is not fully known"
            let type = attempt(meaning) { root throws(BoardFault) in try root.text(typePath) }
            let celsius: Double?? = attempt(meaning) { root throws(BoardFault) in
                let text = try root.text(temperaturePath)
                if let value = Int(text), value <= Self.unsetMilliCelsius { return nil }
                return Double(try SystemRoot.integer(text, temperaturePath, in: BoardLimits.milliCelsius)) / 1000
            }
            if let type, let celsius = celsius ?? nil {
                points.append(ThermalZone.TripPoint(type: type, celsius: celsius))
            }
        }
        return points
    }
}
