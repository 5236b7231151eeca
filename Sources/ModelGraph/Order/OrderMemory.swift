/// What an order of operators needs, step by step. Every order is priced here, whoever made it.
public struct OrderMemory: Sendable, Equatable {
    /// Bytes that are live while each step runs: what lived before, and what it writes where it does not overwrite.
    public let transientBytes: [Int]
    /// For each step the tensor whose place its result takes (nil: none).
    public let overwritten: [Int?]

    /// The largest of the steps.
    public var peakBytes: Int { transientBytes.max() ?? 0 }
    /// The sum over the steps.
    public var areaBytes: Int { transientBytes.reduce(0, +) }
    public var value: OrderValue { OrderValue(peakBytes: peakBytes, areaBytes: areaBytes) }

    /// - Parameter order: positions in `problem.operators`, each once, in a possible order (see `OrderVerifier`).
    public init(_ problem: OrderProblem, _ order: [Int]) {
        var unread = problem.readers.map(\.count)
        var live = problem.enteringBytes
        var transients: [Int] = []
        var places: [Int?] = []
        transients.reserveCapacity(order.count)
        places.reserveCapacity(order.count)
        for index in order {
            let step = problem.operators[index]
            var written = 0
            var dropped = 0
            for tensor in step.writes {
                written += problem.tensors[tensor].byteCount
                // A result that nobody reads is dropped at once.
                if problem.readers[tensor].isEmpty, !problem.tensors[tensor].leaves {
                    dropped += problem.tensors[tensor].byteCount
                }
            }
            let mayOverwrite = step.worksInPlace && step.writes.count == 1
            var place: Int?
            for tensor in step.reads {
                unread[tensor] -= 1
                guard unread[tensor] == 0, !problem.tensors[tensor].leaves else { continue }
                let byteCount = problem.tensors[tensor].byteCount
                dropped += byteCount
                if mayOverwrite, place == nil, byteCount == written { place = tensor }
            }
            transients.append(live + written - (place == nil ? 0 : written))
            places.append(place)
            live += written - dropped
        }
        transientBytes = transients
        overwritten = places
    }
}

/// What one order is worth: the peak counts first, then the area.
public struct OrderValue: Sendable, Equatable, Comparable {
    /// Largest sum of live tensors in any step.
    public var peakBytes: Int
    /// Sum over the steps of what is live in each.
    public var areaBytes: Int

    public init(peakBytes: Int, areaBytes: Int) {
        self.peakBytes = peakBytes
        self.areaBytes = areaBytes
    }

    public static func < (left: OrderValue, right: OrderValue) -> Bool {
        (left.peakBytes, left.areaBytes) < (right.peakBytes, right.areaBytes)
    }
}
