import Costs
import TestKit
import Testing

private let firstHeader =
    "Datetime (UTC),Country,Zone Name,Zone Id,Carbon Intensity gCO₂eq/kWh (direct),"
    + "Carbon Intensity gCO₂eq/kWh (LCA),Low Carbon Percentage,Renewable Percentage,Data Source,Data Estimated,"
    + "Data Estimation Method\n"
private let secondHeader =
    "Datetime (UTC),Country,Zone name,Zone id,Carbon intensity gCO₂eq/kWh (direct),"
    + "Carbon intensity gCO₂eq/kWh (Life cycle),Carbon-free energy percentage (CFE%),"
    + "Renewable energy percentage (RE%),Data source,Data estimated,Data estimation method\n"

private func row(_ time: String, _ direct: String = "100.5", _ lifecycle: String = "150.25", zone: String = "X-Y")
    -> String
{
    "\(time),Land,\"Grid, The\",\(zone),\(direct),\(lifecycle),50.0,40.0,somebody.org,false,\n"
}

private func parse(
    _ text: String, scope: EmissionFactor.Scope = .lifecycle, zone: String? = nil, resolutionS: Double? = nil,
    limits: CSVLimits = .carbon
) throws -> CarbonSeries {
    try ElectricityMapsCSV.parse(
        Array(text.utf8), file: "x.csv", scope: scope, zone: zone, resolutionS: resolutionS, limits: limits)
}

private let threeRows = row("2023-01-01 00:00:00") + row("2023-01-01 01:00:00", "90") + row("2023-01-01 02:00:00")

@Suite struct ElectricityMapsCSVTests {
    @Test(arguments: [firstHeader, secondHeader, firstHeader.uppercased(), "\u{FEFF}" + secondHeader])
    func bothGenerationsOfHeadersAreRead(header: String) throws {
        for text in [header + threeRows, (header + threeRows).replacing("\n", with: "\r\n")] {
            let lifecycle = try parse(text)
            #expect(lifecycle.zone == "X-Y")
            #expect(lifecycle.factor == EmissionFactor(.lifecycle, .average))
            #expect(lifecycle.resolutionS == 3600)
            #expect(lifecycle.points.map(\.intensityGPerKWh) == [150.25, 150.25, 150.25])
            #expect(lifecycle.points.map(\.startS) == [1_672_531_200, 1_672_534_800, 1_672_538_400])
            #expect(lifecycle.points.map(\.isEstimated) == [false, false, false])
            #expect(lifecycle.holes.isEmpty)
            let direct = try parse(text, scope: .direct)
            #expect(direct.points.map(\.intensityGPerKWh) == [100.5, 90, 100.5])
            #expect(direct.factor == EmissionFactor(.direct))
        }
    }

    @Test func theOtherWayToWriteTimesIsRead() throws {
        let text = secondHeader + row("2023-01-01T00:00:00Z") + row("2023-01-01T01:00:00Z")
        #expect(try parse(text).points.map(\.startS) == [1_672_531_200, 1_672_534_800])
    }

    @Test func estimatesAreTold() throws {
        let text = firstHeader + threeRows.replacing("false", with: "TRUE", maxReplacements: 1)
        #expect(try parse(text).points.map(\.isEstimated) == [true, false, false])
        let blank = firstHeader + threeRows.replacing("false", with: "")
        #expect(try parse(blank).points.map(\.isEstimated) == [nil, nil, nil])
        let without = "datetime (utc),zone id,carbon intensity gCO2eq/kWh (direct)\n2023-01-01 00:00:00,Z,1\n"
        #expect(try parse(without, scope: .direct, resolutionS: 3600).points.map(\.isEstimated) == [nil])
    }

    @Test func aHoleIsKeptAsAHole() throws {
        let series = try parse(
            firstHeader + threeRows + row("2023-01-01 05:00:00") + row("2023-01-01 06:00:00")
                + row("2023-01-01 08:00:00"))
        #expect(series.holes.map { ($0.upperBound - $0.lowerBound) / 3600 } == [2, 1])
        #expect(series.intensity(at: 1_672_531_200 + 3 * 3600) == nil)
        #expect(series.gap(at: 1_672_531_200 + 3 * 3600)?.description.contains("has a hole from 2023-01-01T03") == true)
    }

