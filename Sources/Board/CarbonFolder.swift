import Costs
import Glibc

/// The carbon traces in a folder: every CSV file of Electricity Maps, joined by zone.
public enum CarbonFolder {
    /// Files that are read from one folder.
    public static let maximumFiles = 1000

    /// Blocks on the files.
    ///
    /// - Parameter scope: which intensity column counts.
    /// - Throws: ``FileError``, ``DataFault``: the file, the line and what to do.
    public static func load(_ path: String, scope: EmissionFactor.Scope) throws -> [CarbonSeries] {
        guard let directory = opendir(path) else { throw ConfigurationError(reason("open", path)) }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name.hasSuffix(".csv") { names.append(name) }
        }
        guard !names.isEmpty else {
            throw ConfigurationError("\(path): there is no .csv file; put hourly files of Electricity Maps there")
        }
        guard names.count <= maximumFiles else {
            throw ConfigurationError("\(path): there are \(names.count) .csv files, more than \(maximumFiles)")
        }
        var byZone: [String: CarbonSeries] = [:]
        for name in names.sorted() {
            let file = path + "/" + name
            let series = try ElectricityMapsCSV.parse(
                try FileBytes.read(file, maximumBytes: CSVLimits.carbon.maximumBytes), file: file, scope: scope)
            if let before = byZone[series.zone] {
                if let one = before.span, let other = series.span, one.overlaps(other) {
                    throw ConfigurationError(
                        "\(file): it tells of \(series.zone) at times that another file of the folder tells of too; "
                            + "keep one of them")
                }
                byZone[series.zone] = try before.merging(series)
            } else {
                byZone[series.zone] = series
            }
        }
        return byZone.values.sorted { $0.zone < $1.zone }
    }

    private static func reason(_ operation: String, _ path: String) -> String {
        "cannot \(operation) the folder \(path): \(String(cString: strerror(errno))); give one with .csv files"
    }
}
