/// Events in virtual time: a binary heap, first by time, then in the order in which they were added.
struct EventQueue<Event> {
    private struct Entry {
        var time: Duration
        var order: UInt64
        /// Place in `events`; the heap moves small values only.
        var slot: Int

        func isBefore(_ other: Entry) -> Bool {
            time != other.time ? time < other.time : order < other.order
        }
    }

    private var heap: [Entry] = []
    private var events: [Event?] = []
    private var free: [Int] = []
    private var added: UInt64 = 0

    var isEmpty: Bool { heap.isEmpty }

    mutating func add(_ event: Event, at time: Duration) {
        let slot: Int
        if let last = free.popLast() {
            slot = last
            events[slot] = event
        } else {
            slot = events.count
            events.append(event)
        }
        heap.append(Entry(time: time, order: added, slot: slot))
        added += 1
        var child = heap.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard heap[child].isBefore(heap[parent]) else { return }
            heap.swapAt(child, parent)
            child = parent
        }
    }

    mutating func next() -> (time: Duration, event: Event)? {
        guard let first = popFirst(), let event = events[first.slot] else { return nil }
        events[first.slot] = nil
        free.append(first.slot)
        return (first.time, event)
    }

    private mutating func popFirst() -> Entry? {
        guard let last = heap.popLast() else { return nil }
        guard !heap.isEmpty else { return last }
        let first = heap[0]
        heap[0] = last
        var parent = 0
        while true {
            var smallest = parent
            for child in (2 * parent + 1)...(2 * parent + 2)
            where child < heap.count && heap[child].isBefore(heap[smallest]) {
                smallest = child
            }
            guard smallest != parent else { break }
            heap.swapAt(parent, smallest)
            parent = smallest
        }
        return first
    }
}
