import Cluster
import Costs

/// What the devices of a problem emit, out of what the grids' feeds and the boards' configurations say.
enum LiveCarbon {
    /// The zone's value, else the device's configured one, else unknown.
    ///
    /// - Throws: ``LiveProblemError`` where the zones' values count different emissions and carbon is asked for.
    static func apply(
        _ carbon: [ZoneIntensity], to devices: [Device], goal: PlanGoal
    ) throws -> (devices: [Device], inputs: [InputSource]) {
        var inputs: [InputSource] = []
        var used: [ZoneIntensity] = []
        let placed = devices.map { device in
            var device = device
            let figure = "intensity of \(device.id)"
            if let zone = device.zone, let known = carbon.first(where: { $0.zone == zone }) {
                device.intensityGPerKwh = known.intensityGPerKwh
                inputs.append(
                    InputSource(
                        figure: figure,
                        source: "\(known.source), zone \(zone), \(known.factor)"
                            + (known.isStale ? "; stale: its feed has stopped" : ""), ageS: known.ageS))
                used.append(known)
            } else if device.intensityGPerKwh != nil {
                inputs.append(InputSource(figure: figure, source: "configuration of \(device.node)"))
            } else if let zone = device.zone {
                inputs.append(InputSource(figure: figure, source: "unknown: nothing valid is known of zone \(zone)"))
            }
            return device
        }
        if let first = used.first, let other = used.first(where: { $0.factor != first.factor }) {
            guard goal.countsCarbon else { return (devices.map(Self.withoutIntensity), []) }
            throw LiveProblemError(
                "carbon: zone \(first.zone) counts \(first.factor) emissions and zone \(other.zone) \(other.factor); "
                    + "they cannot be compared, have the feeds publish the same")
        }
        return (placed, inputs)
    }

    /// A sum over emissions that are counted differently would say nothing.
    private static func withoutIntensity(_ device: Device) -> Device {
        var device = device
        device.intensityGPerKwh = nil
        return device
    }
}
