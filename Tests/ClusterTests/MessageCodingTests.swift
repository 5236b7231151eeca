import Cluster
import Costs
import Foundation
import Testing

@Suite struct MessageCodingTests {
    static let bodies: [Message.Body] = [
        .ping(sequence: 7), .ack(sequence: 7, of: "b"), .nack(sequence: 7, of: "c"),
        .pingRequest(sequence: 7, target: "c"), .gossip, .leave,
        .digest(
            Digest(
                members: [
                    MemberClaim(
                        node: "b", status: .suspect, life: Life(generation: 2, incarnation: 1), suspectedBy: "a")
                ],
                capabilities: [.init(node: "b", version: 3)], models: [.init(name: "m", version: 1, holders: 2)],
                answerWanted: true)),
        .assignment(
            Assignment(
                term: Term(number: 3, node: "a"), revision: 4,
                plans: [AssignedPlan(model: "m", plan: planID(3, 1), phase: .prepare, record: record(planID(3, 1)))])),
        .report(
            MemberReport(
                term: Term(number: 3, node: "a"), revision: 4, sequence: 9,
                plans: [
                    HeldPlanReport(
                        model: "m", plan: planID(3, 1), phase: .refused, reason: "no memory",
                        memory: [DeviceMemory(device: "a", memoryBytes: 5)])
                ])),
    ]

    private func message(_ body: Message.Body) -> Message {
        Message(
            from: "a", life: Life(generation: 3, incarnation: 1), termNumber: 3,
            leader: LeaderRecord(node: "a", term: 3, generation: 3),
            rumours: [
                .member(MemberClaim(node: "c", status: .dead, life: Life(generation: 1, incarnation: 0))),
                .capabilities(capabilities("a")), .model(model()),
            ], body: body)
    }

    @Test(arguments: bodies) func aMessageOfEveryKindIsReadBackAsItWasWritten(body: Message.Body) throws {
        let data = try JSONEncoder().encode(message(body))
        #expect(try JSONDecoder().decode(Message.self, from: data) == message(body))
    }

    @Test func anAssignmentKeepsItsPlanRecord() throws {
        guard case .assignment = Self.bodies[7] else {
            Issue.record("the eighth body is the assignment")
            return
        }
        let data = try JSONEncoder().encode(message(Self.bodies[7]))
        let read = try JSONDecoder().decode(Message.self, from: data)
        guard case .assignment(let assignment) = read.body else {
            Issue.record("an assignment was written and something else read")
            return
        }
        #expect(assignment.plans.first?.record == record(planID(3, 1)))
    }

    @Test func theJSONIsFlatAndSaysItsSchemaAndKind() throws {
        let data = try JSONEncoder().encode(
            Message(from: "a", life: Life(generation: 3, incarnation: 0), body: .ping(sequence: 17)))
        let object = try JSONSerialization.jsonObject(with: data) as? [String: Any]
        #expect(object?["schema"] as? String == "lamella/gossip/1")
        #expect(object?["kind"] as? String == "ping")
        #expect(object?["from"] as? String == "a")
        #expect(object?["sequence"] as? Int == 17)
        #expect(object?["rumours"] == nil)
    }

    @Test(arguments: [
        #"{"schema":"lamella/gossip/2","kind":"ping","from":"a","generation":1,"incarnation":0,"term":0,"sequence":1}"#,
        #"{"schema":"lamella/gossip/1","kind":"shout","from":"a","generation":1,"incarnation":0,"term":0}"#,
        #"{"schema":"lamella/gossip/1","kind":"ping","from":"a","generation":1,"incarnation":0,"term":0}"#,
        #"{"schema":"lamella/gossip/1","kind":"leave","from":"a","generation":1,"incarnation":0,"term":0,"rumours":7}"#,
        #"{"kind":"gossip"}"#, "[]",
    ]) func whatIsNotAMessageIsRefused(text: String) {
        #expect(throws: DecodingError.self) { try JSONDecoder().decode(Message.self, from: Data(text.utf8)) }
    }

    @Test func storedStateIsReadBackAsItWasWritten() throws {
        let state = StoredState(
            generation: 4, termNumber: 9, accepted: [.init(model: "m", plan: planID(9, 2))], models: [model()])
        let data = try JSONEncoder().encode(state)
        #expect(try JSONDecoder().decode(StoredState.self, from: data) == state)
    }

    @Test func aPlanEventSaysItsUnits() throws {
        let event = PlanEvent(
            model: "m", plan: planID(2, 1), event: .kept, reason: "r", term: 2, sequence: 5, node: "a",
            numbers: PlanNumbers(latencyS: 0.1, incumbentLatencyS: 0.2, gain: 0.5, margin: 0.05, moveS: 1))
        let text = String(decoding: try JSONEncoder().encode(event), as: UTF8.self)
        #expect(text.contains("\"incumbent_latency_s\":0.2"))
        #expect(text.contains("\"event\":\"kept\""))
    }
}
