/// Measured rows of one kind, as they are published with FlexPie: numbers alone, no header.
public struct TraceTable: Sendable, Equatable {
    public let kind: TraceKind
    /// What the rows came from, for messages.
    public let file: String
    /// Row after row, one number for each of the kind's features.
    public let features: [Double]
    /// Seconds, one for each row; positive.
    public let timesS: [Double]

    public var rowCount: Int { timesS.count }
    public var featureCount: Int { kind.features.count }

    /// - Precondition: whole rows.
    public init(kind: TraceKind, file: String, features: [Double], timesS: [Double]) {
        precondition(features.count == timesS.count * kind.features.count, "whole rows")
        self.kind = kind
        self.file = file
        self.features = features
        self.timesS = timesS
    }

    /// Reads a file's rows. Lines that start with `#` are comments.
    ///
    /// - Throws: ``DataFault`` with the line: too few or too many fields, no number, a number that cannot be, no rows.
    public init(
        _ bytes: [UInt8], kind: TraceKind, file: String, limits: CSVLimits = .traces
    ) throws(DataFault) {
        let columns = kind.features
        var reader = try CSVReader(bytes, file: file, limits: limits, hasComments: true)
        var features: [Double] = []
        var timesS: [Double] = []
        while let row = try reader.next() {
            func fault(_ problem: String) -> DataFault {
                DataFault(file: file, line: row.line, problem, "correct or remove the line")
            }
            guard row.fields.count == columns.count + 1 else {
                throw fault(
                    "has \(row.fields.count) field\(row.fields.count == 1 ? "" : "s"), not the \(columns.count + 1) of "
                        + "\(kind.rawValue) traces: \(columns.map(\.name).joined(separator: ", ")), \(kind.target)")
            }
            for (column, text) in zip(columns, row.fields) {
                guard let value = PlainNumber.parse(text) else {
                    throw fault("\(column.name) is '\(text)', no number")
                }
                if let problem = column.fault(value) { throw fault(problem) }
                features.append(value)
            }
            let text = row.fields[columns.count]
            guard let measured = PlainNumber.parse(text), measured > 0 else {
                throw fault("\(kind.target) is '\(text)', no number above 0")
            }
            timesS.append(measured * kind.secondsPerTarget)
        }
        guard !timesS.isEmpty else { throw DataFault(file: file, "has no rows", "give the file of a measurement") }
        self.init(kind: kind, file: file, features: features, timesS: timesS)
    }

    /// The features of one row.
    public func row(_ index: Int) -> ArraySlice<Double> {
        features[index * featureCount..<(index + 1) * featureCount]
    }

    /// For each row the number of the first row with the same features.
    ///
    /// Measurements are repeated: a model that is tested on a row whose twin it has seen is tested on its memory.
    public func firstTwins() -> [Int] {
        var first: [ArraySlice<Double>: Int] = [:]
        return (0..<rowCount).map { index in
            let row = row(index)
            if let twin = first[row] { return twin }
            first[row] = index
            return index
        }
    }

    /// Least and largest value of each feature. Trees answer the same beyond them as at them.
    public func ranges() -> [ClosedRange<Double>] {
        (0..<featureCount).map { column in
            let values = stride(from: column, to: features.count, by: featureCount).lazy.map { features[$0] }
            let least = values.min() ?? 0
            return least...(values.max() ?? least)
        }
    }
}

extension CSVLimits {
    /// Ten times what is published stays below these.
    public static let traces = CSVLimits(maximumBytes: 64 << 20, maximumRows: 2_000_000, maximumLineBytes: 4096)
}
