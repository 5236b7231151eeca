import Cluster
import Costs
import MQTT

/// One or more messages of each kind, with every optional member once there and once not.
enum Samples {
    static let cluster = "home"
    static let time = "2026-11-20T23:56:59.123Z"

    static let capabilities = NodeCapabilities(
        node: "a", version: 7,
        devices: [
            Device(
                id: "a", node: "a", deviceClass: .edge, flops: 3.62e9, memoryBandwidthBytesPerS: 719e6,
                memoryBytes: 1_000_000_000, networkBandwidthBytesPerS: 1.25e7, runtimeBytes: 40_000_000),
            Device(
                id: "a-gpu", node: "a", deviceClass: .hub, flops: 2e11, memoryBandwidthBytesPerS: 2.5e10,
                memoryBytes: 4_000_000_000, computePowerW: 10, idlePowerW: 2,
                transferPower: TransferPower(uploadWPerMbitPerS: 0.005, downloadWPerMbitPerS: 0.003, baseW: 1),
                operatingPoints: [
                    OperatingPoint(frequencyHz: 537.6e6, flops: 1.2e11, computePowerW: 6),
                    OperatingPoint(frequencyHz: 921.6e6, flops: 2e11, computePowerW: 10),
                ], zone: "DE", intensityGPerKwh: 380),
        ],
        mainsPower: false, freeMemoryBytes: 900_000_000, eligible: true,
        transport: Endpoint(host: "192.168.1.10", port: 7411), frontDoor: Endpoint(host: "::1", port: 8080),
        links: [
            LinkMeasurement(
                peer: "b", bandwidthBytesPerS: 1.1e7, latencyS: 0.0004, source: "passive", measuredAt: time),
            LinkMeasurement(peer: "c", bandwidthBytesPerS: 1e6, latencyS: 0, source: "configured"),
        ],
        messages: [WaitCost(model: "digits", eachS: 0.0004, requests: 20, measuredAt: time)],
        requestCosts: [WaitCost(model: "digits", eachS: 0.001, requests: 9)])
    static let bareCapabilities = NodeCapabilities(node: "b", version: 0, devices: [], freeMemoryBytes: 0)

    static let leader = LeaderRecord(node: "a", term: 3, generation: 2, since: time)
    static let timelessLeader = LeaderRecord(node: "b", term: 1, generation: 1)

    static let model = ModelRecord(
        name: "digits", version: 2, graphSHA256: String(repeating: "0a", count: 32), graphBytes: 2048,
        weightBytes: 120_000, holders: ["a", "b"], source: "a", destination: "a")
    static let removedModel = ModelRecord(
        name: "old", version: 9, graphSHA256: String(repeating: "ff", count: 32), graphBytes: 1, weightBytes: 0,
        holders: [], source: "a", destination: "b", removed: true)

    static let planID = PlanID(term: 3, leader: "a", sequence: 4)

    static let plan = PlanRecord(
        id: planID, model: model, participants: ["a", "b"], reason: "link a-b changed", issuedAt: time,
        plan: Plan(
            planner: "exact", objective: .latency, latencyS: 0.0123, computeS: 0.01, transferS: 0.002, weightsS: 0.0003,
            cycleS: 0.0099, energyJ: 0.5, carbonG: 5e-5, ownEstimate: 0.011,
            layers: [
                .init(index: 0, name: "source", device: "a"), .init(index: 1, name: "conv1", device: "a"),
                .init(index: 2, name: "fc", device: "b"), .init(index: 3, name: "destination", device: "a"),
            ],
            bundles: [.init(first: 1, last: 1, device: "a"), .init(first: 2, last: 2, device: "b")],
            devices: [
                .init(
                    id: "a", peakMemoryBytes: 5000, flopsShare: 0.75, frequencyHz: 921.6e6, loadS: 0.009,
                    energy: .init(computeJ: 0.3, uploadJ: 0.1, downloadJ: 0, holdJ: 0.1), carbonG: 5e-5),
                .init(id: "b", peakMemoryBytes: 2000, flopsShare: 0.25),
            ],
            solveS: 0.001, bound: 0.0123, gap: 0, singleDevice: .init(device: "a", latencyS: 0.02, value: 0.02),
            inputs: [
                InputSource(figure: "bandwidth a-b", source: "passive", ageS: 12),
                InputSource(figure: "flops a", source: "file"),
            ]))
    static let goal = PlanGoal(
        objective: .carbon, service: .continuous,
        constraints: Constraints(
            maximumLatencyS: 0.5, maximumEnergy: [.init(device: "a", energyJ: 2)], maximumCarbonG: 0.01,
            minimumThroughputPerS: 4, privateLayers: [0, 1], maximumEntries: 2, maximumBundleSize: 3))
    static let carbonPlan = PlanRecord(
        id: planID, model: model, participants: ["a", "b"], reason: "carbon of zone CY from 100 to 400 g/kWh",
        goal: goal,
        plan: Plan(
            planner: "exact", objective: .carbon, latencyS: 0.02, computeS: 0.01, transferS: 0.01, weightsS: 0,
            cycleS: 0.01, energyJ: 0.3, carbonG: 0.00004, ownEstimate: 0.00004,
            layers: [.init(index: 0, name: "source", device: "a"), .init(index: 1, name: "destination", device: "a")],
            bundles: [.init(first: 0, last: 1, device: "a")],
            devices: [
                .init(
                    id: "a", peakMemoryBytes: 5000, flopsShare: 1, frequencyHz: 1.4e9, loadS: 0.01,
                    energy: .init(computeJ: 0.2, uploadJ: 0.02, downloadJ: 0.03, holdJ: 0.05), carbonG: 0.00004)
            ],
            solveS: 0.001, bound: 0.00003, gap: 0.25,
            singleDevice: .init(device: "a", latencyS: 0.02, value: 0.00005),
            inputs: [InputSource(figure: "intensity of a", source: "feed, zone CY, lifecycle average", ageS: 60)]))

