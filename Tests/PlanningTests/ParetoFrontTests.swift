import Costs
import Planning
import TestKit
import Testing

@Suite struct ParetoFrontTests {
    private static func front(
        _ problem: Problem, _ horizontal: Objective, _ vertical: Objective, maximumPoints: Int = 500
    ) throws -> ParetoFront {
        let planner = ChainProblemPlanner(name: "exact", solver: ExactSolver.shared)
        return try ParetoFront(problem, horizontal, vertical, maximumPoints: maximumPoints) {
            problem throws(PlanningError) in try planner.plan(problem) { .zero }
        }
    }

    /// Every plan of a small problem without bundles, and of those the ones that none beats.
    private static func enumerated(
        _ problem: Problem, _ horizontal: Objective, _ vertical: Objective
    ) throws -> [(x: Double, y: Double)] {
        let table = try CostTable(problem)
        var points: [(x: Double, y: Double)] = []
        func visit(_ path: [Int], _ clocks: [Int]) throws {
            if clocks.count < table.deviceCount {
                for point in table.points[clocks.count].indices { try visit(path, clocks + [point]) }
                return
            }
            guard path.count == table.layerCount else {
                for device in 0..<table.deviceCount where table.isAllowed(layer: path.count, device: device) {
                    try visit(path + [device], clocks)
                }
                return
            }
            guard MemoryUse.fits(path, table: table),
                let prediction = try? Evaluator.price(
                    Schedule(path: path, points: clocks), of: problem, table: table),
                Limits.broken(by: prediction, path: path, problem: problem) == nil,
                let x = prediction.value(horizontal), let y = prediction.value(vertical)
            else { return }
            points.append((x, y))
        }
        try visit([], [])
        points.sort { $0.x < $1.x || ($0.x == $1.x && $0.y < $1.y) }
        var front: [(x: Double, y: Double)] = []
        for point in points where point.y < (front.last?.y ?? .infinity) * (1 - 1e-6) {
            // Two plans that rounding alone tells apart are one.
            if let last = front.last, point.x <= last.x * (1 + 1e-6) { front.removeLast() }
            front.append(point)
        }
        return front
    }

    @Test(arguments: 1...12)
    func `the front is that of all plans`(seed: UInt64) throws {
        var random = RandomServiceProblem(layers: 4, devices: 3, memory: seed.isMultiple(of: 2) ? .tight : .loose)
        random.points = 2
        random.objective = .energy
        random.weights = .everyInference
        let isContinuous = seed.isMultiple(of: 3)
        random.service = isContinuous ? .continuous : .oneAtATime
        let problem = try random.make(seed: seed)
        let pairs: [(Objective, Objective)] = [
            (.latency, .energy), (.energy, .carbon), (.carbon, .latency),
            isContinuous ? (.throughput, .energy) : (.energy, .latency),
        ]
        for (horizontal, vertical) in pairs {
            let expected = try Self.enumerated(problem, horizontal, vertical)
            guard !expected.isEmpty else { continue }
            let front = try Self.front(problem, horizontal, vertical)
            #expect(front.isComplete)
            #expect(front.points.count == expected.count, "\(horizontal) against \(vertical)")
            for (point, other) in zip(front.points, expected) {
                #expect(abs(point.x - other.x) <= 1e-6 * other.x)
                #expect(abs(point.y - other.y) <= 1e-6 * other.y)
            }
            #expect(front.points.indices.contains(front.chosen))
        }
    }

    /// Two devices of which the quicker takes more, each with a clock that is slow and spares.
    private static func twoClocks() throws -> Problem {
        var problem = HandMadeProblem.make()
        problem.objective = .energy
        problem.devices[1].networkBandwidthBytesPerS = nil
        problem.links[0].bandwidthBytesPerS = 1e6
        for (index, watt) in [2.0, 40].enumerated() {
            let flops = problem.devices[index].flops
            problem.devices[index].idlePowerW = 0.1
            problem.devices[index].transferPower = TransferPower(
                uploadWPerMbitPerS: 0, downloadWPerMbitPerS: 0, baseW: 0.1)
            problem.devices[index].operatingPoints = [
                OperatingPoint(frequencyHz: 5e8, flops: flops / 2, computePowerW: watt / 4),
                OperatingPoint(frequencyHz: 1e9, flops: flops, computePowerW: watt),
            ]
        }
        try problem.validate()
        return problem
    }

    @Test func `a limit on a figure decides which point is taken, else the knee`() throws {
        var problem = try Self.twoClocks()
        let free = try Self.front(problem, .latency, .energy)
        try #require(free.points.count > 2)
        #expect(free.chosenWhy.contains("knee"))
        problem.constraints.maximumLatencyS = free.points[1].x * (1 + 1e-8)
        let limited = try Self.front(problem, .latency, .energy)
        #expect(limited.points.count == 2)
        #expect(limited.chosen == 1)
        #expect(limited.chosenWhy == "least energy within the limit on the latency")
    }

    @Test func `a search that is ended says so`() throws {
        let front = try Self.front(try Self.twoClocks(), .latency, .energy, maximumPoints: 2)
        #expect(front.points.count == 2)
        #expect(!front.isComplete)
    }

    @Test func `the same figure twice and a throughput that is given are refused`() throws {
        let problem = try Self.twoClocks()
        #expect(throws: PlanningError.self) { try Self.front(problem, .latency, .latency) }
        var wanted = problem
        wanted.service = .continuous
        wanted.wantedThroughputPerS = 1
        let error = #expect(throws: PlanningError.self) { try Self.front(wanted, .throughput, .energy) }
        #expect(error?.description.contains("leave the wanted throughput out") == true)
    }

    @Test func `what has no plan has no front`() throws {
        var problem = try Self.twoClocks()
        problem.constraints.maximumLatencyS = 1e-12
        #expect(throws: PlanningError.self) { try Self.front(problem, .latency, .energy) }
    }

    @Test func `the report marks the point to take and draws every plan`() throws {
        let problem = try Self.twoClocks()
        let front = try Self.front(problem, .latency, .energy)
        let report = ParetoReport(front, of: problem)
        #expect(report.text.contains("\(front.points.count) plans, the whole front"))
        #expect(report.text.contains("\n*  "))
        let svg = report.svg
        #expect(svg.hasPrefix("<svg xmlns="))
        #expect(svg.contains("prefers-color-scheme: dark"))
        #expect(svg.contains("latency in "))
        #expect(svg.contains("energy in "))
        #expect(svg.contains("chosen: the knee"))
        #expect(svg.components(of: "<circle").count - 1 == front.points.count + 3)
    }
}

extension String {
    fileprivate func components(of part: String) -> [Substring] {
        split(separator: part, omittingEmptySubsequences: false)
    }
}
