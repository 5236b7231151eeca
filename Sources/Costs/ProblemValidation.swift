extension Problem {
    /// Layers that a chain may have.
    public static let maximumLayers = 1 << 16
    /// Devices that a problem may have.
    public static let maximumDevices = 1 << 10
    /// Steps between two devices that may be priced: layers x devices x devices.
    public static let maximumSteps = 1 << 24
    /// Longest time of one layer or transfer in seconds: sums of it stay finite.
    public static let maximumSeconds = 1e18
    /// Largest byte count of one figure: with `maximumLayers` of them a sum still fits in `Int`.
    public static let maximumBytes = 1 << 46

    /// Checks that every figure can be computed with and that nothing contradicts itself.
    ///
    /// Says nothing about whether a plan exists. Throws the first fault found, in the order devices, links, layers,
    /// application, pins.
    public func validate() throws(ProblemError) {
        try validateDevices()
        try validateLinks()
        try validateLayers()
        try validatePlaces()
        try validateConstraints()
        try validateBundles()
        try validateFigures()
    }

    /// The devices of the board that carries the source: where private layers may run.
    public var sourceBoardDevices: [DeviceID] {
        guard let board = devices.first(where: { $0.id == source })?.node else { return [] }
        return devices.filter { $0.node == board }.map(\.id)
    }

    /// The device that each layer must run on (nil: free): `pins`, and the source and destination of the application.
    ///
    /// Call it on a validated problem; a pin outside the layers is ignored.
    public var pinnedDevices: [DeviceID?] {
        var pinned = [DeviceID?](repeating: nil, count: layers.count)
        for pin in pins where pinned.indices.contains(pin.layer) { pinned[pin.layer] = pin.device }
        if !layers.isEmpty {
            pinned[0] = source
            pinned[layers.count - 1] = destination
        }
        return pinned
    }

    private func validateDevices() throws(ProblemError) {
        guard !devices.isEmpty else { throw ProblemError("problem: there is no device; give at least one") }
        guard devices.count <= Self.maximumDevices else {
            throw ProblemError("problem: \(devices.count) devices; at most \(Self.maximumDevices) can be planned for")
        }
        var seen = Set<DeviceID>()
        for device in devices {
            let place = "device \(device.id)"
            guard !device.id.name.isEmpty else { throw ProblemError("problem: a device has an empty id") }
            guard seen.insert(device.id).inserted else {
                throw ProblemError("\(place): the id is given twice; each device needs its own")
            }
            try Self.requirePositive(device.flops, "flops", place)
            try Self.requirePositive(device.memoryBandwidthBytesPerS, "memory_bandwidth_bytes_per_s", place)
            try Self.requireBytes(device.memoryBytes, "memory_bytes", place)
            if let bandwidth = device.networkBandwidthBytesPerS {
                try Self.requirePositive(bandwidth, "network_bandwidth_bytes_per_s", place)
            }
            try Self.validatePowers(device, place)
            if let bytes = device.runtimeBytes { try Self.requireBytes(bytes, "runtime_bytes", place) }
        }
    }

    private func validateLinks() throws(ProblemError) {
        let known = Set(devices.map(\.id))
        var seen = Set<[DeviceID]>()
        for (index, link) in links.enumerated() {
            guard link.between.count == 2 else {
                throw ProblemError("link \(index): between names \(link.between.count) devices; it takes exactly two")
            }
            let place = "link \(link.between[0])-\(link.between[1])"
            for device in link.between where !known.contains(device) {
                throw ProblemError("\(place): there is no device \(device)")
            }
            guard link.between[0] != link.between[1] else {
                throw ProblemError("\(place): a link joins two different devices")
            }
            guard seen.insert(link.between.sorted()).inserted else {
                throw ProblemError("\(place): the link is given twice; it holds for both directions")
            }
            try Self.requirePositive(link.bandwidthBytesPerS, "bandwidth_bytes_per_s", place)
            if let reverse = link.reverseBandwidthBytesPerS {
                try Self.requirePositive(reverse, "reverse_bandwidth_bytes_per_s", place)
            }
            guard link.latencyS.isFinite, link.latencyS >= 0 else {
                throw ProblemError("\(place): latency_s is \(link.latencyS); it must be a finite number, zero or more")
            }
        }
    }

    private func validateLayers() throws(ProblemError) {
        guard layers.count >= 2, layers.count <= Self.maximumLayers else {
            throw ProblemError(
                "problem: \(layers.count) layers; a chain has a source, a destination and at most "
                    + "\(Self.maximumLayers) layers in all")
        }
        guard layers.count * devices.count * devices.count <= Self.maximumSteps else {
            throw ProblemError(
                "problem: \(layers.count) layers on \(devices.count) devices; layers x devices x devices may be at "
                    + "most \(Self.maximumSteps)")
        }
        var seen = Set<String>()
        for (index, layer) in layers.enumerated() {
            let place = "layer \(index) (\(layer.name))"
            guard seen.insert(layer.name).inserted else {
                throw ProblemError("\(place): the name is given twice; each layer needs its own")
            }
            guard (layer.kind == .source) == (index == 0) else {
                throw ProblemError("\(place): the first layer, and no other, has the kind source")
            }
            guard (layer.kind == .destination) == (index == layers.count - 1) else {
                throw ProblemError("\(place): the last layer, and no other, has the kind destination")
            }
            guard layer.flop.isFinite, layer.flop >= 0 else {
                throw ProblemError("\(place): flop is \(layer.flop); it must be a finite number, zero or more")
            }
            try Self.validateReach(layer, after: index > 0 ? layers[index - 1] : nil, place)
            try Self.requireBytes(layer.weightBytes, "weight_bytes", place)
            try Self.requireBytes(layer.outputBytes, "output_bytes", place)
            try Self.requireBytes(layer.activationPeakBytes, "activation_peak_bytes", place)
            try Self.requireBytes(layer.runnerPeakBytes ?? 0, "runner_peak_bytes", place)
        }
    }

    private func validatePlaces() throws(ProblemError) {
        let known = Set(devices.map(\.id))
        guard known.contains(source) else {
            throw ProblemError("application: the source \(source) is not among the devices")
        }
        guard known.contains(destination) else {
            throw ProblemError("application: the destination \(destination) is not among the devices")
        }
        var places: [Int: DeviceID] = [0: source, layers.count - 1: destination]
        for pin in pins {
            guard layers.indices.contains(pin.layer) else {
                throw ProblemError("pin of layer \(pin.layer): the layers are 0 to \(layers.count - 1)")
            }
            let place = "pin of layer \(pin.layer) (\(layers[pin.layer].name))"
            guard known.contains(pin.device) else { throw ProblemError("\(place): there is no device \(pin.device)") }
            if let other = places[pin.layer], other != pin.device {
                throw ProblemError("\(place): it is pinned to both \(other) and \(pin.device); keep one")
            }
            places[pin.layer] = pin.device
        }
    }

    static func requirePositive(_ value: Double, _ key: String, _ place: String) throws(ProblemError) {
        guard value.isFinite, value > 0 else {
            throw ProblemError("\(place): \(key) is \(value); it must be a finite number above zero")
        }
    }

    private static func requireBytes(_ value: Int, _ key: String, _ place: String) throws(ProblemError) {
        guard (0...maximumBytes).contains(value) else {
            throw ProblemError("\(place): \(key) is \(value); it must be between 0 and \(maximumBytes)")
        }
    }
}