    @Test func changesOfLocalTimeDoNotMatter() throws {
        // The nights in which clocks change, in March and in October: an hour follows an hour in UTC.
        for day in ["2023-03-12", "2023-03-26", "2023-10-29", "2023-11-05"] {
            let rows = (0..<24).map { row("\(day) \($0 < 10 ? "0" : "")\($0):00:00") }.joined()
            let series = try parse(firstHeader + rows)
            #expect(series.points.count == 24)
            #expect(series.holes.isEmpty)
        }
        // A column of local times is not looked at: here its hour 2 comes twice.
        let local = """
            Datetime (UTC),Datetime (local),Zone id,Carbon intensity gCO2eq/kWh (direct)
            2023-10-29 00:00:00,2023-10-29 02:00:00,DE,1
            2023-10-29 01:00:00,2023-10-29 02:00:00,DE,2
            2023-10-29 02:00:00,2023-10-29 03:00:00,DE,3
            """
        #expect(try parse(local, scope: .direct).points.map(\.intensityGPerKWh) == [1, 2, 3])
    }

    @Test(arguments: [(5, 300.0), (15, 900), (30, 1800)])
    func theResolutionIsTheMostFrequentDistance(minutes: Int, expectedS: Double) throws {
        let rows = stride(from: 0, to: 60, by: minutes).filter { $0 != 15 }
            .map { row("2023-01-01 00:\($0 < 10 ? "0" : "")\($0):00") }
        // Two half hours alone would not show which distance is the usual one.
        let more = [row("2023-01-01 01:00:00"), row("2023-01-01 01:\(minutes < 10 ? "0" : "")\(minutes):00")]
        #expect(try parse(firstHeader + (rows + more).joined()).resolutionS == expectedS)
    }

    @Test func theLesserDistanceWinsATie() throws {
        let series = try parse(
            firstHeader + row("2023-01-01 00:00:00") + row("2023-01-01 01:00:00") + row("2023-01-01 01:30:00"))
        #expect(series.resolutionS == 1800)
        #expect(series.holes == [1_672_533_000..<1_672_534_800])
    }

    static let faults: [(String, String)] = [
        ("", "x.csv: is empty; give an hourly file of Electricity Maps"),
        (firstHeader, "x.csv:1: only a header is there; give a file with rows"),
        (threeRows, "x.csv:1: there is no column 'Datetime (UTC)'"),
        (firstHeader.replacing("(LCA)", with: "(LCB)") + threeRows, "x.csv:1: there is no column 'Carbon Intensity"),
        (
            firstHeader.replacing("Low Carbon Percentage", with: "carbon intensity gCO2eq/kWh (life cycle)")
                + threeRows,
            "x.csv:1: there are two columns for 'Carbon Intensity"
        ),
        (firstHeader.replacing("Country", with: "zone id") + threeRows, "x.csv:1: the column 'zone id' stands twice"),
        (
            firstHeader + threeRows + row("2023-01-01 02:00:00"),
            "x.csv:5: the time 2023-01-01 02:00:00 stands also on line 4; remove one of the two"
        ),
        (
            firstHeader + threeRows + row("2023-01-01 01:30:00"),
            "x.csv:5: the time 2023-01-01 01:30:00 is before that of line 4; sort the rows by their time in UTC"
        ),
        (
            firstHeader + threeRows + row("2023-01-01 03:00:00", zone: "X-Z"),
            "x.csv:5: the zone is 'X-Z' but should be 'X-Y'; keep a file for each zone"
        ),
        (firstHeader + row("2023-01-01 00:00:00", zone: ""), "x.csv:2: the zone is empty; name it in 'Zone Id'"),
        (
            firstHeader + threeRows + row("2023-01-01 03:30:00"),
            "x.csv:5: is 5400 s after line 4, but each row holds for 3600 s; correct its time or remove the line"
        ),
        (
            firstHeader + row("2023-01-01 00:00:00") + row("2023-01-01 00:07:00"),
            "x.csv: its rows are mostly 420 s apart, which is no resolution of Electricity Maps"
        ),
        (
            firstHeader + row("2023-01-01 00:00:00"),
            "x.csv: has only one row, which does not tell how long it holds; give its resolution"
        ),
        (
            firstHeader + threeRows + row("2023-02-29 00:00:00"),
            "x.csv:5: '2023-02-29 00:00:00' is no time in UTC; write it as 2023-01-01 00:00:00"
        ),
        (firstHeader + row("2023-01-01 00:00:00+01:00"), "is no time in UTC"),
        (firstHeader + row("01/01/2023 00:00"), "x.csv:2: '01/01/2023 00:00' is no time in UTC"),
        (
            firstHeader + row("2023-01-01 00:00:00", "1", ""),
            "x.csv:2: 'carbon intensity gco2eq/kwh (lca)' is empty; remove the line, which leaves a hole"
        ),
        (firstHeader + row("2023-01-01 00:00:00", "1", "n/a"), "x.csv:2: 'carbon intensity gco2eq/kwh (lca)' is 'n/a'"),
        (firstHeader + row("2023-01-01 00:00:00", "1", "nan"), "is 'nan', which is no number"),
        (firstHeader + row("2023-01-01 00:00:00", "1", "0x10"), "is '0x10', which is no number"),
        (firstHeader + row("2023-01-01 00:00:00", "1", "1e999"), "is '1e999', which is no number"),
        (
            firstHeader + row("2023-01-01 00:00:00", "1", "-3"),
            "x.csv:2: 'carbon intensity gco2eq/kwh (lca)' is -3; give 0 to 5000 g/kWh or remove the line"
        ),
        (firstHeader + row("2023-01-01 00:00:00", "1", "80000"), "is 80000; give 0 to 5000 g/kWh"),
        (firstHeader + threeRows.replacing("false", with: "maybe"), "x.csv:2: 'data estimated' is 'maybe'"),
        (
            firstHeader + "2023-01-01 00:00:00,Land,Grid, The,X-Y,1,2,3,4,5,false,\n",
            "x.csv:2: has 12 fields but the header names 11; complete or remove the line"
        ),
        (firstHeader + "2023-01-01 00:0", "x.csv:2: has 1 field but the header names 11"),
        (firstHeader + "\"2023", "x.csv:2: a quote is not closed on its line; close it or double it"),
        (firstHeader + "\"2023\"x,", "x.csv:2: text follows a closing quote"),
        (firstHeader + "20\"23,", "x.csv:2: a quote stands inside a field"),
        (firstHeader + "20\r23,", "x.csv:2: a carriage return stands inside the line"),
        (firstHeader + String(repeating: "x", count: 5000), "x.csv:2: is longer than 4096 bytes"),
    ]

