/// Gives buffers offsets so that none overlaps another one in use at the same time: several greedy rules, then, for few
/// buffers, a search that stops at the bound.
enum ArenaPacking {
    private typealias Buffer = ArenaLayout.Buffer

    /// More buffers than this are placed by one rule, which looks only at those in use.
    private static let maximumCompared = 4096
    /// Rounds in which the buffer that lies highest is placed first instead.
    private static let maximumRounds = 40
    /// Comparisons of buffers that all rounds may take together.
    private static let maximumComparisons = 20_000_000
    /// Up to so many buffers the search tries every sequence.
    private static let fewBuffers = 24
    private static let maximumSearchSteps = 50_000

    static func pack(_ buffers: [ArenaLayout.Buffer], least: Int) -> [ArenaLayout.Buffer] {
        var best = placed(buffers, buffers.indices.sorted { start(buffers, $0) < start(buffers, $1) }, onlyInUse: true)
        guard buffers.count <= maximumCompared else { return best }
        func keep(_ other: [Buffer]) { if top(other) < top(best) { best = other } }
        let rules: [(Buffer) -> (Int, Int)] = [
            { (-$0.byteCount, -$0.steps.count) }, { (-$0.steps.count, -$0.byteCount) },
            { (-$0.byteCount * $0.steps.count, 0) }, { ($0.steps.lowerBound, -$0.byteCount) },
            { (-$0.steps.upperBound, -$0.byteCount) },
        ]
        var comparisons = 0
        for rule in rules where top(best) > least {
            let ranks = buffers.enumerated().map { index, buffer in (rule(buffer).0, rule(buffer).1, index) }
            var sequence = buffers.indices.sorted { ranks[$0] < ranks[$1] }
            for _ in 0..<maximumRounds where top(best) > least {
                let attempt = placed(buffers, sequence, onlyInUse: false)
                comparisons += buffers.count * buffers.count / 2
                keep(attempt)
                guard comparisons < maximumComparisons, let highest = highest(attempt, sequence) else { break }
                sequence.remove(at: highest.position)
                sequence.insert(highest.buffer, at: 0)
            }
        }
        if top(best) > least, buffers.count <= fewBuffers { keep(searched(buffers, least: least, upper: top(best))) }
        return best
    }

    private static func start(_ buffers: [Buffer], _ index: Int) -> (Int, Int, Int) {
        (buffers[index].steps.lowerBound, -buffers[index].byteCount, index)
    }

    private static func top(_ buffers: [Buffer]) -> Int { buffers.map(\.end).max() ?? 0 }

    private static func highest(_ buffers: [Buffer], _ sequence: [Int]) -> (position: Int, buffer: Int)? {
        let highest = sequence.indices.max { buffers[sequence[$0]].end < buffers[sequence[$1]].end }
        return highest.flatMap { $0 > 0 ? ($0, sequence[$0]) : nil }
    }

    /// Each buffer in the sequence goes to the lowest place that is free while it is in use.
    private static func placed(_ buffers: [Buffer], _ sequence: [Int], onlyInUse: Bool) -> [Buffer] {
        var placed = buffers
        // By offset.
        var done: [Int] = []
        for index in sequence {
            // Where the sequence goes forward in time, what has ended is in nobody's way any more.
            if onlyInUse { done.removeAll { placed[$0].steps.upperBound < buffers[index].steps.lowerBound } }
            let offset = lowest(for: buffers[index], placed, done)
            placed[index].offset = offset
            let position = done.firstIndex { placed[$0].offset > offset } ?? done.count
            done.insert(index, at: position)
        }
        return placed
    }

    /// - Parameter done: buffers that have their place, by offset.
    private static func lowest(for buffer: Buffer, _ placed: [Buffer], _ done: [Int]) -> Int {
        var offset = 0
        for other in done where placed[other].steps.overlaps(buffer.steps) {
            if placed[other].offset >= offset + buffer.byteCount { break }
            offset = max(offset, placed[other].end)
        }
        return offset
    }

    /// Tries sequences of few buffers, each at its lowest place, until one reaches the bound.
    private static func searched(_ buffers: [Buffer], least: Int, upper: Int) -> [Buffer] {
        var best = buffers
        var bestTop = upper
        var isFound = false
        var placed = buffers
        var steps = 0
        func go(_ done: [Int], _ left: [Int], _ reached: Int) {
            guard !left.isEmpty else {
                (best, bestTop, isFound) = (placed, reached, true)
                return
            }
            for (position, index) in left.enumerated() {
                steps += 1
                guard steps < maximumSearchSteps, bestTop > least else { return }
                let offset = lowest(for: buffers[index], placed, done)
                let end = max(reached, offset + buffers[index].byteCount)
                guard end < bestTop else { continue }
                placed[index].offset = offset
                var others = left
                others.remove(at: position)
                let place = done.firstIndex { placed[$0].offset > offset } ?? done.count
                go(done[..<place] + [index] + done[place...], others, end)
            }
        }
        go([], buffers.indices.sorted { buffers[$0].byteCount > buffers[$1].byteCount }, 0)
        guard isFound else {
            // Nothing below what was known: anything as high will do, and the caller keeps its own.
            return placedApart(buffers)
        }
        return best
    }

    private static func placedApart(_ buffers: [Buffer]) -> [Buffer] {
        var offset = 0
        return buffers.map { buffer in
            var apart = buffer
            apart.offset = offset
            offset += buffer.byteCount
            return apart
        }
    }
}
