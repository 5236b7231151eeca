/// Dynamic programming over the sets of operators that may have run, level by level: level k holds sets of k.
///
/// What lives after a set of operators does not depend on their order, so one best value for each set is enough. The
/// peak and the area are made least one after the other, because one value for each set cannot hold both.
struct LevelSearch {
    enum Goal {
        /// The least peak; below `floor` nothing counts.
        case peak(floor: Int)
        /// The least area with no step above the limit.
        case area(limit: Int)
    }

    struct Result {
        /// Nil: no order is better than what was known.
        var order: [Int]?
        var value: Int
        /// No order is better than this.
        var bound: Int
        var searched = 0
        var pruned = 0
    }

    let states: OrderStates
    let bounds: OrderBounds
    let goal: Goal
    let limits: ExactOrder.Limits
    /// Operators that have one which follows them at once (nil: none).
    var merged: MergedChains?

    private struct Level {
        var done: [UInt64] = []
        var live: [Int] = []
        var value: [Int] = []
        /// Goal area: what the rest costs at least, by the operators' own least transients.
        var rest: [Int] = []
        /// Goal area: the same bound by pairs; `pairsLive` is what lives where shared tensors go in parts.
        var pairs: [Int] = []
        var pairsLive: [Int] = []
        var parent: [Int32] = []
        var step: [Int32] = []
        var count: Int { live.count }
    }

    /// - Parameter upper: what is known already; only less is of interest.
    func run(below upper: Int) -> Result {
        var result = Result(value: upper, bound: upper)
        var level = Level()
        level.done = [UInt64](repeating: 0, count: states.words)
        level.live = [states.liveAtStart]
        level.value = [0]
        if case .peak(let floor) = goal { level.value = [floor] }
        level.rest = [bounds.transients.reduce(0, +)]
        level.pairs = [hasPairs ? firstPairs : 0]
        level.pairsLive = [hasPairs ? states.liveAtStart : 0]
        level.parent = [-1]
        level.step = [-1]
        var history: [(parent: [Int32], step: [Int32])] = []
        var droppedBound = Int.max
        for number in 0..<states.count {
            var next = expand(level, number, upper, &result)
            let width = result.searched < limits.partStates ? limits.levelWidth : limits.narrowWidth
            if next.count > width { droppedBound = min(droppedBound, narrow(&next, number + 1, to: width)) }
            history.append((next.parent, next.step))
            level = next
            if level.count == 0 { break }
        }
        if history.count == states.count, level.count == 1, level.value[0] < upper {
            result.value = level.value[0]
            var order = [Int](repeating: 0, count: states.count)
            var position = 0
            for number in history.indices.reversed() {
                order[number] = Int(history[number].step[position])
                position = Int(history[number].parent[position])
            }
            result.order = order
        }
        result.bound = min(result.value, droppedBound)
        return result
    }

    /// The pairs' bound without what lives at the start, which counts once for each step that is left.
    private var firstPairs: Int {
        var sum = bounds.extras.reduce(0, +)
        for index in 0..<states.count {
            sum += bounds.changes[index] * bounds.descendantCounts[index]
            sum += pairCost(index) { word in bounds.unordered[index][word] & Self.above(index, word) }
        }
        return sum
    }

    /// In large parts the bound by pairs would take more time than it saves.
    private var hasPairs: Bool { states.count <= 512 }

    private static func above(_ index: Int, _ word: Int) -> UInt64 {
        if word < index >> 6 { return 0 }
        return word > index >> 6 ? .max : ~((2 << UInt64(index & 63)) &- 1)
    }

    /// Whichever of two operators comes first, the other one's step holds what it leaves.
    private func pairCost(_ index: Int, _ others: (Int) -> UInt64) -> Int {
        var sum = 0
        let own = bounds.changes[index]
        for word in 0..<states.words {
            var rest = others(word)
            while rest != 0 {
                let other = word * 64 + rest.trailingZeroBitCount
                rest &= rest - 1
                sum += min(own, bounds.changes[other])
            }
        }
        return sum
    }

