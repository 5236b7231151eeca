import Sharing

/// The figures of `SharingEvaluation` for assignments that a search makes of the parts of a `PartTable`: the same
/// equations over numbered boxes, some fifty times as fast.
package struct AssignmentPricer {
    package struct Price {
        /// By `SharedSchedule`; infinite where nobody computes what somebody needs.
        package var latencyS = Double.infinity
        /// By `PublishedTerms`.
        package var publishedLatencyS = Double.infinity
        /// By `SharedMemory`; 0 where no device says what it offers.
        package var excessBytes = 0
    }

    struct Move {
        let tensor: Int32
        let from: Int32
        let to: Int32
        let consumer: Int32
        let byteCount: Int
        /// The next that the same operator gives to the links (-1: none).
        var next: Int32 = -1
        let box: Box
    }

    private struct Received {
        let box: Box
        var next: Int32
    }

    let table: PartTable
    let cluster: SharingCluster
    private let deviceCount: Int
    private let count: Int
    private let speeds: [Double]
    private let rates: [Double]
    private let latencies: [Double]
    private let isMemoryLimited: Bool
    private var moves: [Move] = []
    private var firstMove: [Int] = []
    private var received: [Received] = []
    private var receivedHeads: [Int32] = []
    private var receivedTails: [Int32] = []
    private var sentHeads: [Int32] = []
    private var sentTails: [Int32] = []
    private var missing: [Box] = []
    private var left: [Box] = []
    private var busy: [Double] = []
    private var ends: [Double] = []
    private var starts: [Double] = []
    private var arrivals: [Double] = []
    private var moveEnds: [Double] = []
    private var book: HeldBoxes
    /// Bytes beyond what each device offers, of the assignment priced last.
    private(set) var excess: [Int]

    package init(_ table: PartTable, _ cluster: SharingCluster) {
        self.table = table
        self.cluster = cluster
        deviceCount = cluster.deviceCount
        count = table.shared.graph.operators.count
        speeds = cluster.speeds
        rates = cluster.bandwidthBytesPerS.flatMap(\.self)
        latencies = cluster.latencyS.flatMap(\.self)
        isMemoryLimited = cluster.devices.contains { $0.memoryBytes != nil }
        excess = cluster.devices.map { _ in 0 }
        book = HeldBoxes(tensorCount: table.tensors.count)
    }

    /// Prices an assignment: parts by operator and device, operator by operator.
    package mutating func price(_ numbers: [Int32]) -> Price {
        guard collect(numbers) else { return Price() }
        let published = publishedS(numbers)
        let latency = schedule(numbers)
        var price = Price(latencyS: latency, publishedLatencyS: published)
        if isMemoryLimited {
            for (index, device) in cluster.devices.enumerated() {
                guard let memory = device.memoryBytes else { continue }
                excess[index] = max(0, peakBytes(of: index, numbers, enough: memory) - memory)
                price.excessBytes += excess[index]
            }
        }
        return price
    }

    /// What moves, in the order of `Transfers.all`; false where something is missing.
    private mutating func collect(_ numbers: [Int32]) -> Bool {
        moves.removeAll(keepingCapacity: true)
        received.removeAll(keepingCapacity: true)
        firstMove.removeAll(keepingCapacity: true)
        reset(&receivedHeads, table.tensors.count * deviceCount)
        reset(&receivedTails, table.tensors.count * deviceCount)
        reset(&sentHeads, count + 1)
        reset(&sentTails, count + 1)
        let parts = table.parts
        let pieces = table.pieces
        for position in 0..<count {
            firstMove.append(moves.count)
            for device in 0..<deviceCount {
                let number = numbers[position * deviceCount + device]
                guard number >= 0 else { continue }
                let part = parts[Int(number)]
                for index in part.inputs {
                    let isLast = !part.readsTwice && table.tensors[Int(pieces[index].tensor)].isReadOnce
                    let isHad = fetch(
                        pieces[index], to: device, for: position, isLast: isLast, numbers, parts, pieces)
                    guard isHad else { return false }
                }
            }
        }
        firstMove.append(moves.count)
        for output in table.outputs {
            let tensor = table.tensors[Int(output)]
            let whole = PartTable.Piece(tensor: output, elementBytes: tensor.elementBytes, box: tensor.whole)
            guard fetch(whole, to: cluster.destination, for: count, isLast: false, numbers, parts, pieces) else {
                return false
            }
        }
        firstMove.append(moves.count)
        return true
    }

    private func reset(_ heads: inout [Int32], _ size: Int) {
        if heads.count == size {
            for index in heads.indices { heads[index] = -1 }
        } else {
            heads = [Int32](repeating: -1, count: size)
        }
    }

    private mutating func fetch(
        _ piece: PartTable.Piece, to device: Int, for consumer: Int, isLast: Bool, _ numbers: [Int32],
        _ parts: [PartTable.Part], _ pieces: [PartTable.Piece]
    ) -> Bool {
        let producer = table.tensors[Int(piece.tensor)].producer
        missing.removeAll(keepingCapacity: true)
        missing.append(piece.box)
        if producer < 0 {
            if device == cluster.source { return true }
        } else {
            let own = numbers[producer * deviceCount + device]
            if own >= 0 {
                for index in parts[Int(own)].outputs where pieces[index].tensor == piece.tensor {
                    if pieces[index].box.contains(piece.box) { return true }
                    take(pieces[index].box)
                }
            }
        }
        let place = Int(piece.tensor) * deviceCount + device
        var entry = receivedHeads[place]
        while entry >= 0 {
            take(received[Int(entry)].box)
            entry = received[Int(entry)].next
        }
        if missing.isEmpty { return true }
        if producer < 0 {
            for box in missing { move(piece, box, from: cluster.source, to: device, consumer, -1, isLast) }
            return true
        }
        for owner in 0..<deviceCount where owner != device {
            let number = numbers[producer * deviceCount + owner]
            guard number >= 0 else { continue }
            for index in parts[Int(number)].outputs where pieces[index].tensor == piece.tensor {
                let box = pieces[index].box
                var isTouched = false
                for part in missing.indices {
                    let common = missing[part].intersection(box)
                    guard !common.isEmpty else { continue }
                    isTouched = true
                    move(piece, common, from: owner, to: device, consumer, producer, isLast)
                }
                if isTouched { take(box) }
            }
            if missing.isEmpty { return true }
        }
        return false
    }

    /// Takes a box out of what is missing.
    private mutating func take(_ box: Box) {
        left.removeAll(keepingCapacity: true)
        for one in missing { one.subtract(box, into: &left) }
        swap(&missing, &left)
    }

    private mutating func move(
        _ piece: PartTable.Piece, _ box: Box, from: Int, to: Int, _ consumer: Int, _ producer: Int, _ isLast: Bool
    ) {
        let number = Int32(moves.count)
        moves.append(
            Move(
                tensor: piece.tensor, from: Int32(from), to: Int32(to), consumer: Int32(consumer),
                byteCount: box.elementCount * Int(piece.elementBytes), box: box))
        let tail = sentTails[producer + 1]
        if tail >= 0 { moves[Int(tail)].next = number } else { sentHeads[producer + 1] = number }
        sentTails[producer + 1] = number
        if isLast { return }
        let place = Int(piece.tensor) * deviceCount + to
        let last = receivedTails[place]
        let entry = Int32(received.count)
        received.append(Received(box: box, next: -1))
        if last >= 0 { received[Int(last)].next = entry } else { receivedHeads[place] = entry }
        receivedTails[place] = entry
    }

    /// `PublishedTerms.latencyS`.
    private mutating func publishedS(_ numbers: [Int32]) -> Double {
        var sum = 0.0
        let parts = table.parts
        busy.removeAll(keepingCapacity: true)
        for _ in 0..<deviceCount { busy.append(0) }
        for position in 0...count {
            for device in 0..<deviceCount {
                let number = position < count ? numbers[position * deviceCount + device] : -1
                busy[device] = number >= 0 ? parts[Int(number)].flop / speeds[device] : 0
            }
            for index in firstMove[position]..<firstMove[position + 1] {
                let move = moves[index]
                busy[Int(move.to)] += Double(move.byteCount) / rates[Int(move.from) * deviceCount + Int(move.to)]
            }
            var largest = 0.0
            for device in 0..<deviceCount { largest = max(largest, busy[device]) }
            sum += largest
        }
        return sum
    }

    /// `SharedSchedule.latencyS`; leaves ends of runs and of moves behind for memory.
    private mutating func schedule(_ numbers: [Int32]) -> Double {
        let parts = table.parts
        var clock = [Double](repeating: 0, count: deviceCount)
        var free = [Double](repeating: 0, count: deviceCount * deviceCount)
        let size = count * deviceCount
        if ends.count != size { ends = [Double](repeating: 0, count: size) }
        while arrivals.count < moves.count {
            arrivals.append(0)
            starts.append(0)
            moveEnds.append(0)
        }
        for position in -1...count {
            if position >= 0 {
                for index in firstMove[position]..<firstMove[position + 1] {
                    let receiver = Int(moves[index].to)
                    clock[receiver] = max(clock[receiver], arrivals[index])
                }
                if position == count { break }
                for device in 0..<deviceCount {
                    let number = numbers[position * deviceCount + device]
                    guard number >= 0 else { continue }
                    clock[device] += parts[Int(number)].flop / speeds[device]
                    ends[position * deviceCount + device] = clock[device]
                }
            }
            var index = sentHeads[position + 1]
            while index >= 0 {
                let move = moves[Int(index)]
                let link = Int(move.from) * deviceCount + Int(move.to)
                let start = max(position < 0 ? 0 : clock[Int(move.from)], free[link])
                let end = start + Double(move.byteCount) / rates[link]
                free[link] = end
                starts[Int(index)] = start
                moveEnds[Int(index)] = end
                arrivals[Int(index)] = end + latencies[link]
                index = move.next
            }
        }
        return clock[cluster.destination]
    }

    /// `SharedMemory.peakBytes`, or any figure not above `enough` where it is not above that.
    private mutating func peakBytes(of device: Int, _ numbers: [Int32], enough: Int) -> Int {
        let parts = table.parts
        let pieces = table.pieces
        var weights = 0
        var common: [Int32: [Box]] = [:]
        book.begin()
        for position in 0..<count {
            let number = numbers[position * deviceCount + device]
            guard number >= 0 else { continue }
            let part = parts[Int(number)]
            weights += part.ownWeightBytes
            for index in part.commonWeights {
                var rest = [pieces[index].box]
                for held in common[pieces[index].tensor] ?? [] {
                    var next: [Box] = []
                    for one in rest { one.subtract(held, into: &next) }
                    rest = next
                }
                common[pieces[index].tensor, default: []] += rest
                weights += rest.reduce(0) { $0 + $1.elementCount * Int(pieces[index].elementBytes) }
            }
            book.addSlot(endS: ends[position * deviceCount + device])
        }
        if device == cluster.source {
            for input in table.inputs {
                let tensor = table.tensors[Int(input)]
                book.add(input, tensor.whole, tensor.byteCount, from: 0)
            }
        }
        var slot = 0
        for position in 0..<count {
            let number = numbers[position * deviceCount + device]
            guard number >= 0 else { continue }
            for index in parts[Int(number)].outputs {
                book.add(pieces[index].tensor, pieces[index].box, pieces[index].byteCount, from: slot)
            }
            slot += 1
        }
        for index in moves.indices where Int(moves[index].to) == device {
            book.add(
                moves[index].tensor, moves[index].box, moves[index].byteCount,
                from: book.slot(endingAfter: starts[index]))
        }
        if weights + book.sumBytes <= enough { return 0 }
        slot = 0
        for position in 0..<count {
            let number = numbers[position * deviceCount + device]
            guard number >= 0 else { continue }
            for index in parts[Int(number)].inputs { book.read(pieces[index].tensor, pieces[index].box, in: slot) }
            slot += 1
        }
        for index in moves.indices where Int(moves[index].from) == device {
            book.read(moves[index].tensor, moves[index].box, in: book.slot(endingAfter: moveEnds[index]))
        }
        if device == cluster.destination {
            for output in table.outputs { book.read(output, table.tensors[Int(output)].whole, in: slot) }
        }
        book.count()
        slot = 0
        for position in 0..<count {
            let number = numbers[position * deviceCount + device]
            guard number >= 0 else { continue }
            if table.overwritten[position] >= 0, let output = parts[Int(number)].outputs.first {
                book.overwrite(table.overwritten[position], pieces[output].byteCount, in: slot)
            }
            slot += 1
        }
        return weights + book.peakBytes
    }
}
