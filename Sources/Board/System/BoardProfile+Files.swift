extension BoardProfile {
    /// Files that are read from one folder.
    public static let maximumFiles = 256

    /// Reads and checks a file. Blocks on it.
    ///
    /// - Throws: ``ConfigurationError``: one sentence with the file and the key.
    public static func load(_ path: String) throws -> BoardProfile {
        try StrictTOML.decode(BoardProfile.self, file: path).checked(path)
    }

    /// The same for a text; errors call it `name`.
    public static func parse(_ text: String, name: String) throws -> BoardProfile {
        try StrictTOML.decode(BoardProfile.self, text: text, name: name).checked(name)
    }

    /// Every `.toml` file of a folder, by name. Blocks on the files.
    ///
    /// - Throws: ``ConfigurationError`` for the first file that is not right, and where there is no folder.
    public static func load(folder: String) throws -> [BoardProfile] {
        let names: [String]
        do throws(SystemErrno) {
            names = try LinuxFiles().names(in: folder, maximumNames: maximumFiles).filter { $0.hasSuffix(".toml") }
        } catch {
            throw ConfigurationError("cannot read the folder \(folder): \(error); give the one with the board profiles")
        }
        return try names.map { try load(folder + "/" + $0) }
    }

    /// The profile that names the longest beginning of the model's string; nil where none does.
    public static func matching(_ model: String, in profiles: [BoardProfile]) -> BoardProfile? {
        var best: (length: Int, profile: BoardProfile)?
        for profile in profiles {
            for beginning in profile.models where model.hasPrefix(beginning) && beginning.count > best?.length ?? 0 {
                best = (beginning.count, profile)
            }
        }
        return best?.profile
    }

    /// The sensor of the whole board: the profile's, else one whose name says so; nil: there is none.
    ///
    /// - Parameter profile: nil for a board without a profile.
    public static func sensors(of inventory: BoardInventory, profile: BoardProfile?) -> [PowerSensor] {
        for wanted in profile?.sensors ?? [] {
            if let sensor = inventory.sensors.first(where: { $0.chip == wanted.chip && $0.label == wanted.label }) {
                return [sensor]
            }
        }
        if let whole = inventory.sensors.first(where: { $0.scope == .board }) { return [whole] }
        if inventory.isOnMains == false, let battery = inventory.sensors.first(where: { $0.scope == .battery }) {
            return [battery]
        }
        // Of a PC's processor alone: less than the board draws, but it moves with the work.
        return inventory.sensors.filter { $0.kind == .energyCounter && $0.label?.hasPrefix("package") == true }
    }

    /// Sensors that tell the power of all the board: the profile's, else those whose own names say so. Unlike
    /// `sensors(of:profile:)` never a battery's or a part's: what they tell is not what the board takes.
    public static func wholeBoardSensors(of inventory: BoardInventory, profile: BoardProfile?) -> [PowerSensor] {
        sensors(of: inventory, profile: profile).filter { sensor in
            sensor.scope == .board
                || profile?.sensors.contains { $0.chip == sensor.chip && $0.label == sensor.label } == true
        }
    }

    /// The clocks of a unit on this board, as far as it has them.
    public static func domains(of unit: Unit, in inventory: BoardInventory) -> [FrequencyDomain] {
        inventory.domains.filter { domain in
            switch domain.kind {
            case .cpuPolicy: unit.cpuPolicies.contains(domain.name)
            case .devfreq: unit.devfreq.contains(domain.name)
            }
        }
    }

    private func checked(_ path: String) throws -> BoardProfile {
        if let fault = firstFault { throw ConfigurationError("\(path): \(fault)") }
        return self
    }

    /// What is wrong with the values, the first thing only; nil where nothing is.
    var firstFault: String? {
        func positive(_ key: String, _ value: Double?) -> String? {
            guard let value else { return nil }
            return value.isFinite && value > 0 ? nil : "'\(key)' is \(value); give a number above 0"
        }
        var checks = [
            name.isEmpty ? "'name' is empty; name the board" : nil,
            models.isEmpty || models.contains("") ? "'models' needs beginnings of the model's string" : nil,
            units.isEmpty ? "there is no [[device]]; describe at least one" : nil,
            Set(units.map(\.id)).count == units.count ? nil : "two devices have the same 'id'; give each its own",
        ]
        for (index, unit) in units.enumerated() {
            let key = "device[\(index)]"
            checks += [
                unit.id.isEmpty ? "'\(key).id' is empty; name the device" : nil,
                unit.cpuPolicies.isEmpty != unit.devfreq.isEmpty
                    ? nil : "'\(key)' needs either 'cpu_policies' or 'devfreq'",
                positive("\(key).flops", unit.flops),
                positive("\(key).memory_bandwidth_bytes_per_s", unit.memoryBandwidthBytesPerS),
                positive("\(key).idle_power_w", unit.idlePowerW),
                positive("\(key).compute_power_w", unit.computePowerW),
                zip(unit.points, unit.points.dropFirst()).allSatisfy { $0.frequencyHz < $1.frequencyHz }
                    ? nil : "'\(key).operating_point' must stand in the order of rising frequencies",
            ]
            for (number, point) in unit.points.enumerated() {
                let key = "\(key).operating_point[\(number)]"
                checks += [
                    positive("\(key).frequency_hz", point.frequencyHz), positive("\(key).flops", point.flops),
                    positive("\(key).compute_power_w", point.computePowerW),
                ]
            }
        }
        return checks.compactMap { $0 }.first
    }
}
