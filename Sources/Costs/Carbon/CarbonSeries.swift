/// The carbon intensity of one grid zone over time.
///
/// A point holds from its instant for one resolution and no longer: nothing is interpolated over holes, and what is
/// not known is nil, never zero.
public struct CarbonSeries: Sendable, Equatable {
    /// More than any real grid and kind of counting; above it the unit is wrong.
    public static let maximumIntensityGPerKWh = 5000.0
    /// Ten years at five minutes.
    public static let maximumPoints = 1_100_000

    /// The grid's name as its publisher writes it: `US-CAL-CISO`.
    public let zone: String
    public let factor: EmissionFactor
    /// How long each point holds, in seconds.
    public let resolutionS: Double
    /// In the order of time; no two overlap.
    public private(set) var points: [CarbonPoint]
    /// Times between the first and the last point for which there is none, in seconds since 1970.
    public private(set) var holes: [Range<Double>]

    /// - Throws: ``DataFault`` for points out of order, points that overlap, and figures that cannot be.
    public init(zone: String, factor: EmissionFactor, resolutionS: Double, points: [CarbonPoint]) throws(DataFault) {
        guard !zone.isEmpty else { throw DataFault("a carbon series names no zone", "name its grid zone") }
        self.zone = zone
        self.factor = factor
        self.resolutionS = resolutionS
        self.points = points
        holes = []
        guard resolutionS.isFinite, resolutionS > 0 else {
            throw fault("the resolution is \(resolutionS) s", "give a number above 0")
        }
        guard points.count <= Self.maximumPoints else {
            throw fault("there are \(points.count) points, more than \(Self.maximumPoints)", "keep fewer")
        }
        for (index, point) in points.enumerated() {
            try check(point)
            guard index > 0 else { continue }
            let endS = points[index - 1].startS + resolutionS
            if point.startS > endS {
                holes.append(endS..<point.startS)
            } else if point.startS < endS {
                let time = UTCTime.string(secondsSince1970: point.startS)
                let before = UTCTime.string(secondsSince1970: points[index - 1].startS)
                throw fault(
                    "the point at \(time) starts before the one at \(before) ends",
                    "sort the points and give each instant once")
            }
        }
    }

    private func fault(_ problem: String, _ advice: String) -> DataFault {
        DataFault("the carbon series of \(zone): " + problem, advice)
    }

    private func check(_ point: CarbonPoint) throws(DataFault) {
        guard point.startS.isFinite, abs(point.startS) < 1e12 else {
            throw fault("a point starts at \(point.startS) s", "give seconds since 1970")
        }
        guard (0...Self.maximumIntensityGPerKWh).contains(point.intensityGPerKWh) else {
            throw fault(
                "the intensity at \(UTCTime.string(secondsSince1970: point.startS)) is \(point.intensityGPerKWh) g/kWh",
                "give 0 to \(Int(Self.maximumIntensityGPerKWh)); check the unit")
        }
    }

    /// From the first point's start to the last one's end, holes included, in seconds since 1970; nil when empty.
    public var span: Range<Double>? {
        guard let first = points.first, let last = points.last else { return nil }
        return first.startS..<(last.startS + resolutionS)
    }

    /// The intensity in g/kWh at an instant in seconds since 1970; nil where it is unknown.
    public func intensity(at instantS: Double) -> Double? {
        try? point(at: instantS).intensityGPerKWh
    }

    /// The point that holds at an instant.
    ///
    /// - Throws: ``CarbonGap``: why there is none.
    public func point(at instantS: Double) throws(CarbonGap) -> CarbonPoint {
        let index = indexOfFirst(after: instantS) - 1
        guard index >= 0, instantS < points[index].startS + resolutionS else {
            throw gap(at: instantS, before: index + 1)
        }
        return points[index]
    }

    /// Nil: the intensity is known at the instant.
    public func gap(at instantS: Double) -> CarbonGap? {
        do throws(CarbonGap) {
            _ = try point(at: instantS)
            return nil
        } catch {
            return error
        }
    }

