import Costs
import Glibc
import Testing

/// The published year of three zones; it may not be committed, so the folder is named from outside.
@Suite struct RealCarbonFilesTests {
    static let folder: String? = getenv("LAMELLA_CARBON_DATA").map { String(cString: $0) }

    private func read(_ path: String) -> [UInt8]? {
        guard let file = fopen(path, "r") else { return nil }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while case let count = fread(&buffer, 1, buffer.count, file), count > 0 {
            bytes += buffer[..<count]
        }
        return bytes
    }

    @Test(
        "a year of three zones is whole",
        .enabled(if: folder != nil, "LAMELLA_CARBON_DATA names no folder with the files of 2023"),
        arguments: [
            ("US-CAL-BANC", 64.46, 468.85, 70), ("US-CAL-CISO", 93.97, 429.43, 3), ("US-MIDW-MISO", 305.7, 633.47, 48),
        ])
    func aYear(zone: String, least: Double, most: Double, estimated: Int) throws {
        let name = "\(zone)_2023_hourly.csv"
        let bytes = try #require(read((Self.folder ?? "") + "/" + name))
        let series = try ElectricityMapsCSV.parse(bytes, file: name, scope: .lifecycle, zone: zone)
        #expect(series.points.count == 8760)
        #expect(series.resolutionS == 3600)
        #expect(series.holes.isEmpty)
        #expect(series.span == 1_672_531_200..<1_704_067_200)
        #expect(series.points.map(\.intensityGPerKWh).min() == least)
        #expect(series.points.map(\.intensityGPerKWh).max() == most)
        #expect(series.points.filter { $0.isEstimated == true }.count == estimated)
        let direct = try ElectricityMapsCSV.parse(bytes, file: name, scope: .direct, zone: zone)
        #expect(zip(direct.points, series.points).allSatisfy { $0.intensityGPerKWh < $1.intensityGPerKWh })
    }
}
