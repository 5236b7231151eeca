import Costs
import Testing

private let names = ["conv1", "relu1", "conv2", "relu2", "fc"]

private func entry(
    _ first: String, _ last: String, _ latencyS: Double = 1, device: DeviceID = "nano", frequencyHz: Double? = nil,
    energyJ: Double? = nil, measuredAtS: Double? = nil, line: Int? = nil
) -> ProfileEntry {
    ProfileEntry(
        device: device, frequencyHz: frequencyHz, first: first, last: last, latencyS: latencyS, energyJ: energyJ,
        measuredAtS: measuredAtS, line: line)
}

private func profile(
    _ entries: [ProfileEntry], layerNames: [String] = names, maximumBundleSize: Int? = nil
) throws -> BundleProfile {
    try BundleProfile(
        model: "m", layerNames: layerNames, entries: entries, maximumBundleSize: maximumBundleSize, file: "m.csv")
}

@Suite struct BundleProfileTests {
    @Test func theCountsOfTheDissertation() {
        // AlexNet: 8 layers, 2 devices, maximum bundle sizes 1 to 8 (ALGORITHMS, "DIME").
        let counts = (1...8).map { profileCount(layers: 8, devices: 2, maximumBundleSize: $0) }
        #expect(counts == [16, 30, 42, 52, 60, 66, 70, 72])
    }

    @Test func theCountIsTheSum() {
        for layers in 0...12 {
            for size in 0...14 {
                let sum = size < 1 ? 0 : (1...size).reduce(0) { $0 + max(0, layers - $1 + 1) }
                #expect(profileCount(layers: layers, devices: 3, maximumBundleSize: size) == 3 * sum)
            }
        }
        #expect(profileCount(layers: -1, devices: 2, maximumBundleSize: 2) == 0)
        #expect(profileCount(layers: 5, devices: -2, maximumBundleSize: 2) == 0)
        #expect(profileCount(layers: .max, devices: 1, maximumBundleSize: .max) == .max)
        #expect(profileCount(layers: .max / 4, devices: 1, maximumBundleSize: .max) == .max)
        #expect(profileCount(layers: 1 << 20, devices: .max, maximumBundleSize: 9) == .max)
    }

