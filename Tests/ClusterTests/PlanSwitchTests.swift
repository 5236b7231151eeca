import Cluster
import Costs
import Testing

/// When a plan in force gives way to another, and when it does not although the other is better.
@Suite struct PlanSwitchTests {
    private static let fastBytesPerS = 1e7
    private static let slowBytesPerS = 1e6

    private func board(_ name: String, linkBytesPerS: Double) -> NodeCapabilities {
        capabilities(
            name,
            links: [
                LinkMeasurement(
                    peer: name == "a" ? "b" : "a", bandwidthBytesPerS: linkBytesPerS, latencyS: 0, source: "passive")
            ])
    }

    /// Two boards share the model while the link between them is fast; one computes alone while it is slow.
    private func cluster(_ settings: ClusterSettings = ClusterSettings()) -> Mesh {
        let mesh = Mesh(
            ["a", "b"].map { board($0, linkBytesPerS: Self.fastBytesPerS) }, settings: settings)
        mesh.solver = { request in
            let link = request.members.flatMap(\.links).map(\.bandwidthBytesPerS).min() ?? 0
            let best = link > 5e6 ? ["a", "b"] : ["a", "a"]
            let isInForce = request.incumbent?.plan.layers.map(\.device.name) == best
            return .planned(
                plan(on: best), incumbentLatencyS: request.incumbent == nil ? nil : isInForce ? 0.1 : 0.5, moveS: 0)
        }
        mesh.tell("a", .modelAdded(model()))
        return mesh
    }

    private func setLink(_ mesh: Mesh, _ bytesPerS: Double) {
        for name in ["a", "b"] {
            mesh.tell(NodeID(name), .capabilitiesChanged(board(name, linkBytesPerS: bytesPerS)))
        }
    }

    @Test func aLinkThatFlapsMovesLayersNoMoreThanTwiceAMinute() {
        let mesh = cluster()
        #expect(mesh.run(until: { $0.inForce != nil }) != nil)
        mesh.run(for: .seconds(10))
        let before = mesh.events.count { $0.event == .committed }
        for second in 0..<60 {
            setLink(mesh, second % 2 == 0 ? Self.slowBytesPerS : Self.fastBytesPerS)
            mesh.run(for: .seconds(1))
        }
        let switches = mesh.events.count { $0.event == .committed } - before
        #expect((1...2).contains(switches))
        #expect(mesh.events.contains { $0.event == .kept && $0.reason.contains("the limit") })
    }

    /// Boards `a` and `b` share the model; `c` and `d` have a link that no plan uses.
    private func clusterWithBystanders() -> Mesh {
        func bystander(_ name: String, _ bytesPerS: Double) -> NodeCapabilities {
            capabilities(
                name,
                links: [
                    LinkMeasurement(
                        peer: name == "c" ? "d" : "c", bandwidthBytesPerS: bytesPerS, latencyS: 0, source: "passive")
                ])
        }
        let mesh = Mesh(
            ["a", "b"].map { board($0, linkBytesPerS: Self.fastBytesPerS) } + ["c", "d"].map { bystander($0, 1e8) },
            settings: ClusterSettings())
        mesh.solver = { request in
            let links = request.members.filter { ["a", "b"].contains($0.node) }.flatMap(\.links)
            let best = (links.map(\.bandwidthBytesPerS).min() ?? 0) > 5e6 ? ["a", "b"] : ["a", "a"]
            let isInForce = request.incumbent?.plan.layers.map(\.device.name) == best
            return .planned(
                plan(on: best), incumbentLatencyS: request.incumbent == nil ? nil : isInForce ? 0.1 : 0.5, moveS: 0)
        }
        mesh.tell("a", .modelAdded(model()))
        return mesh
    }

