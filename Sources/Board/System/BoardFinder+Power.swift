/// Sensors of power, voltage, current and energy, and the supplies of the board.
extension BoardFinder {
    private static let unknownPower = "this power is not measured"

    mutating func powerSensors() -> [PowerSensor] {
        var sensors = hwmonSensors() + iioSensors() + energyCounters() + batterySensors()
        if sensors.isEmpty {
            note(
                BoardFault(
                    "/sys/class/hwmon", .missing, "the board has no power sensor",
                    consequence: "power is modelled from the device's figures, where they are known",
                    remedy: ["a SmartPower 3 measures any board: see smart_power_3 in agent.toml"]))
        }
        var seen: [String: Int] = [:]
        for index in sensors.indices {
            let count = seen[sensors[index].name, default: 0] + 1
            seen[sensors[index].name] = count
            if count > 1 { sensors[index].name += "#\(count)" }
        }
        return Array(sensors.prefix(BoardLimits.maximumSensors))
    }

    // MARK: hwmon

    private mutating func hwmonSensors() -> [PowerSensor] {
        let folder = "/sys/class/hwmon"
        return folders(in: folder, prefix: "hwmon", atMost: BoardLimits.maximumSensors).flatMap { name in
            chip(at: folder + "/" + name)
        }
    }

    private mutating func chip(at path: String) -> [PowerSensor] {
        let chip = attemptIfThere("the sensor has no name") { root throws(BoardFault) in try root.text(path + "/name") }
        guard let chip else { return [] }
        // Channels 4 and above of this chip are voltages of shunts and a sum of currents: no supply of their own.
        let rails = chip == "ina3221" ? 3 : BoardLimits.maximumRails
        var sensors: [PowerSensor] = []
        for number in 0...rails {
            let power = ["\(path)/power\(number)_input", "\(path)/power\(number)_average"].first { root.exists($0) }
            let (voltage, current) = ("\(path)/in\(number)_input", "\(path)/curr\(number)_input")
            if let power {
                sensors.append(
                    sensor(
                        chip, "\(number)", label("\(path)/power\(number)_label"), .power,
                        [PowerSensor.Attribute(path: power, unit: 1e-6)]))
            } else if root.exists(voltage), root.exists(current) {
                let label = label("\(path)/in\(number)_label") ?? label("\(path)/curr\(number)_label")
                // Not connected, as boards that use some channels only say it.
                if label == "NC" { continue }
                sensors.append(
                    sensor(
                        chip, "\(number)", label, .voltageTimesCurrent,
                        [
                            PowerSensor.Attribute(path: voltage, unit: 1e-3),
                            PowerSensor.Attribute(path: current, unit: 1e-3),
                        ]))
            }
        }
        return sensors
    }

    /// The INA3221 of Jetson kernels before 5.10: an iio device with names of its own.
    private mutating func iioSensors() -> [PowerSensor] {
        let folder = "/sys/bus/iio/devices"
        var sensors: [PowerSensor] = []
        for name in folders(in: folder, prefix: "iio:device", atMost: BoardLimits.maximumSensors) {
            let path = folder + "/" + name
            let chip = attemptIfThere("the sensor has no name") { root throws(BoardFault) in
                try root.text(path + "/name")
            }
            for number in 0..<BoardLimits.maximumRails {
                let power = "\(path)/in_power\(number)_input"
                let (voltage, current) = ("\(path)/in_voltage\(number)_input", "\(path)/in_current\(number)_input")
                let label = label("\(path)/rail_name_\(number)")
                if root.exists(power) {
                    sensors.append(
                        sensor(
                            chip ?? name, "\(number)", label, .power, [PowerSensor.Attribute(path: power, unit: 1e-3)]))
                } else if root.exists(voltage), root.exists(current) {
                    sensors.append(
                        sensor(
                            chip ?? name, "\(number)", label, .voltageTimesCurrent,
                            [
                                PowerSensor.Attribute(path: voltage, unit: 1e-3),
                                PowerSensor.Attribute(path: current, unit: 1e-3),
                            ]))
                }
            }
        }
        return sensors
    }

    private mutating func label(_ path: String) -> String? {
        attemptIfThere("the rail has no name") { root throws(BoardFault) in try root.text(path) }
    }

