import Costs
import ModelGraph
import Sharing
import SharingPlans

/// Times of parts and messages from an estimator's trees (FlexPie, cost estimator).
///
/// Traces know convolutions by channel, and of one pixel. Dense convolutions of larger windows count as unfolded to one
/// pixel and so many more input channels; rows of linear operators count as pixels. Of other operators, and of what is
/// larger than all that was traced, nothing is said. What is smaller is priced as the smallest.
///
/// Calls block: never on the cooperative pool.
public struct EstimatedTiming: ShareTiming {
    private let estimator: Estimator

    public init(_ estimator: Estimator) { self.estimator = estimator }

    public func computeS(_ parts: [SharePart], of shared: SharedGraph) throws(SharingError) -> [Double?] {
        let windows = shared.graph.operators.indices.map { OperatorWindow(shared, $0) }
        return try times(.compute, parts) { part in
            windows[part.position]?.features(part.region)?.computeRow(cores: estimator.header.cores)
        }
    }

    /// Messages longer than all that were traced count as several of the longest, one after the other.
    public func movingS(_ messages: [ShareMessage], on cluster: SharingCluster) throws(SharingError) -> [Double?] {
        guard let longest = estimator.model(.transfer)?.largest.last.map({ Int($0) }), longest > 0 else {
            return messages.map { _ in nil }
        }
        func row(_ message: ShareMessage, _ byteCount: Int) -> [Double] {
            [cluster.bandwidthBytesPerS[message.from][message.to] * 8 / 1e9, Double(byteCount)]
        }
        let rests = try times(.transfer, messages) { row($0, ($0.byteCount - 1) % longest + 1) }
        let whole = try times(.transfer, messages) { $0.byteCount > longest ? row($0, longest) : nil }
        return messages.indices.map { index in
            let count = (messages[index].byteCount - 1) / longest
            guard count > 0 else { return rests[index] }
            guard let rest = rests[index], let one = whole[index] else { return nil }
            return rest + Double(count) * one
        }
    }

    /// Asks for each row once, and all rows at once.
    private func times<Question>(
        _ kind: TraceKind, _ questions: [Question], _ row: (Question) -> [Double]?
    ) throws(SharingError) -> [Double?] {
        guard let model = estimator.model(kind) else { return questions.map { _ in nil } }
        var places: [[Double]: Int] = [:]
        var rows: [[Double]] = []
        let asked = questions.map { question -> Int? in
            guard let row = row(question), !zip(row, model.largest).contains(where: { $0 > $1 }) else { return nil }
            if let place = places[row] { return place }
            places[row] = rows.count
            rows.append(row)
            return rows.count - 1
        }
        do {
            let found = try estimator.timesS(kind, rows: rows)
            return asked.map { $0.map { found[$0] } }
        } catch {
            throw SharingError("\(error)")
        }
    }
}
