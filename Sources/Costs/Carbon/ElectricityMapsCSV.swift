/// The yearly files of Electricity Maps' data portal, in both generations of their headers.
///
/// Columns are found by name, without case: `Datetime (UTC)`, `Zone Id`, and the intensity `Carbon Intensity
/// gCO₂eq/kWh (direct)`, `… (LCA)` or, since 2025, `… (Life cycle)`; `Data Estimated` is read where it is there. Other
/// columns are passed over. Missing rows are holes of the series; every other irregularity is a fault.
public enum ElectricityMapsCSV {
    /// Resolutions of the published files, in seconds: 5, 15 and 30 minutes, an hour, a day.
    public static let resolutionsS = [300.0, 900, 1800, 3600, 86_400]

    /// Reads a whole file.
    ///
    /// - Parameters:
    ///   - file: what faults call it.
    ///   - scope: which of the two intensity columns.
    ///   - zone: what the zone must be; nil: that of the first row.
    ///   - resolutionS: how long a row holds; nil: the most frequent distance between rows.
    /// - Throws: ``DataFault`` with file, line, what, and what to do.
    public static func parse(
        _ bytes: [UInt8], file: String, scope: EmissionFactor.Scope, zone: String? = nil, resolutionS: Double? = nil,
        limits: CSVLimits = .carbon
    ) throws(DataFault) -> CarbonSeries {
        var reader = try CSVReader(bytes, file: file, limits: limits)
        guard let header = try reader.next() else {
            throw DataFault(file: file, "is empty", "give an hourly file of Electricity Maps")
        }
        let columns = try Columns(header, file: file, scope: scope)
        var rows: [Row] = []
        var expectedZone = zone
        while let row = try reader.next() {
            rows.append(try columns.read(row, zone: expectedZone, after: rows.last))
            if expectedZone == nil { expectedZone = row.fields[columns.zone] }
        }
        guard let expectedZone, !rows.isEmpty else {
            throw DataFault(file: file, line: header.line, "only a header is there", "give a file with rows")
        }
        let resolution = if let resolutionS { resolutionS } else { try mostFrequentDistance(rows, file: file) }
        try checkDistances(rows, resolutionS: resolution, file: file)
        do {
            return try CarbonSeries(
                zone: expectedZone, factor: EmissionFactor(scope), resolutionS: resolution, points: rows.map(\.point))
        } catch {
            throw DataFault(file: file, error.problem, error.advice)
        }
    }

    private struct Row {
        var line: Int
        var point: CarbonPoint
    }

    private struct Columns {
        var header: CSVHeader
        var time: Int
        var zone: Int
        var intensity: Int
        var estimated: Int?

        init(_ row: CSVRow, file: String, scope: EmissionFactor.Scope) throws(DataFault) {
            let header = try CSVHeader(row, file: file)
            func find(_ names: [String], _ shown: String) throws(DataFault) -> Int {
                let found = names.compactMap(header.index(of:))
                guard let first = found.first else {
                    throw DataFault(
                        file: file, line: row.line, "there is no column '\(shown)'",
                        "give a file of Electricity Maps with its header")
                }
                guard found.count == 1 else {
                    throw DataFault(
                        file: file, line: row.line, "there are two columns for '\(shown)'", "remove one")
                }
                return first
            }
            self.header = header
            time = try find(["datetime (utc)"], "Datetime (UTC)")
            zone = try find(["zone id"], "Zone Id")
            switch scope {
            case .direct:
                intensity = try find(
                    ["carbon intensity gco2eq/kwh (direct)"], "Carbon Intensity gCO\u{2082}eq/kWh (direct)")
            case .lifecycle:
                intensity = try find(
                    ["lca", "life cycle", "lifecycle"].map { "carbon intensity gco2eq/kwh (\($0))" },
                    "Carbon Intensity gCO\u{2082}eq/kWh (Life cycle)")
            }
            estimated = header.index(of: "data estimated")
        }