    @Test func aBundleIsFoundByNameOrIndex() throws {
        let profile = try profile([
            entry("conv1", "relu1", 0.5, energyJ: 2), entry("2", "3", 0.25, frequencyHz: 1e9),
            entry("conv2", "relu2", 0.75, frequencyHz: 5e8), entry("4", "fc", 4, device: "cloud"),
        ])
        #expect(profile.measurement(of: BundleID(device: "nano", first: 0, last: 1))?.latencyS == 0.5)
        #expect(profile.measurement(of: BundleID(device: "nano", first: 0, last: 1))?.energyJ == 2)
        #expect(
            profile.measurement(of: BundleID(device: "nano", frequencyHz: 1e9, first: 2, last: 3))?.latencyS == 0.25)
        #expect(profile.measurement(of: BundleID(device: "nano", first: 2, last: 3)) == nil)
        #expect(profile.measurement(of: BundleID(device: "cloud", first: 4, last: 4))?.energyJ == nil)
        #expect(profile.devices == ["cloud", "nano"])
        #expect(profile.frequenciesHz(of: "nano") == [nil, 5e8, 1e9])
        #expect(profile.frequenciesHz(of: "moon").isEmpty)
        #expect(profile.maximumBundleSize == 2)
        #expect(profile.supersededCount == 0)
    }

    @Test func missingBundlesAreListedByName() throws {
        let profile = try profile([
            entry("conv1", "relu1", frequencyHz: 921.6e6), entry("conv2", "conv2", frequencyHz: 921.6e6),
        ])
        #expect(profile.missingCount(device: "nano", frequencyHz: 921.6e6) == 5 + 4 - 2)
        let missing = profile.missing(device: "nano", frequencyHz: 921.6e6)
        #expect(
            missing.map(profile.name(of:)).prefix(3) == [
                "conv1 (layer 0) on nano at 921.6 MHz", "relu1 (layer 1) on nano at 921.6 MHz",
                "relu1 to conv2 (layers 1 to 2) on nano at 921.6 MHz",
            ])
        #expect(missing.count == 7)
        #expect(profile.missing(device: "nano", frequencyHz: 921.6e6, atMost: 2).count == 2)
        #expect(profile.missingCount(device: "moon") == 9)
        #expect(
            profile.name(of: BundleID(device: "a", frequencyHz: 1e9, first: 3, last: 9))
                == "relu2 to ? (layers 3 to 9) on a at 1000 MHz")
    }

    @Test func theNewestMeasurementCounts() throws {
        let newest = try profile([
            entry("0", "0", 1, measuredAtS: 100), entry("conv1", "0", 2, measuredAtS: 300),
            entry("0", "conv1", 3, measuredAtS: 200),
        ])
        #expect(newest.measurement(of: BundleID(device: "nano", first: 0, last: 0))?.latencyS == 2)
        #expect(newest.measurements.count == 1)
        #expect(newest.supersededCount == 2)
    }

    static let faults: [([ProfileEntry], String)] = [
        (
            [entry("0", "0", line: 2), entry("conv1", "0", line: 3)],
            "m.csv:3: the bundle conv1 (layer 0) on nano stands also on line 2; remove one, or tell by measured_at"
        ),
        ([entry("0", "0", measuredAtS: 5, line: 2), entry("0", "0", measuredAtS: 5, line: 3)], "m.csv:3: the bundle"),
        ([entry("0", "0", measuredAtS: 5, line: 2), entry("0", "0", line: 3)], "m.csv:3: the bundle"),
        ([entry("conv9", "0", line: 2)], "m.csv:2: first 'conv9' is no layer of the model m; name one of its 5 layers"),
        ([entry("0", "5", line: 2)], "m.csv:2: last 5 is no layer of the model m; its layers are 0 to 4"),
        ([entry("0", "99999999999999999999", line: 2)], "is no layer of the model m"),
        ([entry("-1", "0", line: 2)], "m.csv:2: first '-1' is no layer"),
        ([entry("0", "", line: 2)], "m.csv:2: last is empty; name a layer or give its index"),
        ([entry("relu2", "conv1", line: 2)], "m.csv:2: first 'relu2' comes after last 'conv1'; swap the two"),
        ([entry("0", "0", device: "", line: 2)], "m.csv:2: the device is empty; name it"),
        ([entry("0", "0", -1, line: 2)], "m.csv:2: latency_s is -1.0; give 0 or more seconds"),
        ([entry("0", "0", .nan, line: 2)], "m.csv:2: latency_s is nan"),
        ([entry("0", "0", .infinity, line: 2)], "m.csv:2: latency_s is inf"),
        ([entry("0", "0", energyJ: -2, line: 2)], "m.csv:2: energy_j is -2.0; give 0 or more joules, or leave it out"),
        ([entry("0", "0", energyJ: .infinity, line: 2)], "m.csv:2: energy_j is inf"),
        ([entry("0", "0", frequencyHz: 0, line: 2)], "m.csv:2: frequency_hz is 0.0; give a number above 0"),
        ([entry("0", "0", measuredAtS: .nan, line: 2)], "m.csv:2: measured_at is nan"),
        ([ProfileEntry(device: "d", first: "0", last: "0", latencyS: 1, samples: 0)], "m.csv: samples is 0"),
        ([ProfileEntry(device: "d", first: "0", last: "0", latencyS: 1, spreadS: -1)], "m.csv: spread_s is -1.0"),
    ]

    @Test(arguments: faults)
    func aFaultIsOneSentenceWithItsLine(entries: [ProfileEntry], sentence: String) {
        let fault = #expect(throws: DataFault.self) { try profile(entries) }
        #expect(fault?.description.contains(sentence) == true, "\(fault?.description ?? "")")
    }

    @Test func theModelItselfIsChecked() {
        let cases: [([String], Int?, String)] = [
            ([], nil, "the model m has 0 layers"), (["a", "a"], nil, "has two layers 'a'"),
            (["a"], 0, "the maximum bundle size is 0; give 1 or more layers"),
        ]
        for (layerNames, size, sentence) in cases {
            let fault = #expect(throws: DataFault.self) {
                try profile([], layerNames: layerNames, maximumBundleSize: size)
            }
            #expect(fault?.description.contains(sentence) == true, "\(fault?.description ?? "")")
        }
    }

    @Test func aLayerCalledByANumberIsNotTakenForAnother() throws {
        let fault = #expect(throws: DataFault.self) { try profile([entry("1", "1")], layerNames: ["1", "0"]) }
        #expect(fault?.description.contains("first '1' is the name of layer 0 and the index of another") == true)
        #expect(try profile([entry("7", "7")], layerNames: ["a", "7"]).measurements[0].bundle.first == 1)
        #expect(try profile([entry("1", "1")], layerNames: ["0", "1"]).measurements[0].bundle.first == 1)
    }

    @Test func anEmptyProfileIsOne() throws {
        let empty = try profile([])
        #expect(empty.maximumBundleSize == 1)
        #expect(empty.devices.isEmpty)
        #expect(empty.price(of: BundleID(device: "nano", first: 0, last: 0)) == nil)
    }
}
