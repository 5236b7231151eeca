import Cluster
import Costs
import Testing

/// 2026-11-21T12:00:00Z.
private let noonS = 1_795_262_400.0

private func time(_ offsetS: Double) -> String { UTCTime.string(secondsSince1970: noonS + offsetS) }

private func carbon(
    _ zone: String = "X", _ intensity: Double = 100, at: Double = 0, until: Double = 3600,
    forecast: [(Double, Double)]? = nil, scope: EmissionFactor.Scope = .lifecycle
) -> ZoneCarbon {
    ZoneCarbon(
        zone: zone, intensityGPerKwh: intensity, emissionFactorType: scope, at: time(at), validUntil: time(until),
        forecast: forecast?.map { CarbonForecast(at: time($0.0), intensityGPerKwh: $0.1) }, source: "feed")
}

@Suite struct CarbonBookTests {
    private var book = CarbonBook()

    @Test func theNewestValueHoldsUntilItExpires() {
        var book = book
        #expect(book.heard(carbon(at: -60), wallS: noonS, now: .seconds(5)) == nil)
        let known = book.intensity(of: "X", now: .seconds(5))
        #expect(known?.intensityGPerKwh == 100)
        #expect(known?.ageS == 60)
        #expect(known?.source == "feed")
        #expect(book.nextChange(now: .seconds(5)) == .seconds(3605))
        #expect(book.intensity(of: "X", now: .seconds(3604)) != nil)
        #expect(book.intensity(of: "X", now: .seconds(3605)) == nil)
    }

    @Test func whatIsOlderExpiredOrOfTheFutureIsDroppedByName() {
        var book = book
        _ = book.heard(carbon(at: 0), wallS: noonS, now: .zero)
        let before = book
        for (record, part) in [
            (carbon("X", 500, at: -1), "older than what is known"),
            (carbon("X", 500, at: -200, until: -100), "expired"),
            (carbon("X", 500, at: 5000, until: 9000), "in the future"),
            (carbon("X", -1), "intensity_g_per_kwh is -1.0"),
            (carbon("X", .nan), "intensity_g_per_kwh"), (carbon("X", 1e6), "intensity_g_per_kwh"),
            (carbon("X", 1, at: 10, until: 10), "is not after at"),
            (carbon("X", 1, at: 1, forecast: [(0, 1)]), "forecast[0].at"),
            (carbon("X", 1, at: 1, forecast: (2..<200).map { (Double($0), 1) }), "at most 96"),
        ] {
            let sentence = book.heard(record, wallS: noonS, now: .zero)
            #expect(sentence?.contains(part) == true, "\(sentence ?? "taken")")
            #expect(book == before)
        }
    }

    @Test func theSameRecordAgainMovesNothingAndACorrectionCounts() {
        var book = book
        _ = book.heard(carbon(), wallS: noonS, now: .zero)
        let before = book
        #expect(book.heard(carbon(), wallS: noonS + 7, now: .seconds(9)) == nil)
        #expect(book == before)
        #expect(book.heard(carbon("X", 90), wallS: noonS, now: .zero) == nil)
        #expect(book.intensity(of: "X", now: .zero)?.intensityGPerKwh == 90)
    }

    @Test func aForecastTakesOverInItsTime() {
        var book = book
        _ = book.heard(carbon(until: 7200, forecast: [(600, 50), (1200, 400)]), wallS: noonS, now: .zero)
        let values = [0.0, 599, 600, 1199, 1200, 7199].map {
            book.intensity(of: "X", now: .seconds($0))?.intensityGPerKwh
        }
        #expect(values == [100, 100, 50, 50, 400, 400])
        #expect(book.nextChange(now: .zero) == .seconds(600))
        #expect(book.nextChange(now: .seconds(600)) == .seconds(1200))
    }

