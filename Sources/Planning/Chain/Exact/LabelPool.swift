/// The labels of a search: partial schedules, each a fixed number of figures, in memory of their own.
///
/// Labels are appended and the last ones taken away again, as the search keeps or drops them; no label is an
/// allocation.
final class LabelPool {
    /// Figures of a label.
    let stride: Int
    /// Words of a label's set of modes.
    let words: Int
    private(set) var count = 0
    private var capacity: Int
    private(set) var figures: UnsafeMutablePointer<Double>
    private(set) var modes: UnsafeMutablePointer<UInt64>
    /// Label before, or -1.
    private(set) var parent: UnsafeMutablePointer<Int32>
    /// Last arc.
    private(set) var arc: UnsafeMutablePointer<Int32>

    init(stride: Int, words: Int) {
        self.stride = stride
        self.words = words
        capacity = 256
        figures = .allocate(capacity: capacity * stride)
        modes = .allocate(capacity: max(1, capacity * words))
        parent = .allocate(capacity: capacity)
        arc = .allocate(capacity: capacity)
    }

    deinit {
        figures.deallocate()
        modes.deallocate()
        parent.deallocate()
        arc.deallocate()
    }

    /// Bytes of one label.
    static func bytes(stride: Int, words: Int) -> Int { 8 * stride + 8 * words + 8 }

    /// Adds a label with undefined figures.
    func append(parent: Int, arc: Int) -> Int {
        if count == capacity { grow() }
        self.parent[count] = Int32(truncatingIfNeeded: parent)
        self.arc[count] = Int32(truncatingIfNeeded: arc)
        count += 1
        return count - 1
    }

    /// Takes the last label away again.
    func removeLast() { count -= 1 }

    /// Copies a label over another one.
    func copy(_ source: Int, to target: Int) {
        guard source != target else { return }
        (figures + target * stride).update(from: figures + source * stride, count: stride)
        if words > 0 { (modes + target * words).update(from: modes + source * words, count: words) }
        parent[target] = parent[source]
        arc[target] = arc[source]
    }

    func truncate(to count: Int) { self.count = count }

    private func grow() {
        let larger = capacity * 2
        func moved<T>(_ old: UnsafeMutablePointer<T>, _ each: Int) -> UnsafeMutablePointer<T> {
            let new = UnsafeMutablePointer<T>.allocate(capacity: max(1, larger * each))
            new.moveInitialize(from: old, count: count * each)
            old.deallocate()
            return new
        }
        figures = moved(figures, stride)
        modes = moved(modes, words)
        parent = moved(parent, 1)
        arc = moved(arc, 1)
        capacity = larger
    }
}
