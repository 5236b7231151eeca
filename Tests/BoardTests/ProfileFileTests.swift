import Board
import Costs
import Glibc
import TestKit
import Testing

private let header =
    "model,device,frequency_hz,first,last,latency_s,energy_j,samples,spread_s,measured_at,method\n"
private let rows = """
    # measured on a rainy day
    m,nano,921.6e6,conv,relu,0.0021,0.0183,100,4e-05,2026-11-20T10:00:00Z,"trimmed mean, 10 %"
    m,nano,537600000,0,1,0.004,,,,,

    m,pi,,fc,2,0.5,1,1,,,

    """

private func parse(_ text: String, maximumBundleSize: Int? = nil, limits: CSVLimits = .profile) throws -> BundleProfile
{
    try ProfileFile.parse(
        Array(text.utf8), file: "m.csv", model: "m", layerNames: ["conv", "relu", "fc"],
        maximumBundleSize: maximumBundleSize, limits: limits)
}

@Suite struct ProfileFileTests {
    @Test func aWholeFileIsRead() throws {
        let profile = try parse(header + rows)
        #expect(profile.measurements.count == 3)
        let first = profile.measurement(of: BundleID(device: "nano", frequencyHz: 921.6e6, first: 0, last: 1))?.entry
        #expect(
            first
                == ProfileEntry(
                    device: "nano", frequencyHz: 921.6e6, first: "conv", last: "relu", latencyS: 0.0021,
                    energyJ: 0.0183, samples: 100, spreadS: 4e-5, measuredAtS: 1_795_168_800,
                    method: "trimmed mean, 10 %", line: 3))
        #expect(
            profile.measurement(of: BundleID(device: "nano", frequencyHz: 537.6e6, first: 0, last: 1))?.energyJ == nil)
        #expect(profile.measurement(of: BundleID(device: "pi", first: 2, last: 2))?.latencyS == 0.5)
        #expect(try parse((header + rows).replacing("\n", with: "\r\n")).measurements == profile.measurements)
    }

    @Test func columnsMayStandInAnyOrderAndBeLeftOut() throws {
        let profile = try parse("Latency_S,first,last,device,model\n0.25,0,0,pi,m\n")
        #expect(
            profile.measurements.map(\.entry) == [
                ProfileEntry(device: "pi", first: "0", last: "0", latencyS: 0.25, line: 2)
            ])
    }

    static let faults: [(String, String)] = [
        ("", "m.csv: is empty; start it with the line model,device,frequency_hz,"),
        (header, "m.csv: has no row below its header; add what was measured, or plan without the profile"),
        (header.replacing("method", with: "mood") + rows, "m.csv:1: the column 'mood' is not known; use only model,"),
        (header.replacing("method", with: "model") + rows, "m.csv:1: the column 'model' stands twice; remove one"),
        ("model,device,first,last\n", "m.csv:1: there is no column 'latency_s'; add it"),
        (header + rows.replacing("m,pi", with: "n,pi"), "m.csv:6: the model is 'n' but should be 'm'; keep a file for"),
        (
            header + rows.replacing("0.004", with: ""),
            "m.csv:4: latency_s is empty; give the seconds or remove the line"
        ),
        (header + rows.replacing("0.004", with: "fast"), "m.csv:4: latency_s is 'fast', which is no number"),
        (header + rows.replacing("0.004", with: "nan"), "m.csv:4: latency_s is 'nan', which is no number"),
        (header + rows.replacing("0.004", with: "-1"), "m.csv:4: latency_s is -1.0; give 0 or more seconds"),
        (header + rows.replacing("0.0183", with: "-1"), "m.csv:3: energy_j is -1.0; give 0 or more joules"),
        (header + rows.replacing(",100,", with: ",1.5,"), "m.csv:3: samples is '1.5', which is no whole number"),
        (header + rows.replacing(",100,", with: ",0,"), "m.csv:3: samples is 0; give 1 or more"),
        (header + rows.replacing("2026-11-20T", with: "2026-13-20T"), "m.csv:3: measured_at is '2026-13-20T10:00:00Z'"),
        (header + rows.replacing("conv,relu", with: "conv,rely"), "m.csv:3: last 'rely' is no layer of the model m"),
        (header + rows.replacing("0,1,0.004", with: "0,3,0.004"), "m.csv:4: last 3 is no layer of the model m; its"),
        (header + rows.replacing("fc,2", with: "fc,1"), "m.csv:6: first 'fc' comes after last '1'; swap the two"),
        (header + rows.replacing("m,pi", with: "m,"), "m.csv:6: the device is empty; name it"),
        (header + rows.replacing("537600000", with: "0"), "m.csv:4: frequency_hz is 0.0; give a number above 0"),
        (
            header + rows.replacing("537600000", with: "921600000"),
            "m.csv:4: the bundle conv to relu (layers 0 to 1) on"
        ),
        (header + rows + "m,pi,,0,0\n", "m.csv:7: has 5 fields but the header names 11; complete or remove the line"),
        (header + rows + "m,pi,,0,0,1,2,3,4,\"", "m.csv:7: a quote is not closed on its line; close it or double it"),
    ]

    @Test(arguments: faults)
    func aFaultIsOneSentenceWithItsLine(text: String, sentence: String) {
        let fault = #expect(throws: DataFault.self) { try parse(text) }
        #expect(fault?.description.contains(sentence) == true, "\(fault?.description ?? "")")
    }

    @Test func limitsAreKept() throws {
        #expect(try parse(header + rows, maximumBundleSize: 1).maximumBundleSize == 1)
        let fault = #expect(throws: DataFault.self) {
            try parse(
                header + rows, limits: CSVLimits(maximumBytes: 1 << 20, maximumRows: 2, maximumLineBytes: 4096))
        }
        #expect(fault?.description == "m.csv:6: is row 3, more than 2; split it into smaller files")
    }

    @Test func whatIsWrittenReadsBack() throws {
        let entries = try parse(header + rows).measurements.map(\.entry)
        let text = ProfileFile.text(entries, model: "m")
        #expect(text.hasPrefix(header))
        let again = try parse(text).measurements.map(\.entry)
        for (written, read) in zip(entries, again) {
            var written = written
            written.line = read.line
            #expect(written == read)
        }
    }

    @Test func aProgramAppendsRows() throws {
        let folder = "/tmp/lamella-profile-\(getpid())-\(UInt32.random(in: 0 ... .max))"
        try FileBytes.makeFolder(folder)
        let path = folder + "/m.csv"
        defer {
            unlink(path)
            rmdir(folder)
        }
        let odd = "a,b\"c\n#d"
        for (index, device) in ["pi", "na,no", "\"", "#x"].enumerated() {
            let entry = ProfileEntry(
                device: DeviceID(device), first: "conv", last: "relu", latencyS: Double(index), method: odd)
            try ProfileFile.append([entry], model: "m", to: path)
        }
        let profile = try ProfileFile.load(path, model: "m", layerNames: ["conv", "relu"])
        #expect(profile.measurements.map(\.latencyS) == [0, 1, 2, 3])
        #expect(profile.measurements.map(\.entry.line) == [2, 3, 4, 5])
        #expect(profile.measurements.map(\.entry.device) == ["pi", "na,no", "\"", "#x"])
        #expect(profile.measurements[0].entry.method == "a,b\"c #d")

        // A person's file may lack the last line end, but not be damaged or ordered otherwise.
        try FileBytes.writeDurably(Array((header + "m,pi,,0,0,1,,,,,").utf8), to: path)
        let more = ProfileEntry(device: "pi", first: "1", last: "1", latencyS: 2)
        try ProfileFile.append([more], model: "m", to: path)
        #expect(try ProfileFile.load(path, model: "m", layerNames: ["conv", "relu"]).measurements.count == 2)
        for text in ["latency_s,first,last,device,model\n", header + "m,pi\n", header.replacing("m", with: "n"), ""] {
            try FileBytes.writeDurably(Array(text.utf8), to: path)
            #expect(throws: DataFault.self) { try ProfileFile.append([more], model: "m", to: path) }
            #expect(try FileBytes.read(path, maximumBytes: 4096) == Array(text.utf8))
        }
        let fault = #expect(throws: ConfigurationError.self) {
            try ProfileFile.load(path, model: "m", layerNames: ["conv"])
        }
        #expect(fault?.description.hasPrefix(path + ": is empty; start it with the line") == true)
    }

    @Test func aFileThatIsNotThereIsNamed() {
        let fault = #expect(throws: ConfigurationError.self) {
            try ProfileFile.load("/nowhere/m.csv", model: "m", layerNames: ["conv"])
        }
        #expect(fault?.description == "cannot read /nowhere/m.csv: No such file or directory")
    }

    @Test func damagedFilesAreReadOrRefusedButNeverTrap() {
        var mutator = ByteMutator(seed: 3, interesting: Array(",\"\n\r-.0e:#".utf8), maximumBytes: 1 << 16)
        let sample = Array((header + rows).utf8)
        for _ in 0..<3000 {
            let bytes = mutator.mutate(sample)
            let profile = try? ProfileFile.parse(
                bytes, file: "m.csv", model: "m", layerNames: ["conv", "relu", "fc"])
            _ = profile?.price(of: BundleID(device: "pi", first: 0, last: 2))
        }
    }
}
