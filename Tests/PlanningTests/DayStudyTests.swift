import Costs
import Planning
import TestKit
import Testing

@Suite struct DayStudyTests {
    private static let startS = 1_672_531_200.0

    /// Two grids that are clean at opposite hours, and one hour that nobody recorded.
    private static func window(hours: Int = 48) throws -> CarbonWindow {
        let series = try ["north", "south"].enumerated().map { index, zone in
            try CarbonSeries(
                zone: zone, factor: EmissionFactor(.lifecycle, .average), resolutionS: 3600,
                points: (0..<hours).compactMap { hour in
                    guard !(index == 1 && hour == 7) else { return nil }
                    let isClean = (hour / 12 + index) % 2 == 0
                    return CarbonPoint(
                        startS: startS + Double(hour) * 3600, intensityGPerKWh: isClean ? 40 : 600, isEstimated: nil)
                })
        }
        return try CarbonWindow(series, from: startS, to: startS + Double(hours) * 3600)
    }

    private static func problem(seed: UInt64, points: Int = 2) throws -> Problem {
        var random = RandomServiceProblem(layers: 6, devices: 3)
        random.base.withConstraints = false
        random.service = .continuous
        random.points = points
        var problem = try random.make(seed: seed)
        for index in problem.devices.indices { problem.devices[index].zone = index == 1 ? "south" : "north" }
        return problem
    }

    @Test(arguments: 0..<20)
    func `the exact plan is never worse than another at the same throughput, in any hour`(seed: Int) throws {
        let report = try DayStudy(Self.problem(seed: UInt64(seed)), window: Self.window(hours: 24)).run()
        #expect(report.periods.count == 23)
        #expect(report.unknownCount == 1)
        #expect(report.unknownReason?.isEmpty == false)
        #expect(report.periodsLost().isEmpty, "\(report.periodsLost())")
        let exact = try #require(report.total(.exact))
        for strategy in DayStrategy.allCases {
            guard let total = report.total(strategy) else { continue }
            #expect(exact.carbonGPerThousand <= total.carbonGPerThousand * (1 + 1e-9))
            #expect(total.inferences >= report.throughputPerS * 3600 * Double(total.periodCount) * (1 - 1e-9))
        }
    }

    @Test func `a throughput that nothing reaches is said to be too high, with what is reached`() throws {
        let report = try DayStudy(
            Self.problem(seed: 1), window: Self.window(hours: 3), throughputPerS: 1e12
        ).run()
        #expect(report.total(.exact) == nil)
        let reason = try #require(report.noPlanReason)
        #expect(reason.contains("inferences per second are asked for, and the most of any plan"), "\(reason)")
    }

    @Test func `limits hold in every hour, and figures are those of 1,000 inferences everywhere`() throws {
        let problem = try Self.problem(seed: 2)
        let free = try DayStudy(problem, window: Self.window(hours: 2)).run()
        let entry = try #require(free.periods.first?.entries.first ?? nil)
        let total = try #require(free.total(.exact))
        let exact = free.periods.compactMap { $0.entries[0]?.carbonGPerThousand }
        #expect(abs(total.carbonGPerThousand - exact.reduce(0, +) / Double(exact.count)) < 1e-9)
        #expect(
            free.csv.hasPrefix(
                "at,strategy,carbon_g_per_1000,waiting_carbon_g_per_1000,energy_j_per_1000,inferences,cut_layer,"
                    + "intensity_g_per_kwh_north,intensity_g_per_kwh_south\n"))
        #expect(free.csv.contains(",exact,\(entry.carbonGPerThousand),"))
        #expect(free.drawing.svg.contains("carbon in g / 1,000"))
        #expect(free.noPlanReason == nil)

        var limited = problem
        limited.constraints.maximumLatencyS = 1e-12
        let none = try DayStudy(limited, window: Self.window(hours: 2), throughputPerS: 1e-6).run()
        #expect(none.total(.exact) == nil)
        #expect(none.noPlanReason?.contains("a latency of at most") == true, "\(none.noPlanReason ?? "")")
    }

    @Test func `layers follow the clean grid and come back`() throws {
        func device(_ id: DeviceID, zone: String) -> Device {
            Device(
                id: id, flops: 1e9, memoryBandwidthBytesPerS: 1e12, memoryBytes: 1_000_000_000, computePowerW: 10,
                idlePowerW: 1,
                transferPower: TransferPower(
                    uploadWPerMbitPerS: 0, downloadWPerMbitPerS: 0, baseW: 0.1), zone: zone)
        }
        func layer(_ name: String, _ kind: PlannedLayer.Kind, flop: Double) -> PlannedLayer {
            PlannedLayer(
                name: name, kind: kind, flop: flop, weightBytes: 0, outputBytes: 1000, activationPeakBytes: 2000)
        }
        let problem = Problem(
            model: "two grids",
            layers: [
                layer("source", .source, flop: 0), layer("one", .model, flop: 1e9), layer("two", .model, flop: 1e9),
                layer("destination", .destination, flop: 0),
            ],
            devices: [device("A", zone: "north"), device("B", zone: "south")],
            links: [Link(between: "A", "B", bandwidthBytesPerS: 1e8)], source: "A", destination: "A",
            weights: .resident)
        let report = try DayStudy(problem, window: Self.window(), throughputPerS: 0.4).run()
        let exact = try #require(report.strategies.firstIndex(of: .exact))
        let cuts = report.periods.map { $0.entries[exact]?.cutLayer }
        // North is clean in the first half of each day: all stays on A; then all goes to B.
        #expect(cuts.first == .some(nil))
        #expect(report.periods[20].entries[exact]?.cutLayer == 1)
        #expect(report.total(.exact)?.moveCount == 3)
        #expect(report.periodsLost().isEmpty)
        let fixed = try #require(report.total(.fixed))
        let best = try #require(report.total(.exact))
        #expect(best.carbonGPerThousand < 0.5 * fixed.carbonGPerThousand)
    }

    @Test func `a zone without a trace is named`() throws {
        var problem = try Self.problem(seed: 1)
        problem.devices[2].zone = "west"
        #expect(throws: PlanningError.self) { try DayStudy(problem, window: Self.window()) }
        problem.devices[2].zone = nil
        #expect(throws: PlanningError.self) { try DayStudy(problem, window: Self.window()) }
    }
}