    @Test(arguments: faults)
    func aFaultIsOneSentenceWithItsLine(text: String, sentence: String) {
        let fault = #expect(throws: DataFault.self) { try parse(text) }
        #expect(fault?.description.contains(sentence) == true, "\(fault?.description ?? "")")
        #expect(fault?.description.hasPrefix("x.csv") == true)
        #expect(fault?.description.contains("; ") == true)
    }

    @Test func theZoneAskedForMustBeThere() {
        let fault = #expect(throws: DataFault.self) { try parse(firstHeader + threeRows, zone: "DE") }
        #expect(fault?.description == "x.csv:2: the zone is 'X-Y' but should be 'DE'; keep a file for each zone")
    }

    @Test func limitsAreKept() throws {
        let text = firstHeader + threeRows
        let exact = CSVLimits(
            maximumBytes: text.utf8.count, maximumRows: 3, maximumLineBytes: firstHeader.utf8.count - 1)
        #expect(try parse(text, limits: exact).points.count == 3)
        for limits in [
            CSVLimits(maximumBytes: text.utf8.count - 1, maximumRows: 3, maximumLineBytes: 4096),
            CSVLimits(maximumBytes: text.utf8.count, maximumRows: 2, maximumLineBytes: 4096),
            CSVLimits(maximumBytes: text.utf8.count, maximumRows: 3, maximumLineBytes: firstHeader.utf8.count - 2),
        ] {
            let fault = #expect(throws: DataFault.self) { try parse(text, limits: limits) }
            #expect(fault?.description.contains("than") == true)
        }
    }

    @Test func bytesThatAreNoTextAreRefused() {
        var bytes = Array((firstHeader + threeRows).utf8)
        bytes[firstHeader.utf8.count + 22] = 0xFF
        let fault = #expect(throws: DataFault.self) {
            try ElectricityMapsCSV.parse(bytes, file: "x.csv", scope: .direct)
        }
        #expect(fault?.description == "x.csv:2: field 2 is not UTF-8; save the file as UTF-8")
    }

    @Test func damagedFilesAreReadOrRefusedButNeverTrap() {
        var mutator = ByteMutator(seed: 8, interesting: Array(",\"\n\r-.0:Z".utf8), maximumBytes: 1 << 16)
        let sample = Array((secondHeader + threeRows).utf8)
        for _ in 0..<3000 {
            let bytes = mutator.mutate(sample)
            guard let series = try? ElectricityMapsCSV.parse(bytes, file: "x.csv", scope: .direct) else { continue }
            #expect(series.points.allSatisfy { $0.intensityGPerKWh >= 0 })
        }
    }
}
