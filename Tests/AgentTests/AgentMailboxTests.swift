import Agent
import Cluster
import Costs
import MQTT
import Runtime
import Synchronization
import Testing

private func message(_ number: Int) -> AgentEvent {
    .mqtt(.message(topic: "t", payload: [UInt8(truncatingIfNeeded: number)], retained: false))
}

private func fault(_ text: String) -> AgentEvent { .runner(.report(.fault(text))) }

/// What the tests tell events by.
private func name(of event: AgentEvent) -> String {
    switch event {
    case .mqtt(.message): "message"
    case .mqtt(let event): "\(event)"
    case .runner(.report(.fault(let text))): text
    case .runner: "runner"
    case .solved: "solved"
    case .tick: "tick"
    case .boardNews, .boardMeasured: "board"
    case .modelAdded: "model"
    case .drained(let plan): "drained \(plan.sequence)"
    case .reload: "reload"
    case .stop: "stop"
    case .requestsSettled: "settled"
    }
}

private final class Count: Sendable {
    private let count = Mutex(0)

    func add() { count.withLock { $0 += 1 } }
    var value: Int { count.withLock { $0 } }
}

private func names(in mailbox: AgentMailbox) async -> [String] {
    mailbox.finish()
    var names: [String] = []
    for await event in mailbox.events { names.append(name(of: event)) }
    return names
}

@Suite struct AgentMailboxTests {
    @Test func `of a flood of messages only the limit waits, and nothing else is lost behind it`() async {
        let mailbox = AgentMailbox()
        let limit = AgentMailbox.maximumWaitingMessages
        for number in 0..<limit + 1000 { mailbox.post(message(number)) }
        mailbox.post(.mqtt(.oversized(topic: "t", bytes: 9, limit: 1)))
        mailbox.post(.mqtt(.disconnected(reason: "gone")))
        mailbox.post(fault("report"))
        let plan = { PlanID(term: 1, leader: "a", sequence: $0) }
        for sequence in UInt64(1)...3 { mailbox.post(.drained(plan(sequence))) }
        mailbox.post(.solved(SolveToken(1), .failed(reason: "no")))
        mailbox.post(.tick)
        mailbox.post(.stop)
        mailbox.post(.requestsSettled)
        #expect(mailbox.takeRefusedCount() == 1001)
        #expect(mailbox.takeRefusedCount() == 0)
        let waiting = await names(in: mailbox)
        #expect(waiting.count { $0 == "message" } == limit)
        #expect(
            waiting.drop { $0 == "message" } == [
                "disconnected(reason: \"gone\")", "report", "drained 1", "drained 2", "drained 3", "solved", "tick",
                "stop", "settled",
            ])
    }

    @Test func `a message that was taken makes room for another`() async {
        let mailbox = AgentMailbox()
        var events = mailbox.events.makeAsyncIterator()
        for number in 0..<AgentMailbox.maximumWaitingMessages { mailbox.post(message(number)) }
        _ = await events.next()
        mailbox.post(message(0))
        #expect(mailbox.takeRefusedCount() == 0)
        mailbox.post(message(0))
        #expect(mailbox.takeRefusedCount() == 1)
    }

    @Test func `ticks, reloads and stops wait once, and again when one was taken`() async {
        let mailbox = AgentMailbox()
        for _ in 0..<5 {
            mailbox.post(.tick)
            mailbox.post(.reload)
            mailbox.post(.stop)
        }
        var events = mailbox.events.makeAsyncIterator()
        _ = await events.next()
        mailbox.post(.tick)
        mailbox.finish()
        var rest: [String] = []
        while let event = await events.next() { rest.append(name(of: event)) }
        #expect(rest == ["reload", "stop", "tick"])
    }

    @Test func `who brings a report waits for room, and loses neither the report nor its place`() async {
        let mailbox = AgentMailbox()
        let limit = AgentMailbox.maximumWaitingReports
        let brought = Count()
        await withTaskGroup(of: Void.self) { tasks in
            tasks.addTask {
                for number in 0..<3 * limit {
                    await mailbox.postWhenRoom(fault("\(number)"))
                    brought.add()
                }
            }
            var events = mailbox.events.makeAsyncIterator()
            for number in 0..<3 * limit {
                guard let event = await events.next() else { break }
                #expect(name(of: event) == "\(number)")
                // One more may be on its way while its place is counted as taken.
                #expect(brought.value <= number + 1 + limit + 1)
            }
        }
    }

    @Test(.timeLimit(.minutes(1))) func `nobody waits for room in a mailbox that was closed`() async {
        let mailbox = AgentMailbox()
        await withTaskGroup(of: Void.self) { tasks in
            tasks.addTask {
                for number in 0...AgentMailbox.maximumWaitingReports { await mailbox.postWhenRoom(fault("\(number)")) }
            }
            mailbox.finish()
        }
    }
}