    static let zoneCarbon = ZoneCarbon(
        zone: "CY", intensityGPerKwh: 480.5, at: time, freshUntil: "2026-11-21T00:11:59.123Z",
        validUntil: "2026-11-21T00:56:59.123Z",
        forecast: [CarbonForecast(at: "2026-11-21T00:30:00.000Z", intensityGPerKwh: 510)], source: "feed")
    static let bareZoneCarbon = ZoneCarbon(
        zone: "FR", intensityGPerKwh: 0, emissionFactorType: .direct, kind: .marginal, at: time,
        validUntil: "2026-11-21T00:56:59.123Z", source: "feed")
    static let nodeCarbon = NodeCarbon(
        node: "a", zone: "CY", intensityGPerKwh: 480.5, source: "feed", validUntil: "2026-11-21T00:56:59.123Z")
    static let bareNodeCarbon = NodeCarbon(node: "b", zone: "CY", intensityGPerKwh: 500, source: "configuration")

    static let barePlan = PlanRecord(
        id: PlanID(term: 1, leader: "b", sequence: 1), model: model, participants: [], granularity: .operator,
        reason: "no plan is in force",
        plan: Plan(
            planner: "exact", objective: .latency, latencyS: 0, computeS: 0, transferS: 0, weightsS: 0, layers: [],
            devices: [], solveS: 0, bound: nil, gap: nil, singleDevice: nil, inputs: []))

    static let sharedPlan: PlanRecord = {
        var record = barePlan
        record.goal = PlanGoal(sharing: .on)
        record.plan.sharing = Plan.Sharing(
            devices: ["a", "b"], source: 0, destination: 1,
            layouts: [[[0, 1, 0, 8, 0, 3], [0, 1, 0, 8, 3, 8]], [nil, [0, 1, 0, 10]]])
        record.plan.requestS = 0.001
        record.plan.sharing?.messages = 2
        record.plan.sharing?.messageS = 0.0003
        return record
    }()

    static let numbers = PlanNumbers(
        latencyS: 0.01, incumbentLatencyS: 0.02, gain: 0.5, margin: 0.05, moveS: 1.5)
    static let carbonNumbers = PlanNumbers(
        latencyS: 0.01, incumbentLatencyS: 0.02, objective: .carbon, value: 0.001, incumbentValue: 0.002, gain: 0.5,
        margin: 0.05, moveS: 1.5, moveValue: 0.0003)
    static let bareNumbers = PlanNumbers(latencyS: 0.01, incumbentLatencyS: nil, gain: nil, margin: 0.05, moveS: nil)

    static let events: [PlanEvent] =
        PlanEvent.Kind.allCases.enumerated().map { index, kind in
            PlanEvent(
                model: "digits", plan: planID, event: kind, reason: "because", term: 3, sequence: UInt64(index),
                node: "a", numbers: numbers, at: time)
        } + [
            PlanEvent(
                model: "digits", plan: nil, event: .failed, reason: "no set of boards can hold it", term: 3,
                sequence: 9, node: "a", numbers: bareNumbers),
            PlanEvent(
                model: "digits", plan: planID, event: .kept, reason: "b", term: 3, sequence: 10, node: "a",
                numbers: carbonNumbers),
        ]