    @Test func aLinkThatNoPlanUsesIsSearchedForLessAndLess() {
        let mesh = clusterWithBystanders()
        #expect(mesh.run(until: { $0.inForce != nil }) != nil)
        mesh.run(for: .seconds(10))
        let before = mesh.events.count { $0.event == .kept }
        for second in 0..<60 {
            mesh.tell(
                "c",
                .capabilitiesChanged(
                    capabilities(
                        "c",
                        links: [
                            LinkMeasurement(
                                peer: "d", bandwidthBytesPerS: second % 2 == 0 ? 2e8 : 1e8, latencyS: 0,
                                source: "passive")
                        ])))
            mesh.run(for: .seconds(1))
        }
        // After 1, 2, 4, 8, 16 and 32 s.
        #expect((2...6).contains(mesh.events.count { $0.event == .kept } - before))
        setLink(mesh, Self.slowBytesPerS)
        #expect(mesh.run(until: { $0.inForce?.participants == ["a"] }, limit: .seconds(2)) != nil)
    }

    @Test func `a leader that searched for long rests for longer, but not where somebody asks`() {
        let mesh = cluster()
        mesh.solveTime = .seconds(5)
        let search = mesh.solver
        mesh.solver = { request in
            guard case .planned(var solved) = search(request) else { return nil }
            solved.plan.solveS = 5
            return .planned(solved)
        }
        #expect(mesh.run(until: { $0.inForce != nil }) != nil)
        setLink(mesh, Self.slowBytesPerS)
        // Nine times five seconds.
        let waited = mesh.run(until: { $0.solved.count == 2 }, limit: .seconds(60))
        #expect(waited.map { (.seconds(44)...(.seconds(46))).contains($0) } == true, "\(String(describing: waited))")
        #expect(mesh.run(until: { $0.inForce?.participants == ["a"] }, limit: .seconds(10)) != nil)
        mesh.tell("a", .replanRequested(ReplanRequest(reason: "now", client: "me")))
        #expect(mesh.run(until: { $0.solved.count == 3 }, limit: .seconds(1)) != nil)
    }

    @Test func whatWaitedIsDoneWhenTheWindowIsOver() {
        let mesh = cluster()
        #expect(mesh.run(until: { $0.inForce != nil }) != nil)
        for bytesPerS in [Self.slowBytesPerS, Self.fastBytesPerS, Self.slowBytesPerS] {
            mesh.run(for: .seconds(6))
            setLink(mesh, bytesPerS)
        }
        mesh.run(for: .seconds(20))
        #expect(mesh.inForce?.participants == ["a", "b"])
        #expect(mesh.run(until: { $0.inForce?.participants == ["a"] }, limit: .seconds(60)) != nil)
    }

    @Test func aRequestNeverWaitsForTheWindow() {
        let mesh = cluster()
        #expect(mesh.run(until: { $0.inForce != nil }) != nil)
        for bytesPerS in [Self.slowBytesPerS, Self.fastBytesPerS, Self.slowBytesPerS] {
            mesh.run(for: .seconds(6))
            setLink(mesh, bytesPerS)
        }
        mesh.tell("a", .replanRequested(ReplanRequest(reason: "now", client: "me")))
        #expect(mesh.run(until: { $0.inForce?.participants == ["a"] }, limit: .seconds(2)) != nil)
    }

