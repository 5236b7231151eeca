import Costs

/// One row of a profile file on its way to an entry.
struct ProfileRow {
    private let row: CSVRow
    private let header: CSVHeader

    init(_ row: CSVRow, _ header: CSVHeader) {
        self.row = row
        self.header = header
    }

    /// - Throws: ``DataFault`` with the line.
    func entry(model: String) throws(DataFault) -> ProfileEntry {
        guard text("model") == model else {
            throw fault("the model is '\(text("model"))' but should be '\(model)'", "keep a file for each model")
        }
        guard let latencyS = try number("latency_s") else {
            throw fault("latency_s is empty", "give the seconds or remove the line")
        }
        return ProfileEntry(
            device: DeviceID(text("device")), frequencyHz: try number("frequency_hz"), first: text("first"),
            last: text("last"), latencyS: latencyS, energyJ: try number("energy_j"), samples: try count("samples"),
            spreadS: try number("spread_s"), measuredAtS: try time("measured_at"),
            method: text("method").isEmpty ? nil : text("method"), line: row.line)
    }

    /// Empty also where there is no such column.
    private func text(_ column: String) -> String { header.index(of: column).map { row.fields[$0] } ?? "" }

    private func fault(_ problem: String, _ advice: String) -> DataFault {
        DataFault(file: header.file, line: row.line, problem, advice)
    }

    private func number(_ column: String) throws(DataFault) -> Double? {
        let text = text(column)
        guard !text.isEmpty else { return nil }
        guard let value = PlainNumber.parse(text) else {
            throw fault(
                "\(column) is '\(text)', which is no number",
                column == "latency_s"
                    ? "give the seconds or remove the line" : "correct it, or leave it empty if unknown")
        }
        return value
    }

    private func count(_ column: String) throws(DataFault) -> Int? {
        let text = text(column)
        guard !text.isEmpty else { return nil }
        guard let value = Int(text) else {
            throw fault("\(column) is '\(text)', which is no whole number", "correct it, or leave it empty")
        }
        return value
    }

    private func time(_ column: String) throws(DataFault) -> Double? {
        let text = text(column)
        guard !text.isEmpty else { return nil }
        guard let value = UTCTime.secondsSince1970(feed: text) else {
            throw fault("\(column) is '\(text)', which is no time in UTC", "write it as 2026-11-20T10:00:00Z")
        }
        return value
    }
}
