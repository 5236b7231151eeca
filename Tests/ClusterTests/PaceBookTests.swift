import Cluster
import Costs
import Testing

@Suite struct PaceBookTests {
    private func learned(_ samples: [(measuredS: Double, runs: Int)], predictedS: Double = 1) -> PaceBook {
        var book = PaceBook()
        for sample in samples {
            _ = book.observe(
                model: "m", device: "cpu", frequencyHz: 1e9, measuredS: sample.measuredS, predictedS: predictedS,
                runs: sample.runs)
        }
        return book
    }

    @Test func aRatioIsSaidOnceItRestsOnEnoughRuns() {
        #expect(learned([(2, PaceBook.leastSamples - 1)]).announced.isEmpty)
        let said = learned([(2, PaceBook.leastSamples)]).announced
        #expect(said.count == 1 && said.first?.ratio == 2 && said.first?.frequencyHz == 1e9)
    }

    @Test func `few runs at a clock are worth something where other clocks have shown the board`() throws {
        var book = PaceBook()
        func observe(_ frequencyHz: Double, _ measuredS: Double, runs: Int, device: DeviceID = "cpu") -> Bool {
            book.observe(
                model: "m", device: device, frequencyHz: frequencyHz, measuredS: measuredS, predictedS: 1, runs: runs)
        }
        let least = PaceBook.leastSamples
        let few = observe(1e9, 1.2, runs: least / 2)
        // Another device's runs show nothing of this one.
        let others = observe(2e9, 3, runs: least * 10, device: "other")
        #expect(!few && others)
        let enough = observe(2e9, 1.2, runs: least / 2)
        #expect(enough)
        #expect(book.announced.filter { $0.device == "cpu" }.map(\.frequencyHz) == [2e9])
        // A quarter of what a clock needs counts for a quarter.
        let quarter = observe(3e9, 2, runs: least / 4)
        let third = try #require(book.announced.first { $0.frequencyHz == 3e9 })
        #expect(quarter && abs(third.ratio - (0.25 * 2 + 0.75 * 1.2)) < 1e-9)
        #expect(third.samples == least / 4 + least)
        let whole = observe(3e9, 2, runs: least)
        let own = try #require(book.announced.first { $0.frequencyHz == 3e9 })
        #expect(whole && abs(own.ratio - 2) < 1e-9)
    }

    @Test func `parts of shared operators have a pace of their own`() throws {
        var book = PaceBook()
        let least = PaceBook.leastSamples
        let news = [(2.0, false), (0.8, true)].map { measuredS, isShared in
            book.observe(
                model: "m", device: "cpu", frequencyHz: 1e9, measuredS: measuredS, predictedS: 1, isShared: isShared,
                runs: least)
        }
        #expect(news == [true, true])
        #expect(book.announced.map(\.ratio) == [2, 0.8] && book.announced.map(\.shared) == [nil, true])
        func pace(_ hertz: Double, isShared: Bool) -> Double? {
            book.announced.pace(of: "m", on: "cpu", frequencyHz: hertz, isShared: isShared)?.ratio
        }
        #expect(pace(1e9, isShared: false) == 2 && pace(1e9, isShared: true) == 0.8)
        // As announced, but not as whole operators are.
        book = learned([(2, least)])
        let isNews = book.observe(
            model: "m", device: "cpu", frequencyHz: 1e9, measuredS: 1, predictedS: 1, isShared: true, runs: least)
        #expect(isNews && pace(1e9, isShared: true) == 1 && pace(1e9, isShared: false) == 2)
        // The nearest clock of its own kind; of shared operators, where nothing is known, whole ones.
        #expect(pace(3e9, isShared: true) == 1)
        book = learned([(2, least)])
        #expect(pace(1e9, isShared: true) == 2)
        // What is announced is a whole device's pace.
        let device = Device(id: "cpu", flops: 1e9, memoryBandwidthBytesPerS: 1e9, memoryBytes: 1)
        var shared = book.announced
        shared.append(ModelPace(model: "m", device: "cpu", frequencyHz: 2e9, isShared: true, ratio: 9, samples: 30))
        #expect(shared.corrected(device, for: "m") == book.announced.corrected(device, for: "m"))
    }

    @Test func aSpeedAsAnnouncedIsNotWorthAMessage() {
        #expect(learned([(1 + PaceBook.announcedChange / 2, 1000)]).announced.isEmpty)
    }

    @Test func aDisturbanceMovesASettledRatioByLittle() throws {
        let settled = Array(repeating: (measuredS: 2.0, runs: 10), count: 50)
        let ratio = try #require(learned(settled + [(20, 1)]).announced.first?.ratio)
        #expect(ratio >= 2 && ratio <= 2 + 18 * PaceBook.weightOfOneRun)
    }

    @Test func aLastingChangeIsFollowed() throws {
        let settled = Array(repeating: (measuredS: 2.0, runs: 10), count: 50)
        let slower = Array(repeating: (measuredS: 4.0, runs: 10), count: 30)
        let ratio = try #require(learned(settled + slower).announced.first?.ratio)
        #expect(abs(ratio - 4) < 4 * 2 * PaceBook.announcedChange)
    }