    static let requests = [
        ReplanRequest(), ReplanRequest(model: "digits", objective: .latency, reason: "I moved a board", client: "c1"),
        ReplanRequest(
            model: "digits", objective: .carbon, service: .continuous, constraints: goal.constraints, client: "c1"),
        ReplanRequest(model: "digits", sharing: .auto),
    ]
    static let replies = [
        ReplanReply(
            client: "c1", model: "digits", outcome: .planned, reason: "saves 50 %", plan: planID, numbers: numbers),
        ReplanReply(client: "c1", model: "digits", outcome: .kept, reason: "less than the margin", plan: planID),
        ReplanReply(client: "c1", model: nil, outcome: .failed, reason: "there is no model"),
    ]

    static let claim = MemberClaim(
        node: "c", status: .suspect, life: Life(generation: 4, incarnation: 1), suspectedBy: "b")

    static let gossip: [Message] = {
        let term = Term(number: 3, node: "a")
        let assigned = [
            AssignedPlan(model: "digits", plan: planID, phase: .prepare, record: plan),
            AssignedPlan(model: "other", plan: planID, phase: .drain),
        ]
        let held = [
            HeldPlanReport(
                model: "digits", plan: planID, phase: .ready, memory: [DeviceMemory(device: "a", memoryBytes: 4711)]),
            HeldPlanReport(model: "other", plan: planID, phase: .refused, reason: "too big"),
        ]
        let bodies: [Message.Body] = [
            .ping(sequence: 17), .ack(sequence: 17, of: "b"), .nack(sequence: 18, of: "c"),
            .pingRequest(sequence: 19, target: "c"), .gossip,
            .digest(
                Digest(
                    members: [claim], capabilities: [.init(node: "a", version: 7)],
                    models: [.init(name: "digits", version: 2, holders: 2)], answerWanted: true)),
            .assignment(Assignment(term: term, revision: 5, query: false, plans: assigned)),
            .assignment(Assignment(term: term, revision: 6, query: true, plans: [])),
            .report(MemberReport(term: term, revision: 5, sequence: 8, plans: held)), .leave,
        ]
        let rumours: [Rumour] = [.member(claim), .capabilities(capabilities), .model(model)]
        return bodies.flatMap { body in
            [
                Message(
                    from: "b", life: Life(generation: 1, incarnation: 2), termNumber: 3, leader: leader,
                    rumours: rumours, body: body),
                Message(from: "b", life: Life(generation: 1, incarnation: 0), body: body),
            ]
        }
    }()

    static let outbound: [OutboundMessage] =
        NodeState.allCases.map { .nodeState("a", $0) }
        + [
            .capabilities(capabilities), .capabilities(bareCapabilities), .leader(leader), .leader(timelessLeader),
            .zoneCarbon(zoneCarbon), .zoneCarbon(bareZoneCarbon), .nodeCarbon(nodeCarbon),
            .nodeCarbon(bareNodeCarbon), .plan(carbonPlan), .clear(.zoneCarbon("CY")),
            .model(model), .model(removedModel), .plan(plan), .plan(barePlan), .plan(sharedPlan), .clear(.leader),
            .clear(.plan("digits")), .clear(.nodeCapabilities("a")),
        ]
        + events.map { .planEvent($0) } + requests.map { .replan($0) } + replies.map { .replanReply($0) }
        + gossip.map { .inbox("a", $0) }
}

extension OutboundMessage {
    /// What a receiver shall make of the message.
    var received: InboundMessage {
        switch self {
        case .nodeState(let node, let state): .nodeState(node, state)
        case .capabilities(let record): .capabilities(record)
        case .inbox(let node, let message): .inbox(node, message)
        case .leader(let record): .leader(record)
        case .model(let record): .model(record)
        case .plan(let record): .plan(record)
        case .planEvent(let event): .planEvent(event)
        case .replan(let request): .replan(request)
        case .zoneCarbon(let record): .zoneCarbon(record)
        case .nodeCarbon(let record): .nodeCarbon(record)
        case .replanReply(let reply): .replanReply(reply)
        case .clear(let topic): .cleared(topic)
        }
    }
}
