/// The measured bundles of one model.
public struct BundleProfile: Sendable {
    /// Most entries of one profile.
    public static let maximumEntries = 1_000_000

    public let model: String
    /// Where the entries are from; empty where that is no file.
    public let file: String
    /// The layers that indices count, in their order.
    public let layerNames: [String]
    /// Longest bundle that prices are made of: MBS of the dissertation's chapter 7.
    public let maximumBundleSize: Int
    /// In the order in which they were written, those left out that a later measurement replaced.
    public let measurements: [BundleMeasurement]
    /// How many entries a later measurement of the same bundle replaced.
    public let supersededCount: Int

    private let indices: [BundleID: Int]
    /// Indices of measurements by device, frequency, first and last layer.
    private let sorted: [Int]
    private let ranges: [Place: Range<Int>]

    private struct Place: Hashable {
        var device: DeviceID
        var frequencyHz: Double?
    }

    /// - Parameters:
    ///   - maximumBundleSize: longer bundles are kept but not used; nil: that of the longest bundle measured.
    ///   - file: where the entries are from, for faults.
    /// - Throws: ``DataFault`` with file, line, what, and what to do. A bundle may be measured again, later: the
    ///   newest measurement counts. Twice without telling when is a fault.
    public init(
        model: String, layerNames: [String], entries: [ProfileEntry], maximumBundleSize: Int? = nil, file: String = ""
    ) throws(DataFault) {
        guard !layerNames.isEmpty, layerNames.count <= Problem.maximumLayers else {
            throw DataFault(
                file: file, "the model \(model) has \(layerNames.count) layers", "give 1 to \(Problem.maximumLayers)")
        }
        guard entries.count <= Self.maximumEntries else {
            throw DataFault(
                file: file, "there are \(entries.count) entries, more than \(Self.maximumEntries)",
                "keep a smaller maximum bundle size")
        }
        guard maximumBundleSize ?? 1 >= 1 else {
            throw DataFault(
                file: file, "the maximum bundle size is \(maximumBundleSize ?? 0)", "give 1 or more layers")
        }
        let resolver = try LayerResolver(layerNames, model: model, file: file)
        var found: [BundleMeasurement] = []
        var indices: [BundleID: Int] = [:]
        for entry in entries {
            try Self.check(entry, file: file)
            let bundle = try resolver.bundle(of: entry)
            let measurement = BundleMeasurement(bundle: bundle, entry: entry)
            guard let index = indices[bundle] else {
                indices[bundle] = found.count
                found.append(measurement)
                continue
            }
            let earlier = found[index].entry
            guard let newS = entry.measuredAtS, let oldS = earlier.measuredAtS, newS != oldS else {
                throw DataFault(
                    file: file, line: entry.line,
                    "the bundle \(Self.name(bundle, layerNames)) stands also on line "
                        + (earlier.line.map(String.init) ?? "unknown"),
                    "remove one, or tell by measured_at which is newer")
            }
            if newS > oldS { found[index] = measurement }
        }
        self.model = model
        self.file = file
        self.layerNames = layerNames
        self.indices = indices
        measurements = found
        supersededCount = entries.count - found.count
        let longest = found.map(\.bundle.layerCount).max() ?? 1
        self.maximumBundleSize = min(maximumBundleSize ?? longest, layerNames.count)
        (sorted, ranges) = Self.index(found)
    }

    /// As messages call it: its file, or its model.
    public var title: String { file.isEmpty ? "profile of \(model)" : "profile \(file)" }

    private static func check(_ entry: ProfileEntry, file: String) throws(DataFault) {
        func fault(_ problem: String, _ advice: String) -> DataFault {
            DataFault(file: file, line: entry.line, problem, advice)
        }
        guard !entry.device.name.isEmpty else { throw fault("the device is empty", "name it") }
        if let value = entry.frequencyHz, !(value.isFinite && value > 0) {
            throw fault("frequency_hz is \(value)", "give a number above 0, or leave it out")
        }
        let seconds = [("latency_s", Optional(entry.latencyS)), ("spread_s", entry.spreadS)]
        for (name, value) in seconds {
            guard let value else { continue }
            guard (0...Problem.maximumSeconds).contains(value) else {
                throw fault("\(name) is \(value)", "give 0 or more seconds")
            }
        }
        if let value = entry.energyJ, !(value.isFinite && value >= 0) {
            throw fault("energy_j is \(value)", "give 0 or more joules, or leave it out where it is unknown")
        }
        if let value = entry.samples, value < 1 {
            throw fault("samples is \(value)", "give 1 or more, or leave it out")
        }
        if let value = entry.measuredAtS, !value.isFinite {
            throw fault("measured_at is \(value)", "give a time, or leave it out")
        }
    }