        func read(_ row: CSVRow, zone expectedZone: String?, after last: Row?) throws(DataFault) -> Row {
            func fault(_ problem: String, _ advice: String) -> DataFault {
                DataFault(file: header.file, line: row.line, problem, advice)
            }
            try header.check(row)
            let rowZone = row.fields[zone]
            guard !rowZone.isEmpty else { throw fault("the zone is empty", "name it in 'Zone Id'") }
            if let expectedZone, rowZone != expectedZone {
                throw fault("the zone is '\(rowZone)' but should be '\(expectedZone)'", "keep a file for each zone")
            }
            guard let startS = UTCTime.secondsSince1970(feed: row.fields[time]) else {
                throw fault(
                    "'\(row.fields[time])' is no time in UTC", "write it as 2023-01-01 00:00:00")
            }
            if let last, startS <= last.point.startS {
                throw startS == last.point.startS
                    ? fault("the time \(row.fields[time]) stands also on line \(last.line)", "remove one of the two")
                    : fault(
                        "the time \(row.fields[time]) is before that of line \(last.line)",
                        "sort the rows by their time in UTC")
            }
            let text = row.fields[intensity]
            let name = header.names[intensity]
            guard !text.isEmpty else {
                throw fault("'\(name)' is empty", "remove the line, which leaves a hole, or fill in the figure")
            }
            guard let value = PlainNumber.parse(text) else {
                throw fault("'\(name)' is '\(text)', which is no number", "correct it or remove the line")
            }
            guard (0...CarbonSeries.maximumIntensityGPerKWh).contains(value) else {
                throw fault(
                    "'\(name)' is \(text)",
                    "give 0 to \(Int(CarbonSeries.maximumIntensityGPerKWh)) g/kWh or remove the line")
            }
            var isEstimated: Bool?
            if let estimated {
                switch row.fields[estimated].lowercased() {
                case "true": isEstimated = true
                case "false": isEstimated = false
                case "": isEstimated = nil
                default:
                    throw fault("'data estimated' is '\(row.fields[estimated])'", "write true or false")
                }
            }
            return Row(
                line: row.line,
                point: CarbonPoint(startS: startS, intensityGPerKWh: value, isEstimated: isEstimated))
        }
    }

    private static func mostFrequentDistance(_ rows: [Row], file: String) throws(DataFault) -> Double {
        var counts: [Double: Int] = [:]
        for (earlier, later) in zip(rows, rows.dropFirst()) {
            counts[later.point.startS - earlier.point.startS, default: 0] += 1
        }
        // The lesser distance wins a tie: holes make distances longer, never shorter.
        let best = counts.max { $0.value < $1.value || $0.value == $1.value && $0.key > $1.key }?.key
        guard let best else {
            throw DataFault(
                file: file, "has only one row, which does not tell how long it holds", "give its resolution")
        }
        guard resolutionsS.contains(best) else {
            throw DataFault(
                file: file, "its rows are mostly \(seconds(best)) apart, which is no resolution of Electricity Maps",
                "give a file by 5, 15 or 30 minutes, by hour or by day, or name its resolution")
        }
        return best
    }

    /// A row off the grid of the others is a damaged time, not a hole.
    private static func checkDistances(_ rows: [Row], resolutionS: Double, file: String) throws(DataFault) {
        guard resolutionS.isFinite, resolutionS > 0 else {
            throw DataFault(file: file, "its resolution is given as \(resolutionS) s", "give a number above 0")
        }
        for (earlier, later) in zip(rows, rows.dropFirst()) {
            let distanceS = later.point.startS - earlier.point.startS
            guard distanceS.truncatingRemainder(dividingBy: resolutionS) == 0 else {
                throw DataFault(
                    file: file, line: later.line,
                    "is \(seconds(distanceS)) after line \(earlier.line), but each row holds for "
                        + seconds(resolutionS),
                    "correct its time or remove the line")
            }
        }
    }

    private static func seconds(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e15 ? "\(Int64(value)) s" : "\(value) s"
    }
}
