/// Drops labels that another label at the same end makes needless: no worse in anything that can still matter.
///
/// Memory of a device after more layers of weight `w` and largest activation `a` is `W + w + max(A, a)`. As `a` ranges
/// from nothing to the largest activation that can still come, that is least everywhere exactly where it is least at
/// both ends. So two figures for each device are compared: `W + A` and `W + max(A, largest still to come)`. Like loads
/// and limited quantities they are raised to what cannot bind any more, so that limits that cannot bind vanish.
///
/// The modes used so far count as a set: a label that has used fewer of the undecided devices, the others in the same
/// mode, can do everything that the other can, and pays no charge that the other does not pay.
final class LabelDominance {
    /// Labels that one is compared with: the cheapest first, which dominate most. Bounds the time; a label kept in
    /// vain costs nothing but time.
    static let maximumComparisons = 2000
    /// Labels whose figures set the thresholds of the signatures.
    private static let sampleCount = 31

    private let setting: StageLabelSetting
    private var keys: [Double] = []
    private var packed: [Double] = []
    private var kept: [Double] = []
    private var masks: [UInt64] = []
    private var keptMasks: [UInt64] = []
    private var order: [(cost: Double, label: Int32)] = []
    private var signatures: [UInt64] = []
    private var keptSignatures: [UInt64] = []

    init(_ setting: StageLabelSetting) { self.setting = setting }

    /// Thins the labels from an index on, all of them at one end; those kept stay in their order.
    func thin(_ pool: LabelPool, from base: Int, end: Int) {
        let count = pool.count - base
        guard count > 1 else { return }
        let full = fillKeys(pool, from: base, end: end)
        let width = pack(count: count, full: full)
        fillMasks(pool, from: base, end: end)
        fillSignatures(count: count, width: width)
        let words = setting.layout.words
        order.removeAll(keepingCapacity: true)
        for label in 0..<count { order.append((keys[label * full], Int32(label))) }
        order.sort { $0.cost < $1.cost || ($0.cost == $1.cost && $0.label < $1.label) }
        var isKept = [Bool](repeating: false, count: count)
        kept.removeAll(keepingCapacity: true)
        keptMasks.removeAll(keepingCapacity: true)
        keptSignatures.removeAll(keepingCapacity: true)
        for (_, place) in order {
            let label = Int(place)
            guard !isDominated(label, width: width, words: words) else { continue }
            isKept[label] = true
            guard keptSignatures.count < Self.maximumComparisons else { continue }
            keptSignatures.append(signatures[label])
            kept.append(contentsOf: packed[(label * width)..<((label + 1) * width)])
            keptMasks.append(contentsOf: masks[(label * words)..<((label + 1) * words)])
        }
        var next = base
        for label in 0..<count where isKept[label] {
            pool.copy(base + label, to: next)
            next += 1
        }
        pool.truncate(to: next)
    }

    /// Does a kept label, none of them dearer, make this one needless?
    private func isDominated(_ label: Int, width: Int, words: Int) -> Bool {
        packed.withUnsafeBufferPointer { packed in
            kept.withUnsafeBufferPointer { kept in
                keptSignatures.withUnsafeBufferPointer { keptSignatures in
                    let base = label * width
                    let missing = ~signatures[label]
                    candidate: for other in 0..<keptSignatures.count where keptSignatures[other] & missing == 0 {
                        let otherBase = other * width
                        for column in 0..<width where kept[otherBase + column] > packed[base + column] {
                            continue candidate
                        }
                        for word in 0..<words
                        where keptMasks[other * words + word] & ~masks[label * words + word] != 0 { continue candidate }
                        return true
                    }
                    return false
                }
            }
        }
    }