    /// The mean over a period, each point weighted by how long it holds in it. An empty period is its instant.
    ///
    /// - Throws: ``CarbonGap`` where any part of the period is unknown.
    public func mean(over period: Range<Double>) throws(CarbonGap) -> CarbonPoint {
        var atS = period.lowerBound
        let first = try point(at: atS)
        var index = indexOfFirst(after: atS) - 1
        // One point is given back as it is, free of rounding.
        guard first.startS + resolutionS < period.upperBound else {
            return CarbonPoint(
                startS: atS, intensityGPerKWh: first.intensityGPerKWh, isEstimated: first.isEstimated)
        }
        var weightedS = 0.0
        var isEstimated: Bool? = false
        while atS < period.upperBound {
            guard index < points.count, points[index].startS <= atS else { throw gap(at: atS, before: index) }
            let endS = min(points[index].startS + resolutionS, period.upperBound)
            weightedS += points[index].intensityGPerKWh * (endS - atS)
            isEstimated = Self.either(isEstimated, points[index].isEstimated)
            atS = endS
            index += 1
        }
        return CarbonPoint(
            startS: period.lowerBound, intensityGPerKWh: weightedS / (period.upperBound - period.lowerBound),
            isEstimated: isEstimated)
    }

    /// True where either is; nil where neither is but one is not told.
    private static func either(_ left: Bool?, _ right: Bool?) -> Bool? {
        if left == true || right == true { return true }
        return left == nil || right == nil ? nil : false
    }

    /// This series with a newer one's points, which replace those they overlap.
    ///
    /// - Parameter maximumPoints: the oldest points above this count are dropped.
    /// - Throws: ``DataFault`` where zone, counting or resolution differ: such intensities are never mixed.
    public func merging(
        _ newer: CarbonSeries, maximumPoints: Int = CarbonSeries.maximumPoints
    ) throws(DataFault) -> CarbonSeries {
        guard newer.zone == zone else {
            throw fault("points of \(newer.zone) cannot join it", "keep a series for each zone")
        }
        guard newer.factor == factor else {
            throw fault(
                "it counts \(factor) emissions, and \(newer.factor) ones cannot join it",
                "use one kind of counting for all")
        }
        guard newer.resolutionS == resolutionS else {
            throw fault(
                "its points hold for \(resolutionS) s, and points that hold for \(newer.resolutionS) s cannot join it",
                "use one resolution")
        }
        guard !newer.points.isEmpty else { return self }
        var joined: [CarbonPoint] = []
        joined.reserveCapacity(points.count + newer.points.count)
        var next = 0
        for point in newer.points {
            while next < points.count, points[next].startS + resolutionS <= point.startS {
                joined.append(points[next])
                next += 1
            }
            while next < points.count, points[next].startS < point.startS + resolutionS { next += 1 }
            joined.append(point)
        }
        joined += points[next...]
        return try CarbonSeries(
            zone: zone, factor: factor, resolutionS: resolutionS, points: joined.suffix(max(0, maximumPoints)))
    }

    /// The index of the first point that starts after the instant.
    private func indexOfFirst(after instantS: Double) -> Int {
        var low = 0
        var high = points.count
        while low < high {
            let middle = (low + high) / 2
            if points[middle].startS > instantS { high = middle } else { low = middle + 1 }
        }
        return low
    }

    /// - Parameter index: of the first point that starts after the instant.
    private func gap(at instantS: Double, before index: Int) -> CarbonGap {
        let reason: CarbonGap.Reason
        if let first = points.first, let last = points.last {
            if index <= 0 {
                reason = .before(startS: first.startS)
            } else if index >= points.count {
                reason = .after(endS: last.startS + resolutionS)
            } else {
                reason = .hole((points[index - 1].startS + resolutionS)..<points[index].startS)
            }
        } else {
            reason = .empty
        }
        return CarbonGap(zone: zone, instantS: instantS, reason: reason)
    }
}
