import Costs

/// Measured bundles as comma-separated values: a row for each, so that a person can read them in a spreadsheet and a
/// program can append what it measures.
///
///     model,device,frequency_hz,first,last,latency_s,energy_j,samples,spread_s,measured_at,method
///     alexnet,nano,921.6e6,conv1,relu1,0.0021,0.0183,100,0.00004,2026-11-20T10:00:00Z,trimmed mean
///
/// Columns may stand in any order; those without a figure may be left out, and an empty field is unknown, never zero.
/// Columns that are not known are faults. `first` and `last` name layers, or count them from 0. Lines that start with
/// `#` are comments.
public enum ProfileFile {
    public static let columns = [
        "model", "device", "frequency_hz", "first", "last", "latency_s", "energy_j", "samples", "spread_s",
        "measured_at", "method",
    ]
    private static let required = ["model", "device", "first", "last", "latency_s"]

    /// Reads and checks a file. Blocks on the file.
    ///
    /// - Parameters:
    ///   - model: what the rows must say.
    ///   - layerNames: the model's layers, which the rows name.
    ///   - maximumBundleSize: longer bundles are not used; nil: that of the longest bundle measured.
    /// - Throws: ``ConfigurationError``: one sentence with the file and the line.
    public static func load(
        _ path: String, model: String, layerNames: [String], maximumBundleSize: Int? = nil
    ) throws -> BundleProfile {
        let bytes: [UInt8]
        do {
            bytes = try FileBytes.read(path, maximumBytes: CSVLimits.profile.maximumBytes)
        } catch {
            throw ConfigurationError("\(error)")
        }
        do {
            return try parse(
                bytes, file: path, model: model, layerNames: layerNames, maximumBundleSize: maximumBundleSize)
        } catch {
            throw ConfigurationError("\(error)")
        }
    }

    /// The same for a text that is read already.
    ///
    /// - Throws: ``DataFault``.
    public static func parse(
        _ bytes: [UInt8], file: String, model: String, layerNames: [String], maximumBundleSize: Int? = nil,
        limits: CSVLimits = .profile
    ) throws(DataFault) -> BundleProfile {
        let entries = try entries(bytes, file: file, model: model, limits: limits)
        guard !entries.isEmpty else {
            throw DataFault(
                file: file, "has no row below its header", "add what was measured, or plan without the profile")
        }
        return try BundleProfile(
            model: model, layerNames: layerNames, entries: entries, maximumBundleSize: maximumBundleSize, file: file)
    }

    /// The rows alone, their layers not looked up.
    ///
    /// - Throws: ``DataFault``.
    public static func entries(
        _ bytes: [UInt8], file: String, model: String, limits: CSVLimits = .profile
    ) throws(DataFault) -> [ProfileEntry] {
        var reader = try CSVReader(bytes, file: file, limits: limits, hasComments: true)
        guard let first = try reader.next() else {
            throw DataFault(file: file, "is empty", "start it with the line \(columns.joined(separator: ","))")
        }
        let header = try header(first, file: file)
        var entries: [ProfileEntry] = []
        while let row = try reader.next() {
            try header.check(row)
            entries.append(try ProfileRow(row, header).entry(model: model))
        }
        return entries
    }

    private static func header(_ row: CSVRow, file: String) throws(DataFault) -> CSVHeader {
        let header = try CSVHeader(row, file: file)
        if let unknown = header.names.first(where: { !columns.contains($0) }) {
            throw DataFault(
                file: file, line: row.line, "the column '\(unknown)' is not known",
                "use only \(columns.joined(separator: ", "))")
        }
        if let missing = required.first(where: { header.index(of: $0) == nil }) {
            throw DataFault(file: file, line: row.line, "there is no column '\(missing)'", "add it")
        }
        return header
    }

    /// The text of a file with all columns.
    public static func text(_ entries: [ProfileEntry], model: String) -> String {
        header + "\n" + entries.map { line($0, model: model) }.joined()
    }

    /// Adds rows to a file, which is made where there is none. After a crash the file holds all of the rows or none.
    ///
    /// - Throws: ``FileError``, or ``DataFault`` where the file has other columns.
    public static func append(_ entries: [ProfileEntry], model: String, to path: String) throws {
        guard FileBytes.exists(path) else {
            return try FileBytes.writeDurably(Array(text(entries, model: model).utf8), to: path)
        }
        var bytes = try FileBytes.read(path, maximumBytes: CSVLimits.profile.maximumBytes)
        // Read as a whole, so that nothing is ever added to a file that cannot be read.
        _ = try self.entries(bytes, file: path, model: model)
        try checkColumns(bytes, file: path)
        if bytes.last != UInt8(ascii: "\n") { bytes.append(UInt8(ascii: "\n")) }
        bytes += entries.flatMap { Array(line($0, model: model).utf8) }
        try FileBytes.writeDurably(bytes, to: path)
    }

    /// The first line of a file with all columns, without its end.
    static let header = columns.joined(separator: ",")

    /// May a program add rows to this file?
    ///
    /// - Throws: ``DataFault``.
    static func checkColumns(_ bytes: [UInt8], file: String) throws(DataFault) {
        var reader = try CSVReader(bytes, file: file, limits: .profile, hasComments: true)
        guard let row = try reader.next(), try header(row, file: file).names == columns else {
            throw DataFault(
                file: file, line: 1, "the columns are not those that a program writes", "order them as \(header)")
        }
    }

    static func line(_ entry: ProfileEntry, model: String) -> String {
        func number(_ value: Double?) -> String { value.map { "\($0)" } ?? "" }
        let fields = [
            model, entry.device.name, number(entry.frequencyHz), entry.first, entry.last, number(entry.latencyS),
            number(entry.energyJ), entry.samples.map(String.init) ?? "", number(entry.spreadS),
            entry.measuredAtS.map { UTCTime.string(secondsSince1970: $0) } ?? "", entry.method ?? "",
        ]
        return fields.map(quoted).joined(separator: ",") + "\n"
    }

    /// Line ends cannot be kept: a field ends on its line.
    private static func quoted(_ field: String) -> String {
        let field = String(String.UnicodeScalarView(field.unicodeScalars.map { $0 == "\n" || $0 == "\r" ? " " : $0 }))
        guard field.utf8.contains(where: { [UInt8(ascii: ","), UInt8(ascii: "\""), UInt8(ascii: "#")].contains($0) })
        else { return field }
        return "\"" + field.replacing("\"", with: "\"\"") + "\""
    }
}