    @Test func aValueBecomesStaleThenUnknownAndEachIsSaidOnce() {
        var book = book
        var record = carbon(until: 3600)
        record.freshUntil = time(900)
        #expect(book.heard(record, wallS: noonS, now: .zero) == nil)
        #expect(book.lapse(now: .seconds(899)) == [])
        #expect(book.intensity(of: "X", now: .seconds(899))?.isStale == false)
        #expect(book.nextChange(now: .zero) == .seconds(900))
        #expect(
            book.lapse(now: .seconds(900)) == [
                "carbon of zone X is stale, and unknown from \(time(3600)) on: feed has said nothing new since its "
                    + "value of \(time(0))"
            ])
        #expect(book.intensity(of: "X", now: .seconds(900))?.isStale == true)
        #expect(book.intensity(of: "X", now: .seconds(900))?.intensityGPerKwh == 100)
        #expect(book.lapse(now: .seconds(3599)) == [])
        #expect(
            book.lapse(now: .seconds(3600)) == [
                "carbon of zone X is unknown: feed has said nothing new since its value of \(time(0))"
            ])
        #expect(book.lapse(now: .seconds(3601)) == [])
        #expect(book.intensity(of: "X", now: .seconds(3600)) == nil)
    }

    @Test func aWordOfTheFeedMakesItFreshAgain() {
        var book = book
        var record = carbon(until: 3600)
        record.freshUntil = time(900)
        _ = book.heard(record, wallS: noonS, now: .zero)
        #expect(book.lapse(now: .seconds(1000)).count == 1)
        // The same value, said again.
        record.freshUntil = time(1900)
        #expect(book.heard(record, wallS: noonS + 1000, now: .seconds(1000)) == nil)
        #expect(book.intensity(of: "X", now: .seconds(1000))?.isStale == false)
        #expect(book.lapse(now: .seconds(1900)).count == 1)
        // After it was unknown even an older value counts.
        _ = book.heard(carbon("X", 70, at: -100, until: 9000), wallS: noonS + 4000, now: .seconds(4000))
        #expect(book.intensity(of: "X", now: .seconds(4000))?.intensityGPerKwh == 70)
    }

    @Test func zonesHaveALimitAndTheExpiredMakeRoom() {
        var book = book
        for index in 0..<ClusterLimits.zones {
            #expect(book.heard(carbon("Z\(index)", until: index == 0 ? 60 : 3600), wallS: noonS, now: .zero) == nil)
        }
        #expect(book.heard(carbon("new"), wallS: noonS, now: .zero)?.contains("the limit") == true)
        #expect(book.heard(carbon("new", at: 61, until: 3600), wallS: noonS + 61, now: .seconds(61)) == nil)
        book.withdrawn("new")
        #expect(book.intensity(of: "new", now: .seconds(61)) == nil)
    }
}

@Suite struct CarbonPolicyTests {
    private func known(_ zone: String, _ value: Double, _ factor: EmissionFactor = .init(.lifecycle)) -> ZoneIntensity {
        ZoneIntensity(zone: zone, intensityGPerKwh: value, factor: factor, source: "feed", ageS: 0)
    }

    @Test(arguments: [(100.0, 109.0, false), (100, 111, true), (100, 91, false), (100, 89, true), (0, 1, true)])
    func aChangeByMoreThanTheShareIsAReason(was: Double, now: Double, isReason: Bool) {
        let reasons = ReplanPolicy().carbonChanges(from: [known("X", was)], to: [known("X", now)], zones: ["X"])
        #expect(reasons.isEmpty != isReason)
        #expect(ReplanPolicy().carbonChanges(from: [known("X", was)], to: [known("X", now)], zones: ["Y"]).isEmpty)
    }

    @Test func comingGoingAndAnotherCountAreReasonsThatSayIt() {
        let policy = ReplanPolicy()
        func text(_ old: [ZoneIntensity], _ new: [ZoneIntensity]) -> [String] {
            policy.carbonChanges(from: old, to: new, zones: ["X"]).map(\.description)
        }
        #expect(text([known("X", 100)], [known("X", 400)]) == ["carbon of zone X from 100 to 400 g/kWh"])
        #expect(text([], [known("X", 400)]) == ["carbon of zone X from unknown to 400 g/kWh"])
        #expect(text([known("X", 100)], []) == ["carbon of zone X expired; it was 100 g/kWh"])
        #expect(text([known("X", 100)], [known("X", 100, .init(.direct))]).count == 1)
        #expect(text([], []).isEmpty)
    }