    private func expand(_ level: Level, _ number: Int, _ upper: Int, _ result: inout Result) -> Level {
        let words = states.words
        var next = Level()
        var table = HashTable(words: words, expecting: level.count)
        var key = [UInt64](repeating: 0, count: words)
        var choices: [(index: Int, cost: OrderStates.Cost, value: Int)] = []
        let left = states.count - number - 1
        for state in 0..<level.count {
            result.searched += 1
            let offset = state * words
            choices.removeAll(keepingCapacity: true)
            let forced = merged?.follower(in: level.done, at: offset)
            for index in 0..<states.count where states.isReady(index, done: level.done, at: offset) {
                if let forced, forced != index { continue }
                let cost = states.cost(of: index, live: level.live[state], done: level.done, at: offset)
                switch goal {
                case .peak:
                    let value = max(level.value[state], cost.transient)
                    if value == level.value[state], cost.liveAfter <= level.live[state] {
                        // Run at once it costs nothing, and whatever comes later has no more beside it.
                        choices = [(index, cost, value)]
                    } else if value < upper {
                        choices.append((index, cost, value))
                        continue
                    } else {
                        result.pruned += 1
                        continue
                    }
                case .area(let limit):
                    guard cost.transient <= limit else {
                        result.pruned += 1
                        continue
                    }
                    choices.append((index, cost, level.value[state] + cost.transient))
                    continue
                }
                break
            }
            for choice in choices {
                var rest = 0
                var pairs = 0
                var pairsLive = 0
                if case .area = goal {
                    rest = level.rest[state] - bounds.transients[choice.index]
                    if hasPairs {
                        pairsLive = level.pairsLive[state] + bounds.changes[choice.index]
                        pairs =
                            level.pairs[state] - bounds.extras[choice.index]
                            - bounds.changes[choice.index] * bounds.descendantCounts[choice.index]
                            - pairCost(choice.index) { word in
                                bounds.unordered[choice.index][word] & ~level.done[offset + word]
                            }
                    }
                    if choice.value + max(rest, pairs + left * pairsLive) >= upper {
                        result.pruned += 1
                        continue
                    }
                }
                for word in 0..<words { key[word] = level.done[offset + word] }
                key[choice.index >> 6] |= 1 << UInt64(choice.index & 63)
                let place = table.place(of: key, in: &next.done)
                if place < next.count {
                    result.pruned += 1
                    guard choice.value < next.value[place] else { continue }
                    next.value[place] = choice.value
                    next.parent[place] = Int32(state)
                    next.step[place] = Int32(choice.index)
                } else {
                    next.live.append(choice.cost.liveAfter)
                    next.value.append(choice.value)
                    next.rest.append(rest)
                    next.pairs.append(pairs)
                    next.pairsLive.append(pairsLive)
                    next.parent.append(Int32(state))
                    next.step.append(Int32(choice.index))
                }
            }
        }
        return next
    }

    private func promise(_ level: Level, _ state: Int, left: Int) -> Int {
        switch goal {
        case .peak: level.value[state]
        case .area:
            level.value[state] + max(level.rest[state], level.pairs[state] + left * level.pairsLive[state])
        }
    }

    /// Keeps the most promising states. Returns the least bound of the others.
    private func narrow(_ level: inout Level, _ number: Int, to width: Int) -> Int {
        let left = states.count - number
        let promises = (0..<level.count).map { promise(level, $0, left: left) }
        let ranked = (0..<level.count).sorted { first, second in
            (promises[first], level.live[first], first) < (promises[second], level.live[second], second)
        }
        let kept = ranked[..<width].sorted()
        let dropped = ranked[width...].reduce(Int.max) { min($0, promises[$1]) }
        let words = states.words
        level = Level(
            done: kept.flatMap { level.done[($0 * words)..<(($0 + 1) * words)] }, live: kept.map { level.live[$0] },
            value: kept.map { level.value[$0] }, rest: kept.map { level.rest[$0] },
            pairs: kept.map { level.pairs[$0] }, pairsLive: kept.map { level.pairsLive[$0] },
            parent: kept.map { level.parent[$0] }, step: kept.map { level.step[$0] })
        return dropped
    }
}

/// Finds states by their set of operators; the sets themselves stand in the level.
private struct HashTable {
    private let words: Int
    private var slots: [Int32]
    private var count = 0

    init(words: Int, expecting: Int) {
        self.words = words
        var size = 16
        while size < 4 * expecting { size *= 2 }
        slots = [Int32](repeating: -1, count: size)
    }

    private func slot(_ hash: UInt64) -> Int { Int(truncatingIfNeeded: hash) & (slots.count - 1) }

    private static func hash(_ sets: [UInt64], _ start: Int, _ words: Int) -> UInt64 {
        var hash: UInt64 = 0x9E37_79B9_7F4A_7C15
        for word in start..<(start + words) {
            hash = (hash ^ sets[word]) &* 0xBF58_476D_1CE4_E5B9
            hash ^= hash >> 29
        }
        return hash
    }

    /// The position of a set, which is appended where it is new.
    mutating func place(of key: [UInt64], in sets: inout [UInt64]) -> Int {
        if 2 * (count + 1) > slots.count { grow(sets) }
        var slot = slot(Self.hash(key, 0, words))
        while slots[slot] >= 0 {
            let place = Int(slots[slot])
            var isEqual = true
            for word in 0..<words where sets[place * words + word] != key[word] {
                isEqual = false
                break
            }
            if isEqual { return place }
            slot = (slot + 1) & (slots.count - 1)
        }
        slots[slot] = Int32(count)
        sets.append(contentsOf: key)
        count += 1
        return count - 1
    }

    private mutating func grow(_ sets: [UInt64]) {
        slots = [Int32](repeating: -1, count: 2 * slots.count)
        for place in 0..<count {
            var slot = slot(Self.hash(sets, place * words, words))
            while slots[slot] >= 0 { slot = (slot + 1) & (slots.count - 1) }
            slots[slot] = Int32(place)
        }
    }
}