    /// For each label the thresholds that its figures exceed, one bit each: who exceeds one that the other does not
    /// exceed does not dominate it. Settles most comparisons at once.
    private func fillSignatures(count: Int, width: Int) {
        signatures.removeAll(keepingCapacity: true)
        signatures.append(contentsOf: repeatElement(0, count: count))
        let each = min(16, 64 / max(1, width))
        guard each > 0, count > 8 else { return }
        let samples = min(count, Self.sampleCount)
        let columns = min(width, 64)
        var values = [Double](repeating: 0, count: samples)
        var thresholds: [Double] = []
        thresholds.reserveCapacity(columns * each)
        for column in 0..<columns {
            for sample in 0..<samples { values[sample] = packed[(sample * count / samples) * width + column] }
            values.sort()
            for bit in 0..<each { thresholds.append(values[(bit + 1) * samples / (each + 1)]) }
        }
        signatures.withUnsafeMutableBufferPointer { signatures in
            packed.withUnsafeBufferPointer { packed in
                thresholds.withUnsafeBufferPointer { thresholds in
                    for label in 0..<count {
                        var signature: UInt64 = 0
                        var mark: UInt64 = 0
                        for column in 0..<columns {
                            let value = packed[label * width + column]
                            for bit in 0..<each {
                                // Without a branch: figures lie on either side as by chance.
                                signature |= (value > thresholds[column * each + bit] ? 1 : 0) &<< mark
                                mark &+= 1
                            }
                        }
                        signatures[label] = signature
                    }
                }
            }
        }
    }

    /// Leaves out the columns that are the same for all, and the objective, by which labels are ordered; returns how
    /// many remain.
    private func pack(count: Int, full: Int) -> Int {
        var columns: [Int] = []
        for column in 1..<full {
            let first = keys[column]
            for label in 1..<count where keys[label * full + column] != first {
                columns.append(column)
                break
            }
        }
        packed.removeAll(keepingCapacity: true)
        packed.append(contentsOf: repeatElement(0, count: count * columns.count))
        packed.withUnsafeMutableBufferPointer { packed in
            keys.withUnsafeBufferPointer { keys in
                columns.withUnsafeBufferPointer { columns in
                    var next = 0
                    for label in 0..<count {
                        for column in columns {
                            packed[next] = keys[label * full + column]
                            next += 1
                        }
                    }
                }
            }
        }
        return columns.count
    }

    /// The sets of modes, without devices that no later step comes to and that put no price on `S`.
    private func fillMasks(_ pool: LabelPool, from base: Int, end: Int) {
        let words = setting.layout.words
        masks.removeAll(keepingCapacity: true)
        guard words > 0 else { return }
        var relevant = [UInt64](repeating: 0, count: words)
        for device in 0..<setting.network.deviceCount where isRelevant(device, end: end) {
            for mode in setting.network.modesOf[device] { relevant[mode / 64] |= 1 << UInt64(mode % 64) }
        }
        for label in base..<pool.count {
            for word in 0..<words { masks.append(pool.modes[label * words + word] & relevant[word]) }
        }
    }

    private func isRelevant(_ device: Int, end: Int) -> Bool {
        let layout = setting.layout
        guard layout.isTracked[device] else { return false }
        let boundary = setting.graph.endBoundary[end]
        return layout.priced.contains(device)
            || setting.needs.isOpen[boundary * setting.network.deviceCount + device]
    }

    /// Fills the figures to compare, each to be least; returns how many there are for each label.
    private func fillKeys(_ pool: LabelPool, from base: Int, end: Int) -> Int {
        // Taken out, so that appending needs no check for each figure that nobody else uses them.
        var keys = self.keys
        self.keys = []
        defer { self.keys = keys }
        keys.removeAll(keepingCapacity: true)
        let setting = self.setting
        var width = 0
        for label in base..<pool.count {
            let before = keys.count
            addQuantities(setting, pool, label, end: end, &keys)
            addLoads(setting, pool, label, end: end, &keys)
            addTimes(setting, pool, label, end: end, &keys)
            addMemory(setting, pool, label, end: end, &keys)
            width = keys.count - before
        }
        return width
    }

    /// A quantity without charges, but for those of devices whose use does not count in the set any more.
    private func total(_ pool: LabelPool, _ label: Int, _ quantity: Int, end: Int) -> Double {
        let layout = setting.layout
        let network = setting.network
        var total = pool.figures[label * layout.stride + quantity]
        guard layout.charges >= 0 else { return total }
        let modes = pool.modes + label * layout.words
        for device in layout.charged where !isRelevant(device, end: end) {
            for mode in network.modesOf[device] where modes[mode / 64] >> UInt64(mode % 64) & 1 == 1 {
                total += network.firstUse[quantity * network.deviceCount + device]
            }
        }
        return total
    }

