import Board
import Costs

/// Which clocks drive which of the board's devices.
package struct ClockMap: Sendable, Equatable {
    /// Names of clocks (`policy0`, `57000000.gpu`) by device.
    package private(set) var clocks: [DeviceID: [String]] = [:]
    /// Sentences about what could not be matched.
    package private(set) var faults: [String] = []

    /// - Parameters:
    ///   - asked: the configuration's word, by device.
    ///   - devices: the board's, as configured.
    package init(asked: [String: [String]], devices: [Device], domains: [FrequencyDomain]) {
        let names = Set(domains.map(\.name))
        for device in devices {
            guard let wanted = asked[device.id.name] else { continue }
            let missing = wanted.filter { !names.contains($0) }
            if !missing.isEmpty {
                faults.append(
                    "'board.clock.\(device.id)' names \(missing.joined(separator: ", ")), which the kernel does not "
                        + "have; it has \(names.isEmpty ? "none" : names.sorted().joined(separator: ", "))")
            }
            clocks[device.id] = wanted.filter { names.contains($0) }
        }
        // A board with one device computes on its processor; its cores are all the device's.
        if devices.count == 1, let device = devices.first, asked[device.id.name] == nil {
            let policies = domains.filter { $0.kind == .cpuPolicy }.map(\.name)
            if !policies.isEmpty { clocks[device.id] = policies }
        }
    }

    package func devices(of clock: String) -> [DeviceID] {
        clocks.filter { $0.value.contains(clock) }.map(\.key).sorted()
    }
}
