extension ModelGraph {
    /// Largest sum of live activations, in bytes, while the operators of a range run in their order.
    ///
    /// A tensor lives from the start of its producer to the end of its last reader; what enters the range lives from
    /// its start, what leaves it to its end. An element-wise or reshape-like operator with one result writes over its
    /// first input of equal size where it is that input's last reader.
    public func activationPeakBytes(of range: Range<Int>) -> Int {
        var live = 0
        var entered = Set<String>()
        for name in operators[range].flatMap(\.activations) where isOutside(name, range) {
            if entered.insert(name).inserted { live += byteCount(name) }
        }
        var peak = live
        for index in range {
            let step = operators[index]
            let written = step.outputs.reduce(0) { $0 + byteCount($1) }
            let dying = step.activations.filter { dies($0, after: index) }
            var transient = live + written
            if step.worksInPlace, step.outputs.count == 1,
                let overwritten = step.activations.first(where: { byteCount($0) == written }),
                dying.contains(overwritten)
            {
                transient -= written
            }
            peak = max(peak, transient)
            // Results that nobody reads are dropped at once, like inputs that nobody reads any more.
            let unread = step.outputs.filter { dies($0, after: index) }
            live += written - (dying + unread).reduce(0) { $0 + byteCount($1) }
        }
        return peak
    }

    private func byteCount(_ name: String) -> Int { tensors[name]?.byteCount ?? 0 }

    private func isOutside(_ name: String, _ range: Range<Int>) -> Bool {
        guard let producer = tensors[name]?.producer else { return true }
        return !range.contains(producer)
    }

    /// True where no operator after this one reads the tensor and the graph does not give it out.
    private func dies(_ name: String, after index: Int) -> Bool {
        guard let tensor = tensors[name] else { return false }
        return (tensor.consumers.last ?? index) <= index && !outputSet.contains(name)
    }
}