    private func addQuantities(
        _ setting: StageLabelSetting, _ pool: LabelPool, _ label: Int, end: Int, _ keys: inout [Double]
    ) {
        let network = setting.network
        var objective = total(pool, label, 0, end: end)
        if case .total(let quantity) = network.shared {
            let shared = total(pool, label, quantity, end: end)
            objective += setting.objectiveSharedPrice * shared
            keys.append(objective)
            if !setting.layout.priced.isEmpty { keys.append(shared) }
        } else {
            keys.append(objective)
        }
        for limit in setting.limits {
            var used = total(pool, label, limit.quantity, end: end)
            if case .total(let quantity) = network.shared {
                used += limit.sharedPrice * total(pool, label, quantity, end: end)
            }
            keys.append(max(used, limit.limit - limit.constant - limit.most[end]))
        }
    }

    private func addLoads(
        _ setting: StageLabelSetting, _ pool: LabelPool, _ label: Int, end: Int, _ keys: inout [Double]
    ) {
        let layout = setting.layout
        guard layout.loads >= 0 else { return }
        let network = setting.network
        let loads = pool.figures + label * layout.stride + layout.loads
        let boundary = setting.graph.endBoundary[end]
        // What no S of interest can fall below; without a price on S only its limit counts.
        let floor = setting.hasPriceOnLoads ? setting.leastLoad : network.loadLimit
        var finished = floor
        for device in 0..<network.deviceCount {
            let toGo = setting.needs.loadToGo[boundary * network.deviceCount + device]
            if toGo > 0 {
                keys.append(max(loads[device], floor - toGo))
            } else {
                finished = max(finished, loads[device])
            }
        }
        keys.append(finished)
    }

    private func addTimes(
        _ setting: StageLabelSetting, _ pool: LabelPool, _ label: Int, end: Int, _ keys: inout [Double]
    ) {
        let layout = setting.layout
        guard layout.finish >= 0, let hidden = setting.network.hiddenQuantity else { return }
        let figures = pool.figures + label * layout.stride
        let now = figures[hidden]
        keys.append(now)
        let boundary = setting.graph.endBoundary[end]
        for device in 0..<setting.network.deviceCount {
            // A device that has been free for the longest load to come will never be waited for.
            let free = now - setting.needs.hiddenS[boundary * setting.network.deviceCount + device]
            keys.append(max(figures[layout.finish + device], free))
        }
    }

    private func addMemory(
        _ setting: StageLabelSetting, _ pool: LabelPool, _ label: Int, end: Int, _ keys: inout [Double]
    ) {
        let layout = setting.layout
        guard !layout.memoryDevices.isEmpty else { return }
        let network = setting.network
        let figures = pool.figures + label * layout.stride
        let row = setting.graph.endBoundary[end] * network.deviceCount
        let base = keys.count
        for device in layout.memoryDevices {
            guard setting.needs.isOpen[row + device] else {
                keys.append(0)
                keys.append(0)
                continue
            }
            let room = Double(network.capacityBytes[device] - setting.needs.weightBytes[row + device])
            let weights = figures[layout.memoryPlace[device]]
            let peak = figures[layout.memoryPlace[device] + 1]
            keys.append(max(0, weights + peak - room))
            keys.append(max(0, weights + max(peak, Double(setting.needs.peakBytes[row + device])) - room))
        }
        guard layout.words == 0, layout.loads < 0, layout.finish < 0 else { return }
        sortTwins(base: base, device: network.deviceOf[setting.graph.endMode[end]], &keys)
    }

    /// Twins, but for the one that the label ends on, are compared in the order of what they hold.
    private func sortTwins(base: Int, device: Int, _ keys: inout [Double]) {
        for group in setting.twins.groups {
            let places = group.compactMap { member -> Int? in
                guard member != device else { return nil }
                return setting.layout.memoryDevices.firstIndex(of: member).map { base + 2 * $0 }
            }
            guard places.count > 1 else { continue }
            let pairs = places.map { (keys[$0], keys[$0 + 1]) }.sorted { $0 < $1 }
            for (place, pair) in zip(places, pairs) {
                keys[place] = pair.0
                keys[place + 1] = pair.1
            }
        }
    }
}
