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
        let windows = shared.graph.operators.indices.map { Window(shared, $0) }
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

/// What of an operator its parts have in common.
private struct Window {
    let inputChannels: Int
    let kernel: Int
    let stride: Int
    let isDepthwise: Bool
    let isLinear: Bool

    /// Nil for what traces do not know.
    init?(_ shared: SharedGraph, _ position: Int) {
        let call = shared.graph.call(of: position)
        let shapes = call.inputs.prefix(2).compactMap { $0?.type.shape }
        guard shapes.count == 2, let last = shapes[0].last else { return nil }
        func integers(_ name: String) -> [Int64]? {
            guard case .integers(let values)? = call.node.attributes[name] else { return nil }
            return values
        }
        func integer(_ name: String) -> Int64? {
            guard case .integer(let value)? = call.node.attributes[name] else { return nil }
            return value
        }
        switch call.node.type {
        case "Conv":
            guard shapes[0].count == 4, shapes[0][0] == 1 else { return nil }
            let groups = Int(integer("group") ?? 1)
            let weights = shapes[1]
            isLinear = false
            isDepthwise = groups > 1 && weights[1] == 1 && groups == shapes[0][1]
            guard groups == 1 || isDepthwise else { return nil }
            if isDepthwise {
                let strides = Set(integers("strides") ?? [1])
                guard weights[2] == weights[3], strides.count == 1 else { return nil }
                (inputChannels, kernel, stride) = (1, weights[2], Int(strides.first ?? 1))
            } else {
                (inputChannels, kernel, stride) = (weights[1] * weights[2] * weights[3], 1, 1)
            }
        case "Gemm", "MatMul":
            isLinear = true
            isDepthwise = false
            let isTransposed = integer("transA") ?? 0 != 0
            (inputChannels, kernel, stride) = (isTransposed ? shapes[0][0] : last, 1, 1)
        default: return nil
        }
    }

    /// Bandwidth and topology are in no row of compute traces.
    func features(_ region: Region) -> ShareFeatures? {
        let shape = region.shape
        guard let columns = shape.last, isLinear || shape.count == 4 else { return nil }
        let rows = shape.dropLast().reduce(1, *)
        return ShareFeatures(
            height: isLinear ? rows : shape[2], width: isLinear ? 1 : shape[3],
            outputChannels: isLinear ? columns : shape[1], inputChannels: inputChannels, kernel: kernel,
            stride: stride, padding: 0, isDepthwise: isDepthwise, bandwidthBitPerS: 0)
    }
}
