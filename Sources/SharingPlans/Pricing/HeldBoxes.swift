/// What one device holds of activations, from when to when, for `AssignmentPricer`: the rules are those of
/// `SharedMemory`.
struct HeldBoxes {
    private struct Held {
        let box: Box
        let byteCount: Int
        let first: Int
        var last: Int
        /// The next of the same tensor (-1: none).
        let next: Int32
    }

    private var held: [Held] = []
    private var heads: [Int32]
    private var used: [Int32] = []
    private var slotEndsS: [Double] = []
    private var live: [Int] = []
    /// Bytes of all, as if they were held at once.
    private(set) var sumBytes = 0

    init(tensorCount: Int) { heads = [Int32](repeating: -1, count: tensorCount) }

    mutating func begin() {
        for tensor in used { heads[Int(tensor)] = -1 }
        used.removeAll(keepingCapacity: true)
        held.removeAll(keepingCapacity: true)
        slotEndsS.removeAll(keepingCapacity: true)
        sumBytes = 0
    }

    mutating func addSlot(endS: Double) { slotEndsS.append(endS) }

    mutating func add(_ tensor: Int32, _ box: Box, _ byteCount: Int, from slot: Int) {
        if heads[Int(tensor)] < 0 { used.append(tensor) }
        held.append(Held(box: box, byteCount: byteCount, first: slot, last: slot, next: heads[Int(tensor)]))
        heads[Int(tensor)] = Int32(held.count - 1)
        sumBytes += byteCount
    }

    mutating func read(_ tensor: Int32, _ box: Box, in slot: Int) {
        var index = Int(heads[Int(tensor)])
        while index >= 0 {
            if held[index].last < slot, held[index].box.overlaps(box) { held[index].last = slot }
            index = Int(held[index].next)
        }
    }

    /// The first slot that has not ended by a time.
    func slot(endingAfter timeS: Double) -> Int {
        var low = 0
        var high = slotEndsS.count
        while low < high {
            let middle = (low + high) / 2
            if slotEndsS[middle] >= timeS { high = middle } else { low = middle + 1 }
        }
        return low
    }

    /// Adds up what is live in each slot.
    mutating func count() {
        let size = slotEndsS.count + 2
        live.removeAll(keepingCapacity: true)
        for _ in 0..<size { live.append(0) }
        for one in held {
            live[one.first] += one.byteCount
            live[one.last + 1] -= one.byteCount
        }
        for slot in 1..<size { live[slot] += live[slot - 1] }
    }

    /// Takes off what an operator's result needs where it is written over an input that dies there.
    mutating func overwrite(_ input: Int32, _ byteCount: Int, in slot: Int) {
        var index = Int(heads[Int(input)])
        while index >= 0 {
            let one = held[index]
            if one.last == slot, one.first < slot, one.byteCount == byteCount {
                live[slot] -= byteCount
                return
            }
            index = Int(one.next)
        }
    }

    /// Largest sum of what is live.
    var peakBytes: Int { live.dropLast().max() ?? 0 }
}
