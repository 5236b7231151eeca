import Costs

/// What an estimator's file says of itself before its trees: JSON on one line.
public struct EstimatorHeader: Sendable, Equatable, Codable {
    /// Changes whenever older programs could not read the file.
    public static let currentFormat = "lamella-estimator-1"

    public var format = Self.currentFormat
    /// The hardware that the traces were measured on, as somebody named it.
    public var hardware: String
    /// Cores of a node, between which the output channels of compute rows are divided.
    public var cores: Int
    /// ``fingerprint(hardware:cores:models:)``.
    public var fingerprint: String
    /// Drew the rows that were held out.
    public var seed: UInt64
    public var models: [Model]

    package init(hardware: String, cores: Int, fingerprint: String, seed: UInt64, models: [Model]) {
        self.hardware = hardware
        self.cores = cores
        self.fingerprint = fingerprint
        self.seed = seed
        self.models = models
    }

    /// The trees of one kind of traces.
    public struct Model: Sendable, Equatable, Codable {
        public var kind: TraceKind
        /// The file that was trained on; its name only.
        public var traces: String
        /// Names with units, in the order of the columns.
        public var features: [String]
        /// Least and largest value trained on, for each feature.
        public var least: [Double]
        public var largest: [Double]
        /// Rows in the file; a fifth of them is held out.
        public var rows: Int
        /// Rows with different features.
        public var differentRows: Int
        /// Seconds for an answer of 1.
        public var scaleS: Double
        public var parameters: TreeParameters
        /// On the rows held out of the training of these trees. Nil where there was only one row.
        public var heldOut: EstimateAccuracy?
        /// Of other trees, trained without a fifth of the different features, on those. Nil where it was not measured.
        public var unseen: EstimateAccuracy?
        /// Of these trees' training alone.
        public var trainingS: Double
        /// Where its bytes end is where the next model's begin.
        public var byteCount: Int
        /// ``digest(_:)`` of the bytes, against files that were damaged.
        public var digest: String

        enum CodingKeys: String, CodingKey {
            case kind, traces, features, least, largest, rows, parameters, unseen, digest
            case differentRows = "different_rows"
            case scaleS = "scale_s"
            case heldOut = "held_out"
            case trainingS = "training_s"
            case byteCount = "byte_count"
        }

        package init(
            _ table: TraceTable, differentRows: Int, scaleS: Double, parameters: TreeParameters,
            heldOut: EstimateAccuracy?, unseen: EstimateAccuracy?, trainingS: Double, bytes: [UInt8]
        ) {
            kind = table.kind
            traces = table.file.split(separator: "/" as Character).last.map(String.init) ?? ""
            features = table.kind.features.map(\.name)
            let ranges = table.ranges()
            least = ranges.map(\.lowerBound)
            largest = ranges.map(\.upperBound)
            rows = table.rowCount
            self.differentRows = differentRows
            self.scaleS = scaleS
            self.parameters = parameters
            self.heldOut = heldOut
            self.unseen = unseen
            self.trainingS = trainingS
            byteCount = bytes.count
            digest = EstimatorHeader.digest(bytes[...])
        }

        /// Why a row lies outside of what was trained on; nil where it does not. Trees do not extrapolate: beyond the
        /// largest value they answer as at it.
        public func outside(_ row: [Double]) -> String? {
            for (index, value) in row.enumerated() where value < least[index] || value > largest[index] {
                return "\(features[index]) is \(value), and the \(kind.rawValue) traces have \(least[index]) to "
                    + "\(largest[index])"
            }
            return nil
        }
    }

    /// The same for estimators that answer the same questions about the same hardware; another for all others.
    public static func fingerprint(hardware: String, cores: Int, models: [Model]) -> String {
        let parts = models.map { "\($0.kind.rawValue):\($0.features.joined(separator: ","))" }
        return digest(Array(([currentFormat, hardware, "\(cores)"] + parts).joined(separator: "\n").utf8)[...])
    }

    /// FNV-1a of 64 bits, in hexadecimal (Fowler, Noll, Vo: draft-eastlake-fnv). Tells damage, not malice.
    public static func digest(_ bytes: ArraySlice<UInt8>) -> String {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        let text = String(hash, radix: 16)
        return String(repeating: "0", count: 16 - text.count) + text
    }
}
