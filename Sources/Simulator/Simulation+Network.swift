import Cluster
import Costs

/// The broker and the network: messages are lost, late, doubled and overtaken, and boards come and go.
extension Simulation {
    /// May small things go wrong now?
    var isRough: Bool { settings.faults && !healed }

    func reaches(_ from: Int, _ to: Int) -> Bool { now >= partitionEnds || sides[from] == sides[to] }

    mutating func delay() -> Duration {
        if isRough, lateMessages > 0, random.chance(lateMessages) {
            return .milliseconds(Int.random(in: 100...3000, using: &random))
        }
        if random.chance(0.03) { return .microseconds(Int.random(in: 20_000...400_000, using: &random)) }
        return .microseconds(Int.random(in: 500...8_000, using: &random))
    }

    private mutating func isLost() -> Bool {
        random.chance(now < lossEnds ? max(lossProbability, baseLoss) : healed ? 0 : baseLoss)
    }

    func index(of node: NodeID) -> Int? { boards.firstIndex { $0.node == node } }

    mutating func deliver(_ message: Message, from: Int, to node: NodeID) {
        counts.messages += 1
        guard brokerIsUp, boards[from].connected, let to = index(of: node), reaches(from, to), !isLost() else { return }
        events.add(.input(board: to, .message(message)), at: now + delay())
        if isRough, random.chance(0.02) { events.add(.input(board: to, .message(message)), at: now + delay() * 3) }
    }

    mutating func publish(_ publication: Publication, from: Int?) {
        guard brokerIsUp, from.map({ boards[$0].connected }) ?? true else { return }
        let topic = publication.topic
        if let place = retained.firstIndex(where: { $0.topic == topic }) {
            retained[place].publication = publication
        } else {
            retained.append((topic, publication))
        }
        for board in boards.indices where boards[board].connected {
            guard from.map({ reaches($0, board) }) ?? true, !isLost() else { continue }
            events.add(.input(board: board, publication.input), at: now + delay())
        }
    }

    mutating func connect(_ board: Int, epoch: Int) {
        guard boards[board].isUp, boards[board].epoch == epoch, !boards[board].connected else { return }
        guard brokerIsUp, now >= boards[board].cutUntil else {
            events.add(.connect(board: board, epoch: epoch), at: now + .milliseconds(300))
            return
        }
        trace.add(now, "\(boards[board].node) is connected")
        boards[board].connected = true
        for (_, publication) in retained where !isLost() {
            events.add(.input(board: board, publication.input), at: now + delay())
        }
        feed(board, .brokerConnected)
    }

    /// The broker notices that a board's connection is gone, and publishes its last will; sometimes late.
    mutating func lastWill(of board: Int) {
        let node = boards[board].node
        guard brokerIsUp else { return }
        if random.chance(0.8) { publish(.state(node, .offline), from: nil) }
    }

    mutating func disconnect(_ board: Int, noticed after: Duration) {
        guard boards[board].connected else { return }
        boards[board].connected = false
        events.add(.disconnected(board: board, epoch: boards[board].epoch), at: now + after)
        let reconnect = after + .milliseconds(Int.random(in: 20...1200, using: &random))
        events.add(.connect(board: board, epoch: boards[board].epoch), at: now + reconnect)
    }

    mutating func brokerUp() {
        brokerIsUp = true
        trace.add(now, "the broker is up")
    }
}
