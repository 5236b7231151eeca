import Costs

/// A cluster as a TOML file describes it: the devices, the links between them, and what the application needs.
///
/// Offline planning, the demo's scenario and the tests use the same form. Unknown keys are errors.
public struct ClusterFile: Sendable, Equatable {
    /// Where requests enter and results leave, and what stands before the model.
    public struct Application: Codable, Sendable, Equatable {
        public var source: DeviceID
        public var destination: DeviceID
        /// What the source captures, before preprocessing (nil: the model's own input).
        public var rawInputBytes: Int?
        /// Operations of the work between the raw input and the model's input (nil: none).
        public var preprocessOperations: Double?
        /// Nil: every inference, as in the dissertation's base model.
        public var weights: WeightsPolicy?

        public init(
            source: DeviceID, destination: DeviceID, rawInputBytes: Int? = nil, preprocessOperations: Double? = nil,
            weights: WeightsPolicy? = nil
        ) {
            self.source = source
            self.destination = destination
            self.rawInputBytes = rawInputBytes
            self.preprocessOperations = preprocessOperations
            self.weights = weights
        }

        public init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            self.init(
                source: try container.decode(DeviceID.self, forKey: .source),
                destination: try container.decode(DeviceID.self, forKey: .destination),
                rawInputBytes: try container.decodeIfPresent(Int.self, forKey: .rawInputBytes),
                preprocessOperations: try container.decodeNumberIfPresent(forKey: .preprocessOperations),
                weights: try container.decodeIfPresent(WeightsPolicy.self, forKey: .weights))
        }

        enum CodingKeys: String, CodingKey {
            case source, destination, weights
            case rawInputBytes = "raw_input_bytes"
            case preprocessOperations = "preprocess_operations"
        }
    }

    /// A layer that must run on one device, by its name in the model.
    public struct LayerPin: Codable, Sendable, Equatable {
        public var layer: String
        public var device: DeviceID

        public init(layer: String, device: DeviceID) {
            self.layer = layer
            self.device = device
        }
    }

    public var name: String
    public var application: Application
    public var devices: [Device]
    public var links: [Link]
    /// Layers that are not free; `[[pin]]` in the file.
    public var pins: [LayerPin]

    public init(
        name: String, application: Application, devices: [Device], links: [Link], pins: [LayerPin] = []
    ) {
        self.name = name
        self.application = application
        self.devices = devices
        self.links = links
        self.pins = pins
    }

    /// Reads and checks a file. Blocks on the file.
    ///
    /// - Throws: ``ConfigurationError``: one sentence with the file and the key.
    public static func load(_ path: String) throws -> ClusterFile {
        try StrictTOML.decode(ClusterFile.self, file: path).checked(path)
    }

    /// The same for a text; errors call it `name`.
    public static func parse(_ text: String, name: String) throws -> ClusterFile {
        try StrictTOML.decode(ClusterFile.self, text: text, name: name).checked(name)
    }

    private func checked(_ path: String) throws -> ClusterFile {
        if let fault = firstFault { throw ConfigurationError("\(path): \(fault)") }
        return self
    }

    /// What is wrong with the values, the first thing only; nil where nothing is.
    private var firstFault: String? {
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
        var checks = [
            name.isEmpty ? "'name' is empty; name the cluster" : nil,
            devices.isEmpty ? "there is no [[device]]; describe at least one" : nil,
            Set(ids).count == ids.count ? nil : "two devices have the same 'id'; give each its own",
            known("application.source", application.source), known("application.destination", application.destination),
            application.rawInputBytes.map { $0 > 0 } ?? true
                ? nil : "'application.raw_input_bytes' is \(application.rawInputBytes ?? 0); give a number above 0",
            positive("application.preprocess_operations", application.preprocessOperations),
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
            ]
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
                link.latencyS.isFinite && link.latencyS >= 0
                    ? nil : "'\(key).latency_s' is \(link.latencyS); give 0 or more",
                pairs.insert(Set(link.between)).inserted
                    ? nil : "'\(key)' joins two devices that another link joins already; remove one",
            ]
        }
        for (index, pin) in pins.enumerated() { checks.append(known("pin[\(index)].device", pin.device)) }
        return checks.compactMap { $0 }.first
    }
}

extension ClusterFile: Codable {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            name: try container.decode(String.self, forKey: .name),
            application: try container.decode(Application.self, forKey: .application),
            devices: try container.decode([Device].self, forKey: .devices),
            links: try container.decodeIfPresent([Link].self, forKey: .links) ?? [],
            pins: try container.decodeIfPresent([LayerPin].self, forKey: .pins) ?? [])
    }

    enum CodingKeys: String, CodingKey {
        case name, application
        case devices = "device"
        case links = "link"
        case pins = "pin"
    }
}
