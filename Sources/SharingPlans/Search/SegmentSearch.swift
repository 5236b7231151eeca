import Sharing

/// Cuts a graph's operators into segments of one scheme each, so that the sum of `PublishedTerms` is least.
///
/// Dynamic programming backwards (FlexPie; its equation is
/// S[i][k] = min over j > i, k' of cost(segment i..<j, k) + S[j][k']). Here V(i,h) is the least cost of the operators
/// from i on and of the results' way, where the segment before i had scheme h:
///
///     V(i,h) = min over j > i, k of  V(j,k)
///                  + sum over v in i..<j of term(v | segment i..<j of scheme k, inputs as h leaves them)
///     V(n,h) = way of the results from where h leaves them
///
/// On a chain the terms are those of the evaluator, and the result is the optimum over all sequences of schemes and of
/// exchange or none. On other graphs a tensor from further back than the segment before is priced as if that had been
/// of scheme h too, and a tensor that several operators read as if each had to fetch it: the result is a good plan, and
/// its price is the evaluator's.
package struct SegmentSearch {
    /// Operators `range` under one scheme, with an exchange behind the last.
    package struct Segment: Equatable {
        package let range: Range<Int>
        package let scheme: Int
    }

    package struct Found {
        package let segments: [Segment]
        /// By the terms of the search.
        package let costS: Double
        package let layouts: [SharedLayout]
        /// Operators that the scheme chosen for them cannot share.
        package let refusals: [CannotShare]
    }

    let shared: SharedGraph
    let cluster: SharingCluster
    let plain: PlainLayouts
    /// Where segments may begin.
    let starts: [Int]
    private let isStart: Set<Int>
    /// Most layers in a segment.
    let longest: Int
    private var tables: OwnedRegions
    var pricing: SegmentPricing {
        get { tables.pricing }
        set { tables.pricing = newValue }
    }

    package init(
        _ shared: SharedGraph, _ cluster: SharingCluster, _ schemes: [SharingScheme], longest: Int = .max,
        starts: [Int]? = nil, pricing: SegmentPricing = .published
    ) {
        self.shared = shared
        self.cluster = cluster
        self.longest = longest
        self.starts = starts ?? LayerStarts.positions(shared)
        isStart = Set(self.starts)
        plain = PlainLayouts(schemes, shared, cluster)
        tables = OwnedRegions(shared, cluster, plain, pricing)
    }

    package func run() -> Found {
        run(until: { false }) ?? Found(segments: [], costS: 0, layouts: [], refusals: [])
    }

    /// The same; nil where the time is up before it is done.
    func run(until isTimeUp: () -> Bool) -> Found? {
        let count = shared.graph.operators.count
        let schemes = plain.schemes.indices
        var value = [[Double]](
            repeating: [Double](repeating: .infinity, count: schemes.count), count: count + 1)
        var choice = [[Segment?]](
            repeating: [Segment?](repeating: nil, count: schemes.count), count: count + 1)
        for scheme in schemes { value[count][scheme] = tables.resultsS(scheme) }
        for end in ends {
            if isTimeUp() { return nil }
            for scheme in schemes where value[end][scheme] < .infinity {
                grow(scheme, before: end) { step, inside in
                    guard isStart.contains(step.position) else { return }
                    let known = inside.computeS + value[end][scheme]
                    for before in schemes where known < value[step.position][before] {
                        let cost = inside.costS(after: before) + value[end][scheme]
                        if cost < value[step.position][before] {
                            value[step.position][before] = cost
                            choice[step.position][before] = Segment(range: step.position..<end, scheme: scheme)
                        }
                    }
                }
            }
        }
        var segments: [Segment] = []
        var position = 0
        var before = 0
        while position < count, let segment = choice[position][before] {
            segments.append(segment)
            position = segment.range.upperBound
            before = segment.scheme
        }
        return found(segments, costS: value[0].first ?? 0)
    }

    /// Where segments may end, from the last.
    private var ends: [Int] { (starts.dropFirst() + [shared.graph.operators.count]).reversed() }

    /// Grows a segment of one scheme backwards from where it ends, as far as it is of use, and calls `body` with each
    /// operator that it takes and the terms of all so far.
    private func grow(
        _ scheme: Int, before end: Int, _ body: (_ step: FusedRegions.Step, _ inside: SegmentTerms) -> Void
    ) {
        var fused = FusedRegions(shared, plain, scheme: scheme, end: end)
        var inside = SegmentTerms(tables)
        var layers = 0
        while fused.next >= 0, layers < longest, fused.extend(), let step = fused.steps.last {
            // An exchange behind this layer would move nothing: V(step.position + 1, scheme) knows the rest.
            if fused.isPlainInside, isStart.contains(step.position + 1) { break }
            inside.add(step)
            if isStart.contains(step.position) { layers += 1 }
            body(step, inside)
        }
    }

    /// Asks for the times of all parts and messages that the search may come upon, and uses them from then on.
    ///
    /// Throws what the timing does; the search is as it was then.
    package mutating func use(_ timing: any ShareTiming) throws(SharingError) {
        var parts: [SharePart] = []
        var messages: [ShareMessage] = []
        var askedParts: Set<SharePart> = []
        var askedMessages: Set<ShareMessage> = []
        func ask(_ needed: TensorRegion, on device: Int) {
            for before in plain.schemes.indices {
                tables.forEachMessage(needed, to: device, after: before) { byteCount, owner in
                    let message = ShareMessage(byteCount: byteCount, from: owner, to: device)
                    if askedMessages.insert(message).inserted { messages.append(message) }
                }
            }
        }
        for end in ends {
            for scheme in plain.schemes.indices {
                grow(scheme, before: end) { step, inside in
                    for (device, region) in step.layout.regions.enumerated() where !region.isEmpty {
                        let part = SharePart(position: step.position, region: region, device: device)
                        if askedParts.insert(part).inserted { parts.append(part) }
                    }
                    if isStart.contains(step.position) { inside.forEachNeed { ask($0, on: $1) } }
                }
            }
        }
        for result in tables.results { ask(result, on: cluster.destination) }
        pricing.times = try ShareTimes(timing, parts: parts, messages: messages, shared, cluster)
    }

    package var layerCount: Int { starts.count }
    /// The times in use (nil: none).
    package var times: ShareTimes? { pricing.times }

    /// The layouts of a sequence of segments that covers all operators.
    func found(_ segments: [Segment], costS: Double) -> Found {
        var layouts: [SharedLayout] = []
        var refusals: [CannotShare] = []
        for segment in segments {
            var fused = FusedRegions(shared, plain, scheme: segment.scheme, end: segment.range.upperBound)
            while fused.steps.count < segment.range.count, fused.extend() {}
            layouts += fused.steps.reversed().map(\.layout)
            refusals += segment.range.compactMap { plain.refusals[segment.scheme][$0] }
        }
        return Found(segments: segments, costS: costS, layouts: layouts, refusals: refusals)
    }
}
