import ModelGraph

/// Turns a file of many inputs into requests, and the answers back into figures.
public enum TensorRequests {
    /// Cuts an input along its first axis into requests of `rows` rows.
    ///
    /// An input without axes, or with no more rows than that, is one request.
    ///
    /// - Parameter rows: the first axis that the model takes.
    /// - Throws: `NPYError` where the rows do not divide evenly, or there is none.
    public static func split(_ input: NPYArray, rows: Int) throws(NPYError) -> [NPYArray] {
        guard let count = input.shape.first else { return [input] }
        guard count > 0, rows > 0, count % rows == 0 else {
            throw NPYError("\(input.typeText) cannot be cut into requests of \(rows) row\(rows == 1 ? "" : "s") each")
        }
        var requests: [NPYArray] = []
        requests.reserveCapacity(count / rows)
        for start in stride(from: 0, to: count, by: rows) { requests.append(try input.rows(start..<start + rows)) }
        return requests
    }

    /// The class with the largest score in each row: the position of the largest element along the last axis.
    ///
    /// - Throws: `NPYError` where the array holds no floating-point scores.
    public static func predictions(_ scores: NPYArray) throws(NPYError) -> [Int] {
        guard let classes = scores.shape.last, classes > 0 else {
            throw NPYError("\(scores.typeText) has no axis of classes")
        }
        let value: @Sendable (UnsafeRawBufferPointer, Int) -> Double
        switch scores.elementType {
        case .float32: value = { Double($0.loadUnaligned(fromByteOffset: 4 * $1, as: Float.self)) }
        case .float64: value = { $0.loadUnaligned(fromByteOffset: 8 * $1, as: Double.self) }
        default: throw NPYError("\(scores.typeText) holds no scores: they must be float32 or float64")
        }
        return scores.bytes.withUnsafeBytes { bytes in
            stride(from: 0, to: scores.count, by: classes).map { start in
                // The first of equals, as NumPy's argmax has it.
                (1..<classes).reduce(0) { value(bytes, start + $1) > value(bytes, start + $0) ? $1 : $0 }
            }
        }
    }

    /// The integers of a file of labels, one for each row of inputs.
    ///
    /// - Throws: `NPYError` where the array is no list of integers.
    public static func labels(_ array: NPYArray) throws(NPYError) -> [Int] {
        guard array.shape.count == 1 else {
            throw NPYError("\(array.typeText) is no list of labels: it needs one axis")
        }
        let type = array.elementType
        let value: @Sendable (UnsafeRawBufferPointer, Int) -> Int
        switch type {
        case .int64: value = { Int($0.loadUnaligned(fromByteOffset: 8 * $1, as: Int64.self)) }
        case .int32: value = { Int($0.loadUnaligned(fromByteOffset: 4 * $1, as: Int32.self)) }
        case .uint8: value = { Int($0[$1]) }
        default: throw NPYError("\(array.typeText) is no list of labels: they must be int64, int32 or uint8")
        }
        return array.bytes.withUnsafeBytes { bytes in (0..<array.count).map { value(bytes, $0) } }
    }
}

/// What a set of measured latencies comes to.
public struct LatencySummary: Sendable, Equatable, Codable {
    public var medianS: Double
    /// 95 of 100 are no longer than this (nearest rank).
    public var p95S: Double

    /// Nil where nothing was measured.
    public init?(_ latenciesS: [Double]) {
        let sorted = latenciesS.filter { !$0.isNaN }.sorted()
        guard !sorted.isEmpty else { return nil }
        let middle = sorted.count / 2
        medianS = sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
        p95S = sorted[(sorted.count * 95 + 99) / 100 - 1]
    }

    enum CodingKeys: String, CodingKey {
        case medianS = "median_s"
        case p95S = "p95_s"
    }
}