    private func comparison(
        _ objective: Objective, _ value: Double, _ incumbent: Double?, moveS: Double? = 0, moveValue: Double? = 0
    ) -> ReplanPolicy.Comparison {
        var plans = ReplanPolicy.Comparison(latencyS: 2, incumbentLatencyS: 1, moveS: moveS)
        plans.objective = objective
        plans.value = value
        plans.incumbentValue = incumbent
        plans.moveValue = moveValue
        return plans
    }

    @Test(arguments: [Objective.energy, .carbon])
    func aSlowerPlanIsTakenWhereTheObjectiveIsAnother(objective: Objective) {
        let policy = ReplanPolicy()
        let decision = policy.decide(comparison(objective, 0.5, 1), sameAssignment: false)
        #expect(decision.adopt)
        #expect(decision.explanation.contains("50.0 % of the \(objective.rawValue)"))
        #expect(decision.numbers.value == 0.5 && decision.numbers.incumbentValue == 1)
        #expect(decision.numbers.objective == objective && decision.numbers.gain == 0.5)
        #expect(!policy.decide(comparison(objective, 0.96, 1), sameAssignment: false).adopt)
        // At two seconds for each, thirty inferences fit into the payback time and save fifteen.
        #expect(policy.decide(comparison(objective, 0.5, 1, moveS: 1000, moveValue: 14), sameAssignment: false).adopt)
        let dear = policy.decide(comparison(objective, 0.5, 1, moveValue: 16), sameAssignment: false)
        #expect(!dear.adopt)
        #expect(dear.explanation.contains("takes 16.0 \(objective.unit) and would save 15.0 \(objective.unit)"))
        #expect(policy.decide(comparison(objective, 0.5, 1, moveValue: nil), sameAssignment: false).adopt)
    }

    @Test func aCleanGridLeavesNothingToSave() {
        let decision = ReplanPolicy().decide(comparison(.carbon, 0, 0), sameAssignment: false)
        #expect(!decision.adopt && decision.numbers.gain == 0)
    }

    @Test func throughputIsJudgedByItsCycle() {
        let policy = ReplanPolicy()
        #expect(policy.decide(comparison(.throughput, 0.5, 1, moveS: 29), sameAssignment: false).adopt)
        #expect(!policy.decide(comparison(.throughput, 0.5, 1, moveS: 31), sameAssignment: false).adopt)
    }

    @Test func aPlanThatBreaksANewLimitCannotStay() {
        var plans = comparison(.latency, 1, nil)
        plans.incumbentFault = "it breaks the limit maximum_carbon_g"
        let decision = policy(plans)
        #expect(decision.adopt && decision.explanation.contains("maximum_carbon_g"))
    }

    private func policy(_ plans: ReplanPolicy.Comparison) -> ReplanPolicy.Decision {
        ReplanPolicy().decide(plans, sameAssignment: false)
    }
}

@Suite struct CarbonAgreementTests {
    private static let wallS = noonS

    private func board(_ name: String, zone: String?, intensity: Double? = nil) -> NodeCapabilities {
        var board = capabilities(name)
        board.devices[0].zone = zone
        board.devices[0].intensityGPerKwh = intensity
        return board
    }

