import Costs
import Glibc

extension Scenario {
    /// What is wrong with the values, the first thing only; nil where nothing is.
    public var firstFault: String? {
        if let fault = cluster.firstFault { return fault }
        let nodes = boards.map(\.node)
        let known = nodes.map(\.name).joined(separator: ", ")
        if Set(nodes).count != nodes.count { return "two [[board]] have the same 'node'; give each its own" }
        for device in cluster.devices where !nodes.contains(device.node) {
            return "the device '\(device.id)' is on the board '\(device.node)', for which there is no [[board]]; add it"
        }
        for node in nodes {
            let carried = cluster.devices.filter { $0.node == node }.count
            if carried != 1 { return "the board '\(node)' carries \(carried) devices; a virtual board carries one" }
        }
        for (index, board) in boards.enumerated() {
            if let fault = fault(of: board, "board[\(index)]") { return fault }
        }
        for (index, link) in cluster.links.enumerated() {
            for rate in [link.bandwidthBytesPerS, link.reverseBandwidthBytesPerS ?? link.bandwidthBytesPerS]
            where !(Self.rates ~= rate) {
                return "'link[\(index)]' has a rate of \(rate) bytes/s; the kernel can shape 1e3 to 1e9"
            }
            if link.latencyS > 0.001 {
                return "'link[\(index)].latency_s' is \(link.latencyS), but a test bed delays nothing; leave it out"
            }
        }
        if !(run.requestsPerS.isFinite && (0...1000) ~= run.requestsPerS) {
            return "'testbed.requests_per_s' is \(run.requestsPerS); give 0 to 1000"
        }
        if !(run.durationS.isFinite && (0...86_400) ~= run.durationS) {
            return "'testbed.duration_s' is \(run.durationS); give 0 to 86400"
        }
        if let rate = run.controlBandwidthBytesPerS, !(Self.rates ~= rate) {
            return "'testbed.control_bandwidth_bytes_per_s' is \(rate); the kernel can shape 1e3 to 1e9"
        }
        if events.count > Self.maximumEvents {
            return "there are \(events.count) [[event]], more than \(Self.maximumEvents)"
        }
        for event in events {
            if let fault = fault(of: event, known: known) { return "the event at \(event.atS) s: \(fault)" }
        }
        return nil
    }

    static let rates = 1e3...1e9

    private func fault(of board: VirtualBoard, _ key: String) -> String? {
        let name = board.node.name
        let allowed = name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
                true
            default: false
            }
        }
        if name.isEmpty || name.utf8.count > Self.maximumNameLength || !allowed {
            return "'\(key).node' is \"\(name)\"; use 1 to \(Self.maximumNameLength) letters, digits, '-' or '_'"
        }
        let hardware = board.hardware
        let processors = sysconf(Int32(_SC_NPROCESSORS_ONLN))
        if let number = hardware.processorNumber, !(0..<processors ~= number) {
            return "'\(key).processor_number' is \(number); this machine's are numbered 0 to \(processors - 1)"
        }
        if !(hardware.cores.isFinite && (0.02...64) ~= hardware.cores) {
            return "'\(key).cores' is \(hardware.cores); give 0.02 to 64 cores of this machine"
        }
        if hardware.memoryBytes < 16 << 20 {
            return "'\(key).memory_bytes' is \(hardware.memoryBytes); an agent alone needs 16 MiB"
        }
        let governors = hardware.computeClock == .accelerator ? AcceleratorClock.governors : ProcessorPolicy.governors
        if !governors.contains(hardware.compute.governor) {
            return "'\(key).governor' is \"\(hardware.compute.governor)\"; use one of "
                + governors.joined(separator: ", ")
        }
        if !(hardware.thermal.timeConstantS.isFinite && hardware.thermal.timeConstantS > 0) {
            return "'\(key).thermal_time_constant_s' is \(hardware.thermal.timeConstantS); give a number above 0"
        }
        if !(hardware.staticPowerW.isFinite && hardware.staticPowerW >= 0) {
            return "'\(key).static_power_w' is \(hardware.staticPowerW); give 0 or more"
        }
        return nil
    }

    private func fault(of event: ScenarioEvent, known: String) -> String? {
        func unknown(_ node: NodeID) -> String? {
            boards.contains { $0.node == node } ? nil : "there is no board '\(node)'; the boards are \(known)"
        }
        switch event.kind {
        case .link(let first, let second, let rate):
            if let fault = unknown(first) ?? unknown(second) { return fault }
            guard link(between: first, second) != nil else {
                return "no [[link]] joins \(first) and \(second); add one with the rate at the start"
            }
            return Self.rates ~= rate ? nil : "\(rate) bytes/s cannot be shaped; give 1e3 to 1e9"
        case .carbon(_, let intensity, let validS):
            return intensity.isFinite && (0...5000) ~= intensity && validS > 0
                ? nil : "an intensity of \(intensity) g/kWh for \(validS) s cannot be; give 0 to 5000 for some time"
        case .memory(let board, let bytes):
            return unknown(board) ?? (bytes > 0 ? nil : "a limit of \(bytes) bytes cannot be")
        case .ambient(let board, let value), .temperature(let board, let value):
            return unknown(board) ?? ((-50...200) ~= value ? nil : "\(value) °C cannot be; give -50 to 200")
        case .fault(let board, _), .heal(let board, _), .process(let board, _): return unknown(board)
        }
    }

    package func device(of node: NodeID) -> Device? { cluster.devices.first { $0.node == node } }

    func link(between first: NodeID, _ second: NodeID) -> Link? {
        guard let first = device(of: first)?.id, let second = device(of: second)?.id else { return nil }
        return cluster.links.first { Set($0.between) == [first, second] }
    }
}