    private static func index(_ measurements: [BundleMeasurement]) -> ([Int], [Place: Range<Int>]) {
        func order(_ bundle: BundleID) -> (String, Double, Int, Int) {
            (bundle.device.name, bundle.frequencyHz ?? 0, bundle.first, bundle.last)
        }
        let sorted = measurements.indices.sorted {
            order(measurements[$0].bundle) < order(measurements[$1].bundle)
        }
        var ranges: [Place: Range<Int>] = [:]
        for (position, index) in sorted.enumerated() {
            let bundle = measurements[index].bundle
            let place = Place(device: bundle.device, frequencyHz: bundle.frequencyHz)
            ranges[place] = (ranges[place]?.lowerBound ?? position)..<(position + 1)
        }
        return (sorted, ranges)
    }

    /// What was measured of a bundle, in constant time; nil where it was not.
    public func measurement(of bundle: BundleID) -> BundleMeasurement? {
        indices[bundle].map { measurements[$0] }
    }

    /// What was measured at one place, by first and then last layer.
    public func measurements(device: DeviceID, frequencyHz: Double?) -> [BundleMeasurement] {
        guard let range = ranges[Place(device: device, frequencyHz: frequencyHz)] else { return [] }
        return sorted[range].map { measurements[$0] }
    }

    /// The devices that were measured, by name.
    public var devices: [DeviceID] { Set(ranges.keys.map(\.device)).sorted() }

    /// The frequencies at which a device was measured, ascending, in Hz; nil, first, where none was chosen.
    public func frequenciesHz(of device: DeviceID) -> [Double?] {
        ranges.keys.filter { $0.device == device }.map(\.frequencyHz).sorted { $0 ?? 0 < $1 ?? 0 }
    }

    /// How many bundles of at most the maximum size were not measured at one place.
    public func missingCount(device: DeviceID, frequencyHz: Double? = nil) -> Int {
        let measured = measurements(device: device, frequencyHz: frequencyHz)
            .count { $0.bundle.layerCount <= maximumBundleSize }
        return profileCount(layers: layerNames.count, devices: 1, maximumBundleSize: maximumBundleSize) - measured
    }

    /// The bundles of at most the maximum size that were not measured at one place, by first and then last layer.
    ///
    /// - Parameter atMost: no more than these are listed, since there may be millions.
    public func missing(device: DeviceID, frequencyHz: Double? = nil, atMost: Int = 1000) -> [BundleID] {
        var missing: [BundleID] = []
        for first in layerNames.indices {
            for last in first..<min(first + maximumBundleSize, layerNames.count) {
                guard missing.count < atMost else { return missing }
                let bundle = BundleID(device: device, frequencyHz: frequencyHz, first: first, last: last)
                if indices[bundle] == nil { missing.append(bundle) }
            }
        }
        return missing
    }

    /// A bundle as a person reads it: `conv1 to relu2 (layers 0 to 3) on nano at 921.6 MHz`.
    public func name(of bundle: BundleID) -> String { Self.name(bundle, layerNames) }

    private static func name(_ bundle: BundleID, _ names: [String]) -> String {
        func layer(_ index: Int) -> String { names.indices.contains(index) ? names[index] : "?" }
        let layers =
            bundle.first == bundle.last
            ? "\(layer(bundle.first)) (layer \(bundle.first))"
            : "\(layer(bundle.first)) to \(layer(bundle.last)) (layers \(bundle.first) to \(bundle.last))"
        return "\(layers) on \(bundle.device)"
            + (bundle.frequencyHz.map { " at " + FrequencyText.text(hertz: $0) } ?? "")
    }
}
