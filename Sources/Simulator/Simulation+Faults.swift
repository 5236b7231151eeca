import Cluster
import Costs

/// What goes wrong, and how all is put right in the end.
extension Simulation {
    mutating func strike(_ fault: Fault) {
        guard !healed else { return }
        trace.add(now, "fault: \(fault)")
        switch fault {
        case .crash(let board, let down): crash(board, down: down)
        case .crashBetweenEffects(let board, let after): boards[board].effectsToCrash = after
        case .partition(let sides, let duration):
            counts.partitions += 1
            self.sides = sides
            partitionEnds = now + duration
        case .cut(let board, let duration):
            boards[board].cutUntil = now + duration
            guard boards[board].connected else { return }
            disconnect(board, noticed: .milliseconds(Int.random(in: 0...500, using: &random)))
            lastWill(of: board)
        case .brokerRestart(let down, let memory): restartBroker(down: down, memory)
        case .runnerKill(let board): killRunner(board)
        case .stall(let board, let duration): boards[board].stalledUntil = now + duration
        case .slow(let board, let factor): boards[board].slowness = factor
        case .linkChange(let board, let peer, let bandwidth): changeLink(board, peer, bandwidth)
        case .loss(let probability, let duration):
            lossProbability = probability
            lossEnds = now + duration
        case .replanRequest:
            for board in boards.indices where boards[board].isUp {
                feed(board, .replanRequested(ReplanRequest(reason: "a simulated wish", client: "c")))
            }
        case .eligibility(let board, let eligible):
            boards[board].capabilities.eligible = eligible
            if boards[board].isUp { feed(board, .capabilitiesChanged(boards[board].capabilities)) }
        case .modelChange: addModel(version: (boards[sourceBoard].disk.models.first?.version ?? 0) + 1)
        }
    }

    private mutating func restartBroker(down: Duration, _ memory: Fault.BrokerMemory) {
        guard brokerIsUp else { return }
        counts.brokerRestarts += 1
        brokerIsUp = false
        for board in boards.indices {
            disconnect(board, noticed: .milliseconds(Int.random(in: 0...100, using: &random)))
        }
        switch memory {
        case .kept: oldRetained = retained
        case .emptied:
            oldRetained = retained
            retained = []
        case .old: swap(&retained, &oldRetained)
        }
        events.add(.brokerUp, at: now + down)
    }

    private mutating func killRunner(_ board: Int) {
        guard boards[board].isUp else { return }
        counts.runnerKills += 1
        boards[board].runner.die()
        let noticed = Duration.milliseconds(Int.random(in: 1...50, using: &random))
        events.add(.executorLost(board: board, epoch: boards[board].epoch), at: now + noticed)
    }

    private mutating func changeLink(_ board: Int, _ peer: Int, _ bandwidthBytesPerS: Double) {
        let node = boards[peer].node
        guard let link = boards[board].capabilities.links.firstIndex(where: { $0.peer == node }) else { return }
        boards[board].capabilities.links[link].bandwidthBytesPerS = bandwidthBytesPerS
        if boards[board].isUp { feed(board, .capabilitiesChanged(boards[board].capabilities)) }
    }

    /// From now on nothing goes wrong: the cluster must become whole by itself.
    mutating func heal() {
        trace.add(now, "all is healed")
        healed = true
        partitionEnds = now
        lossEnds = now
        brokerIsUp = true
        for board in boards.indices {
            boards[board].cutUntil = now
            boards[board].stalledUntil = min(boards[board].stalledUntil, now)
            boards[board].slowness = 1
            boards[board].effectsToCrash = nil
            boards[board].capabilities.eligible = true
            if boards[board].isUp {
                feed(board, .capabilitiesChanged(boards[board].capabilities))
            } else {
                events.add(.restart(board: board), at: now)
            }
        }
        events.add(.check, at: now + .milliseconds(250))
    }
}