    private mutating func sensor(
        _ chip: String, _ number: String, _ label: String?, _ kind: PowerSensor.Kind,
        _ attributes: [PowerSensor.Attribute], scope: PowerSensor.Scope? = nil
    ) -> PowerSensor {
        var sensor = PowerSensor(
            name: "\(chip)/\(label ?? number)", chip: chip, label: label, kind: kind,
            scope: scope ?? Self.scope(label), attributes: attributes)
        sensor.powerW = attempt(Self.unknownPower) { root throws(BoardFault) in
            try PowerMeter.look(at: sensor, root).powerW
        }
        return sensor
    }

    /// Rails whose names say that everything else hangs on them, and others of the same boards.
    private static func scope(_ label: String?) -> PowerSensor.Scope {
        guard let label else { return .unknown }
        if ["POM_5V_IN", "VDD_IN"].contains(label) { return .board }
        return label.hasPrefix("POM_5V_") || label.hasPrefix("VDD_") ? .part : .unknown
    }

    // MARK: powercap

    private mutating func energyCounters() -> [PowerSensor] {
        let folder = "/sys/class/powercap"
        var sensors: [PowerSensor] = []
        for name in folders(in: folder, atMost: BoardLimits.maximumSensors) {
            let path = folder + "/" + name
            // Others are parts of a zone, or the kernel's own folder for a kind of zones.
            guard name.split(separator: ":").count == 2, root.exists(path + "/energy_uj") else { continue }
            let zone = attemptIfThere("the counter has no name") { root throws(BoardFault) in
                try root.text(path + "/name")
            }
            let range = attempt("the counter cannot be used after it starts again") { root throws(BoardFault) in
                try root.integer(path + "/max_energy_range_uj", in: 1...Int.max)
            }
            _ = attempt(Self.unknownPower) { root throws(BoardFault) in
                try root.integer(path + "/energy_uj", in: 0...Int.max)
            }
            sensors.append(
                PowerSensor(
                    name: "powercap/\(zone ?? name)", chip: String(name.split(separator: ":")[0]), label: zone,
                    kind: .energyCounter, scope: zone == "psys" ? .board : .part,
                    attributes: [PowerSensor.Attribute(path: path + "/energy_uj", unit: 1e-6)],
                    rangeJ: range.map { Double($0) * 1e-6 }))
        }
        return sensors
    }

    // MARK: power_supply

    private static let supplyFolder = "/sys/class/power_supply"

    mutating func powerSupplies() -> [PowerSupply] {
        folders(in: Self.supplyFolder, atMost: BoardLimits.maximumSensors).compactMap { name in
            let path = Self.supplyFolder + "/" + name
            // A mouse's battery says nothing about the board.
            if (try? root.text(path + "/scope")) == "Device" { return nil }
            let meaning = "whether the board is on the mains is not fully known"
            let type = attempt(meaning) { root throws(BoardFault) in try root.text(path + "/type") }
            guard let type else { return nil }
            let online = attemptIfThere(meaning) { root throws(BoardFault) in
                // 2: online at a fixed voltage.
                try root.integer(path + "/online", in: 0...2)
            }
            let status = attemptIfThere(meaning) { root throws(BoardFault) in try root.text(path + "/status") }
            return PowerSupply(name: name, type: type, isOnline: online.map { $0 > 0 }, status: status)
        }
    }

    private mutating func batterySensors() -> [PowerSensor] {
        var sensors: [PowerSensor] = []
        for name in folders(in: Self.supplyFolder, atMost: BoardLimits.maximumSensors) {
            let path = Self.supplyFolder + "/" + name
            guard (try? root.text(path + "/type")) == "Battery", (try? root.text(path + "/scope")) != "Device"
            else { continue }
            let (power, voltage, current) = (path + "/power_now", path + "/voltage_now", path + "/current_now")
            if root.exists(power) {
                sensors.append(
                    sensor(
                        "power_supply", name, name, .power, [PowerSensor.Attribute(path: power, unit: 1e-6)],
                        scope: .battery))
            } else if root.exists(voltage), root.exists(current) {
                sensors.append(
                    sensor(
                        "power_supply", name, name, .voltageTimesCurrent,
                        [
                            PowerSensor.Attribute(path: voltage, unit: 1e-6),
                            PowerSensor.Attribute(path: current, unit: 1e-6),
                        ], scope: .battery))
            }
        }
        return sensors
    }
}