    /// Boards in the zones A and B, and a solver that goes where the grid is cleaner.
    private func started(goal: PlanGoal = PlanGoal(objective: .carbon)) -> Mesh {
        var settings = ClusterSettings()
        settings.goal = goal
        let mesh = Mesh([board("a", zone: "A"), board("b", zone: "B")], settings: settings)
        mesh.solver = { request in
            func value(_ zone: String) -> Double? { request.carbon.first { $0.zone == zone }?.intensityGPerKwh }
            guard request.goal.countsCarbon else {
                return .planned(
                    plan(on: ["a", "b"]), incumbentLatencyS: request.incumbent == nil ? nil : 0.1, moveS: 0)
            }
            guard let first = value("A"), let second = value("B") else {
                return .failed(reason: "device a: intensity_g_per_kwh of its grid zone is unknown")
            }
            var found = plan(on: ["a", first <= second ? "a" : "b"])
            found.objective = .carbon
            found.carbonG = min(first, second)
            let incumbent = request.incumbent.map { record in
                SolvedPlan.Incumbent(
                    latencyS: 0.1, value: record.plan.layers.last?.device == "a" ? first : second)
            }
            return .planned(SolvedPlan(found, incumbent: incumbent, move: .init(timeS: 0, energyJ: 0, carbonG: 0)))
        }
        return mesh
    }

    private func say(_ mesh: Mesh, _ zone: String, _ value: Double, at offsetS: Double, until: Double = 36_000) {
        for board in mesh.boards.map(\.member.node) {
            mesh.tell(
                board, .carbonHeard(carbon(zone, value, at: offsetS, until: until), wallS: Self.wallS + offsetS))
        }
    }

    private func device(_ mesh: Mesh) -> DeviceID? { mesh.inForce?.plan.layers.last?.device }

    @Test func layersFollowTheCleanerGridThereAndBack() throws {
        let mesh = started()
        say(mesh, "A", 100, at: 0)
        say(mesh, "B", 400, at: 0)
        mesh.tell("a", .modelAdded(model()))
        #expect(mesh.run(until: { _ in device(mesh) == "a" }) != nil)
        say(mesh, "A", 500, at: 10)
        #expect(mesh.run(until: { _ in device(mesh) == "b" }) != nil)
        #expect(mesh.inForce?.reason.contains("carbon of zone A from 100 to 500 g/kWh") == true)
        #expect(mesh.inForce?.reason.contains("of the carbon") == true)
        say(mesh, "A", 50, at: 20)
        #expect(mesh.run(until: { _ in device(mesh) == "a" }) != nil)
        #expect(mesh.carbon["a"]?.intensityGPerKwh == 50)
        #expect(mesh.carbon["b"]?.intensityGPerKwh == 400)
        #expect(mesh.carbon["b"]?.validUntil == time(36_000))
    }

    @Test func aSmallChangeIsNoReasonAndOtherObjectivesDoNotCare() {
        let mesh = started()
        say(mesh, "A", 100, at: 0)
        say(mesh, "B", 400, at: 0)
        mesh.tell("a", .modelAdded(model()))
        #expect(mesh.run(until: { $0.inForce != nil }) != nil)
        mesh.run(for: .seconds(10))
        let solves = mesh.solved.count
        say(mesh, "A", 105, at: 10)
        mesh.run(for: .seconds(20))
        #expect(mesh.solved.count == solves)
        // Small steps add up.
        say(mesh, "A", 111, at: 30)
        #expect(mesh.run(until: { $0.solved.count > solves }) != nil)

        let other = started(goal: PlanGoal())
        say(other, "A", 100, at: 0)
        other.tell("a", .modelAdded(model()))
        #expect(other.run(until: { $0.inForce != nil }) != nil)
        other.run(for: .seconds(10))
        let before = other.solved.count
        say(other, "A", 900, at: 10)
        other.run(for: .seconds(20))
        #expect(other.solved.count == before)
    }