    @Test func theRatioThatAPlanWasMadeWithIsNotCountedTwice() throws {
        // The plan knew that the device takes twice as long, and it does.
        var book = PaceBook()
        _ = book.observe(
            model: "m", device: "cpu", frequencyHz: nil, measuredS: 3, predictedS: 3, assumedRatio: 2, runs: 100)
        #expect(try #require(book.announced.first).ratio == 2)
    }

    @Test(arguments: [
        (0.0, 1.0), (-1.0, 1.0), (1.0, 0.0), (.nan, 1.0), (.infinity, 1.0), (1.0, -2.0), (1e6, 1.0), (1e-6, 1.0),
    ])
    func whatIsNoSpeedIsNotTakenOver(measuredS: Double, predictedS: Double) {
        #expect(learned([(measuredS, 1000)], predictedS: predictedS).announced.isEmpty)
    }

    @Test func noMoreThanTheLimitIsRemembered() {
        var book = PaceBook()
        for number in 0..<PaceBook.maximumEntries + 10 {
            _ = book.observe(
                model: "m\(number)", device: "cpu", frequencyHz: nil, measuredS: 2, predictedS: 1, runs: 100 + number)
        }
        #expect(book.announced.count == PaceBook.maximumEntries)
        #expect(!book.announced.contains { $0.model == "m0" })
        book.keep(models: ["m50"])
        #expect(book.announced.map(\.model) == ["m50"])
    }

    @Test func aDeviceIsCorrectedAtEachClockByTheNearestMeasured() {
        let device = Device(
            id: "cpu", flops: 4e9, memoryBandwidthBytesPerS: 1e9, memoryBytes: 1,
            operatingPoints: [
                OperatingPoint(frequencyHz: 1e9, flops: 1e9), OperatingPoint(frequencyHz: 2e9, flops: 2e9),
                OperatingPoint(frequencyHz: 4e9, flops: 4e9),
            ])
        let paces = [
            ModelPace(model: "m", device: "cpu", frequencyHz: 1e9, ratio: 2, samples: 30),
            ModelPace(model: "m", device: "cpu", frequencyHz: 4e9, ratio: 4, samples: 30),
            ModelPace(model: "other", device: "cpu", frequencyHz: 2e9, ratio: 100, samples: 30),
        ]
        let corrected = paces.corrected(device, for: "m")
        #expect(corrected.operatingPoints?.map(\.flops) == [0.5e9, 1e9, 1e9])
        #expect(corrected.flops == 1e9)
        #expect(corrected.memoryBandwidthBytesPerS == 0.25e9)
        #expect(paces.corrected(device, for: "unknown") == device)
    }

    @Test(arguments: [0.03, 0.3, 1, 3, 30], [0.03, 0.3, 1, 3, 30])
    func `what is learned of a clock is right, whichever announced figure is wrong`(
        arithmetic: Double, memory: Double
    ) {
        let clocksHz = [4e9, 1e9]
        let device = Device(
            id: "cpu", flops: 4e9, memoryBandwidthBytesPerS: 1e9, memoryBytes: 1,
            operatingPoints: clocksHz.map { OperatingPoint(frequencyHz: $0, flops: $0) })
        // By what is announced: 1 s of memory, and 0.25 or 1 s of arithmetic.
        let (flop, bytes) = (1e9, 1e9)
        func predictedS(_ device: Device, _ frequencyHz: Double) -> Double {
            let flopsPerS = device.operatingPoints?.first { $0.frequencyHz == frequencyHz }?.flops ?? 0
            return flop / flopsPerS + bytes / device.memoryBandwidthBytesPerS
        }
        func measuredS(_ frequencyHz: Double) -> Double { arithmetic * flop / frequencyHz + memory * bytes / 1e9 }
        func plannedS(_ book: PaceBook, _ frequencyHz: Double, of device: Device) -> Double {
            predictedS(book.announced.corrected(device, for: "m"), frequencyHz)
        }
        var book = PaceBook()
        for _ in 0..<40 {
            for frequencyHz in clocksHz {
                let assumed = book.announced.pace(of: "m", on: "cpu", frequencyHz: frequencyHz)?.ratio ?? 1
                _ = book.observe(
                    model: "m", device: "cpu", frequencyHz: frequencyHz, measuredS: measuredS(frequencyHz),
                    predictedS: plannedS(book, frequencyHz, of: device), assumedRatio: assumed, runs: 20)
            }
        }
        // Too hot for its highest clock, a board offers the lower one only.
        var hot = device
        hot.operatingPoints = device.operatingPoints.map { Array($0.suffix(1)) }
        hot.flops = 1e9
        for (device, frequencyHz) in [(device, 4e9), (device, 1e9), (hot, 1e9)] {
            let planned = plannedS(book, frequencyHz, of: device)
            #expect(abs(planned / measuredS(frequencyHz) - 1) < 0.1, "\(planned) s, not \(measuredS(frequencyHz)) s")
        }
    }
}
