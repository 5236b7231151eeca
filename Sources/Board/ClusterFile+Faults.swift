import Costs

extension ClusterFile {
    /// What is wrong with the values, the first thing only; nil where nothing is.
    public var firstFault: String? {
        func positive(_ key: String, _ value: Double?) -> String? {
            guard let value else { return nil }
            return value.isFinite && value > 0 ? nil : "'\(key)' is \(value); give a number above 0"
        }
        let ids = devices.map(\.id)
        func known(_ key: String, _ device: DeviceID) -> String? {
            ids.contains(device)
                ? nil
                : "'\(key)' names the device '\(device)', but the devices are "
                    + ids.map(\.name).joined(separator: ", ")
        }
        func notNegative(_ key: String, _ value: Double?) -> String? {
            guard let value else { return nil }
            return value.isFinite && value >= 0 ? nil : "'\(key)' is \(value); give 0 or more"
        }
        var checks = [
            name.isEmpty ? "'name' is empty; name the cluster" : nil,
            devices.isEmpty ? "there is no [[device]]; describe at least one" : nil,
            Set(ids).count == ids.count ? nil : "two devices have the same 'id'; give each its own",
            known("application.source", application.source), known("application.destination", application.destination),
            application.rawInputBytes.map { $0 > 0 } ?? true
                ? nil : "'application.raw_input_bytes' is \(application.rawInputBytes ?? 0); give a number above 0",
            positive("application.preprocess_operations", application.preprocessOperations),
            positive("application.wanted_throughput_per_s", application.wantedThroughputPerS),
            application.constraints?.privateLayers.isEmpty ?? true
                ? nil
                : "'application.constraints.private_layers' counts layers of one model; name them in "
                    + "'application.private_layers', or give 'application.private_count'",
        ]
        for (index, device) in devices.enumerated() {
            let key = "device[\(index)]"
            checks += [
                device.id.name.isEmpty ? "'\(key).id' is empty; name the device" : nil,
                positive("\(key).flops", device.flops),
                positive("\(key).memory_bandwidth_bytes_per_s", device.memoryBandwidthBytesPerS),
                device.memoryBytes > 0 ? nil : "'\(key).memory_bytes' is \(device.memoryBytes); give a number above 0",
                positive("\(key).network_bandwidth_bytes_per_s", device.networkBandwidthBytesPerS),
                device.runtimeBytes ?? 0 >= 0 ? nil : "'\(key).runtime_bytes' is below 0; give 0 or more",
                notNegative("\(key).compute_power_w", device.computePowerW),
                notNegative("\(key).idle_power_w", device.idlePowerW),
                notNegative("\(key).intensity_g_per_kwh", device.intensityGPerKwh),
                notNegative(
                    "\(key).transfer_power.upload_w_per_mbit_per_s", device.transferPower?.uploadWPerMbitPerS),
                notNegative(
                    "\(key).transfer_power.download_w_per_mbit_per_s", device.transferPower?.downloadWPerMbitPerS),
                notNegative("\(key).transfer_power.base_w", device.transferPower?.baseW),
            ]
            checks += [
                device.zone == ""
                    ? "'\(key).zone' is empty; name the grid zone that feeds the device, or leave it out" : nil
            ]
            for (number, point) in (device.operatingPoints ?? []).enumerated() {
                let key = "\(key).operating_point[\(number)]"
                checks += [
                    point.frequencyHz == nil && device.operatingPoints?.count ?? 0 > 1
                        ? "'\(key).frequency_hz' is missing; each of several operating points needs its own" : nil,
                    positive("\(key).frequency_hz", point.frequencyHz), positive("\(key).flops", point.flops),
                    notNegative("\(key).compute_power_w", point.computePowerW),
                ]
            }
            checks.append(pointsFault(device, key))
        }
        var pairs = Set<Set<DeviceID>>()
        for (index, link) in links.enumerated() {
            let key = "link[\(index)]"
            guard link.between.count == 2, link.between[0] != link.between[1] else {
                return checks.compactMap { $0 }.first ?? "'\(key).between' must name two different devices"
            }
            checks += link.between.map { known("\(key).between", $0) }
            checks += [
                positive("\(key).bandwidth_bytes_per_s", link.bandwidthBytesPerS),
                positive("\(key).reverse_bandwidth_bytes_per_s", link.reverseBandwidthBytesPerS),
                link.latencyS.isFinite && link.latencyS >= 0
                    ? nil : "'\(key).latency_s' is \(link.latencyS); give 0 or more",
                pairs.insert(Set(link.between)).inserted
                    ? nil : "'\(key)' joins two devices that another link joins already; remove one",
            ]
        }
        for (index, pin) in pins.enumerated() { checks.append(known("pin[\(index)].device", pin.device)) }
        return checks.compactMap { $0 }.first
    }

    /// A device with operating points runs at one of them: `flops` and `compute_power_w` describe one, or the same
    /// device would be two.
    private func pointsFault(_ device: Device, _ key: String) -> String? {
        guard let points = device.operatingPoints, !points.isEmpty else { return nil }
        let own = points.filter { $0.flops == device.flops }
        guard !own.isEmpty else {
            return "'\(key).flops' is \(device.flops) and its operating points have "
                + points.map { "\($0.flops)" }.joined(separator: ", ") + "; give the flops of one of them"
        }
        let powers = own.compactMap(\.computePowerW)
        guard let power = device.computePowerW, !powers.isEmpty, !powers.contains(power) else { return nil }
        return "'\(key).compute_power_w' is \(power) and the operating point with the same flops has \(powers[0]); "
            + "give the power of that point, or leave it out here"
    }
}