    @Test func anExpiredValueIsSaidByNameAndThePlanStays() throws {
        let mesh = started()
        say(mesh, "A", 100, at: 0, until: 60)
        say(mesh, "B", 400, at: 0)
        mesh.tell("a", .modelAdded(model()))
        #expect(mesh.run(until: { $0.inForce != nil }) != nil)
        let plan = try #require(mesh.inForce?.id)
        #expect(
            mesh.run(
                until: { $0.events.contains { $0.event == .failed && $0.reason.contains("zone A expired") } },
                limit: .seconds(90)) != nil)
        #expect(mesh.events.last?.reason.contains("is unknown") == true)
        #expect(mesh.inForce?.id == plan)
        #expect(mesh.carbon["a"] == nil)
    }

    @Test func nothingIsPlannedForCarbonUntilItIsKnownAndThenAtOnce() {
        let mesh = started()
        mesh.tell("a", .modelAdded(model()))
        #expect(mesh.run(until: { $0.events.contains { $0.event == .failed } }) != nil)
        mesh.run(for: .seconds(40))
        #expect(mesh.inForce == nil)
        say(mesh, "A", 100, at: 40)
        say(mesh, "B", 10, at: 40)
        #expect(mesh.run(until: { $0.inForce != nil }, limit: .seconds(2)) != nil)
    }

    @Test func whatIsAskedStaysInForceForTheNextLeaderToo() throws {
        let mesh = started(goal: PlanGoal())
        say(mesh, "A", 100, at: 0)
        say(mesh, "B", 10, at: 0)
        mesh.tell("a", .modelAdded(model(source: "b")))
        #expect(mesh.run(until: { $0.inForce != nil }) != nil)
        let limits = Constraints(maximumLatencyS: 3)
        for node in ["a", "b"] as [NodeID] {
            mesh.tell(
                node, .replanRequested(ReplanRequest(model: "m", objective: .carbon, constraints: limits, client: "c")))
        }
        #expect(mesh.run(until: { !$0.replies.isEmpty }) != nil)
        #expect(mesh.inForce?.goal == PlanGoal(objective: .carbon, constraints: limits))
        #expect(mesh.inForce?.plan.objective == .carbon)
        mesh.tell("a", .replanRequested(ReplanRequest(model: "m", reason: "only again")))
        mesh.tell("b", .replanRequested(ReplanRequest(model: "m", reason: "only again")))
        mesh.run(for: .seconds(3))
        #expect(mesh.solved.last?.goal.objective == .carbon)
        let leader = try #require(mesh.leader)
        let solves = mesh.solved.count
        mesh.kill(leader)
        _ = mesh.run(until: { $0.solved.count > solves })
        #expect(mesh.solved.last?.goal == PlanGoal(objective: .carbon, constraints: limits))
    }

    @Test func aThroughputAskedForIsThatOfAContinuousService() {
        let goal = ReplanRequest(objective: .throughput).goal(over: PlanGoal())
        #expect(goal == PlanGoal(objective: .throughput, service: .continuous))
        #expect(!ReplanRequest(reason: "x").namesGoal)
        let configured = PlanGoal(objective: .energy, constraints: Constraints(maximumLatencyS: 1))
        #expect(ReplanRequest(constraints: Constraints(maximumCarbonG: 2)).goal(over: configured).objective == .energy)
    }

    @Test func aConfigurationThatAsksForSomethingElseIsAReason() {
        let mesh = started(goal: PlanGoal())
        say(mesh, "A", 100, at: 0)
        say(mesh, "B", 10, at: 0)
        mesh.tell("a", .modelAdded(model()))
        #expect(mesh.run(until: { $0.inForce != nil }) != nil)
        for node in ["a", "b"] as [NodeID] {
            mesh.tell(node, .planningChanged(PlanningSettings(goal: PlanGoal(objective: .carbon))))
        }
        #expect(mesh.run(until: { $0.inForce?.plan.objective == .carbon }) != nil)
    }

    @Test func aBoardFallsBackToItsConfiguredIntensity() {
        let mesh = Mesh([board("a", zone: "A", intensity: 300)])
        mesh.run(for: .seconds(1))
        #expect(mesh.carbon["a"]?.source == "configuration")
        mesh.tell("a", .carbonHeard(carbon("A", 100, until: 30), wallS: Self.wallS))
        #expect(mesh.carbon["a"]?.intensityGPerKwh == 100)
        mesh.run(for: .seconds(40))
        #expect(mesh.carbon["a"]?.intensityGPerKwh == 300)
        mesh.tell("a", .carbonHeard(carbon("A", 100, until: 30), wallS: Self.wallS + 40))
        #expect(mesh.warnings.contains { $0.contains("expired") })
    }
}