    @Test func aNewLeaderCountsTheChangesOfTheOldOne() throws {
        func boards(_ bytesPerS: Double) -> [NodeCapabilities] {
            func link(_ peer: NodeID) -> LinkMeasurement {
                LinkMeasurement(peer: peer, bandwidthBytesPerS: bytesPerS, latencyS: 0, source: "passive")
            }
            return [capabilities("a"), capabilities("b", links: [link("c")]), capabilities("c", links: [link("b")])]
        }
        let mesh = Mesh(boards(Self.fastBytesPerS))
        mesh.solver = { request in
            let link = request.members.flatMap(\.links).map(\.bandwidthBytesPerS).min() ?? 0
            let best = link > 5e6 ? ["b", "c"] : ["b", "b"]
            let isInForce = request.incumbent?.plan.layers.map(\.device.name) == best
            return .planned(
                plan(on: best), incumbentLatencyS: request.incumbent == nil ? nil : isInForce ? 0.1 : 0.5, moveS: 0)
        }
        mesh.tell("b", .modelAdded(model(source: "b", holders: ["b"])))
        #expect(mesh.run(until: { $0.inForce != nil }) != nil)
        #expect(mesh.leader == "a" && mesh.inForce?.switchAgesS == nil)
        for (bytesPerS, wanted) in [(Self.slowBytesPerS, ["b"]), (Self.fastBytesPerS, ["b", "c"])] as [(_, [NodeID])] {
            mesh.run(for: .seconds(6))
            for board in boards(bytesPerS) { mesh.tell(board.node, .capabilitiesChanged(board)) }
            #expect(mesh.run(until: { $0.inForce?.participants == wanted }, limit: .seconds(20)) != nil)
        }
        let ages = try #require(mesh.inForce?.switchAgesS)
        #expect(ages.count == 2 && ages[1] == 0 && (5.0...30).contains(ages[0]), "\(ages)")
        mesh.kill("a")
        #expect(mesh.run(until: { $0.leader.map { $0 != "a" } ?? false }) != nil)
        for board in boards(Self.slowBytesPerS) where board.node != "a" {
            mesh.tell(board.node, .capabilitiesChanged(board))
        }
        // Beyond the time that any plan stays.
        mesh.run(for: .seconds(12))
        #expect(mesh.inForce?.participants == ["b", "c"])
        #expect(mesh.run(until: { $0.inForce?.participants == ["b"] }, limit: .seconds(60)) != nil)
    }

    @Test func theSameLayersAtAnotherClockAreAnotherPlan() {
        let mesh = cluster()
        func clocked(_ frequencyHz: Double) -> Plan {
            var clocked = plan(on: ["a", "b"])
            for index in clocked.devices.indices { clocked.devices[index].frequencyHz = frequencyHz }
            return clocked
        }
        mesh.solver = { request in
            .planned(
                clocked(request.incumbent == nil ? 1e9 : 2e9), incumbentLatencyS: request.incumbent == nil ? nil : 0.5,
                moveS: 0)
        }
        #expect(mesh.run(until: { $0.inForce != nil }) != nil)
        mesh.tell("a", .replanRequested(ReplanRequest(reason: "now", client: "me")))
        #expect(mesh.run(until: { $0.inForce?.plan.devices.first?.frequencyHz == 2e9 }) != nil)
    }

    @Test func `messages of shared plans that take longer than before are a reason`() {
        let mesh = cluster()
        #expect(mesh.run(until: { $0.inForce != nil }) != nil)
        mesh.run(for: .seconds(10))
        var board = board("b", linkBytesPerS: Self.fastBytesPerS)
        board.messages = [WaitCost(model: "m", eachS: 0.002, requests: 40)]
        mesh.tell("b", .capabilitiesChanged(board))
        mesh.run(for: .seconds(3))
        #expect(mesh.solved.last?.reasons.first?.description.contains("messages of shared plans") == true)
        // Of another model, and by less than is worth it.
        board.messages = [
            WaitCost(model: "m", eachS: 0.00201, requests: 80),
            WaitCost(model: "other", eachS: 0.1, requests: 40),
        ]
        let solves = mesh.solved.count
        mesh.tell("b", .capabilitiesChanged(board))
        mesh.run(for: .seconds(10))
        #expect(mesh.solved.count == solves)
    }

    @Test func aModelThatRunsSlowerThanAnnouncedIsAReason() {
        let mesh = cluster()
        #expect(mesh.run(until: { $0.inForce != nil }) != nil)
        mesh.run(for: .seconds(10))
        var slow = board("b", linkBytesPerS: Self.fastBytesPerS)
        slow.paces = [ModelPace(model: "m", device: "b", ratio: 1.5, samples: 40)]
        mesh.tell("b", .capabilitiesChanged(slow))
        mesh.run(for: .seconds(3))
        #expect(mesh.solved.last?.reasons == [.paceChanged("b", "b", wasRatio: 1, nowRatio: 1.5)])
        slow.paces = [ModelPace(model: "other", device: "b", ratio: 9, samples: 40)] + (slow.paces ?? [])
        let solves = mesh.solved.count
        mesh.tell("b", .capabilitiesChanged(slow))
        mesh.run(for: .seconds(10))
        #expect(mesh.solved.count == solves)
    }
}
