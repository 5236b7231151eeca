/// A plan priced a second time, from the problem's own figures and without `CostTable` or `Evaluator`.
///
/// It sums by device and by pair of layers where the evaluator walks along the inference, so that the two can find each
/// other's faults.
struct Reckoning {
    /// A run of layers that is priced as one.
    private struct Piece {
        var layers: ClosedRange<Int>
        var device: Int
        var measured: MeasuredBundle?
    }

    private(set) var computeS = 0.0
    private(set) var transferS = 0.0
    private(set) var weightsS = 0.0
    var latencyS: Double { computeS + transferS + weightsS }
    private(set) var cycleS = 0.0
    /// Nil where a figure is unknown.
    private(set) var energyJ: Double?
    private(set) var carbonG: Double?
    /// By the problem's devices; nil where the device is not used or a figure is unknown.
    private(set) var energyOf: [Double?] = []
    private(set) var loadS: [Double] = []
    private(set) var busyS: [Double] = []
    /// Runs of consecutive layers on each device.
    private(set) var entries: [Int] = []
    private(set) var longestBundle = 0

    static func of(_ plan: Plan, in problem: Problem) -> Result<Reckoning, Violation> {
        var frequencies: [DeviceID: Double?] = [:]
        for share in plan.devices { frequencies[share.id] = .some(share.frequencyHz) }
        var owners: [Int] = []
        var points: [OperatingPoint?] = problem.devices.map { _ in nil }
        for layer in plan.layers {
            guard let index = problem.devices.firstIndex(where: { $0.id == layer.device }) else {
                return .failure(.init(.device, "layer \(layer.index) is on \(layer.device), which is not a device"))
            }
            owners.append(index)
            let device = problem.devices[index]
            let asked = frequencies[device.id] ?? nil
            guard let point = device.points.first(where: { $0.frequencyHz == asked }) else {
                let name = asked.map { "\($0) Hz" } ?? "no frequency"
                return .failure(.init(.frequency, "device \(device.id) is given \(name), which is none of its points"))
            }
            points[index] = point
        }
        let bundles: [ClosedRange<Int>]
        if let given = plan.bundles {
            guard given.allSatisfy({ $0.first <= $0.last }), given.first?.first == 0,
                given.last?.last == owners.count - 1,
                zip(given, given.dropFirst()).allSatisfy({ $0.last + 1 == $1.first }),
                given.allSatisfy({ bundle in
                    (bundle.first...bundle.last).allSatisfy { problem.devices[owners[$0]].id == bundle.device }
                })
            else { return .failure(.init(.bundle, "the bundles do not cover the layers in order on their devices")) }
            bundles = given.map { $0.first...$0.last }
        } else {
            bundles = owners.indices.map { $0...$0 }
        }
        return make(problem, owners: owners, points: points, bundles: bundles)
    }

    static func make(
        _ problem: Problem, owners: [Int], points: [OperatingPoint?], bundles: [ClosedRange<Int>]
    ) -> Result<Reckoning, Violation> {
        var reckoning = Reckoning()
        let pieces = bundles.map { range in
            let device = owners[range.lowerBound]
            return Piece(
                layers: range, device: device,
                measured: problem.bundles.last {
                    $0.first == range.lowerBound && $0.last == range.upperBound
                        && $0.device == problem.devices[device].id && $0.frequencyHz == points[device]?.frequencyHz
                })
        }
        reckoning.longestBundle =
            pieces.filter { problem.layers[$0.layers.lowerBound].kind == .model }.map(\.layers.count).max() ?? 0
        reckoning.entries = problem.devices.indices.map { device in
            owners.indices.filter { owners[$0] == device && ($0 == 0 || owners[$0 - 1] != device) }.count
        }
        if let violation = reckoning.addUp(problem, pieces, points) { return .failure(violation) }
        return .success(reckoning)
    }

    private mutating func addUp(
        _ problem: Problem, _ pieces: [Piece], _ points: [OperatingPoint?]
    ) -> Violation? {
        let count = problem.devices.count
        var busyS = [Double](repeating: 0, count: count)
        var measuredJ = [Double](repeating: 0, count: count)
        var poweredS = busyS
        var sendingS = busyS
        var radioJ: [Double?] = problem.devices.map { _ in 0 }
        var lastEndS = busyS
        for (number, piece) in pieces.enumerated() {
            let device = problem.devices[piece.device]
            let before = number > 0 ? pieces[number - 1] : nil
            if let before {
                let reach = problem.layers[piece.layers.lowerBound].reachProbability ?? 1
                let bytes = Double(problem.layers[before.layers.upperBound].outputBytes)
                let handedS = before.layers.upperBound == 0 ? problem.requestS ?? 0 : 0
                if before.device == piece.device {
                    let seconds = reach * (bytes / device.memoryBandwidthBytesPerS + handedS)
                    transferS += seconds
                    busyS[piece.device] += seconds
                    poweredS[piece.device] += seconds
                } else {
                    let sender = problem.devices[before.device]
                    guard let hop = Self.hop(from: sender, to: device, problem) else {
                        return .init(
                            .link, "no link for layer \(piece.layers.lowerBound), from \(sender.id) to \(device.id)")
                    }
                    let seconds = reach * (bytes / hop.rate + hop.latencyS + handedS)
                    transferS += seconds
                    sendingS[before.device] += seconds
                    let movingS = reach * bytes / hop.rate
                    for (end, direction) in [
                        (before.device, TransferPower.Direction.upload), (piece.device, .download),
                    ] {
                        let powerW = problem.devices[end].transferPower?.powerW(
                            direction, bytesPerS: hop.rate, model: problem.costModel)
                        radioJ[end] = radioJ[end].flatMap { sum in powerW.map { sum + $0 * movingS } }
                    }
                }
            }
            let isOnSameDevice = before?.device == piece.device
            let startS = latencyS
            let work = work(problem, piece, points, isOnSameDevice: isOnSameDevice, finishS: lastEndS[piece.device])
            computeS += work.computeS
            transferS += work.insideS
            weightsS += work.waitS
            busyS[piece.device] += work.busyS
            if let energyJ = piece.measured?.energyJ {
                measuredJ[piece.device] += energyJ * (problem.layers[piece.layers.lowerBound].reachProbability ?? 1)
            } else {
                poweredS[piece.device] += work.busyS
            }
            lastEndS[piece.device] = startS + work.computeS + work.insideS + work.waitS
        }
        loadS = zip(busyS, sendingS).map { $0 + $1 }
        self.busyS = busyS
        let used = Set(pieces.map(\.device))
        cycleS =
            problem.service == .oneAtATime
            ? latencyS : problem.wantedThroughputPerS.map { 1 / $0 } ?? loadS.max() ?? 0
        energyOf = problem.devices.indices.map { index -> Double? in
            guard used.contains(index), let radioJ = radioJ[index] else { return nil }
            let device = problem.devices[index]
            var holdJ = 0.0
            if problem.costModel == .sound || problem.service == .continuous {
                guard let idlePowerW = device.idlePowerW else { return nil }
                holdJ = idlePowerW * max(0, cycleS - busyS[index])
            }
            guard poweredS[index] > 0 else { return measuredJ[index] + radioJ + holdJ }
            guard let powerW = points[index]?.computePowerW else { return nil }
            return powerW * poweredS[index] + measuredJ[index] + radioJ + holdJ
        }
        addEnergies(problem, used: used)
        return nil
    }

    private mutating func addEnergies(_ problem: Problem, used: Set<Int>) {
        energyJ = 0
        carbonG = 0
        for index in used.sorted() {
            let device = problem.devices[index]
            if problem.energyScope == .all || device.deviceClass == .edge {
                energyJ = energyJ.flatMap { sum in energyOf[index].map { sum + $0 } }
            }
            let intensity = device.intensityGPerKwh
            carbonG = carbonG.flatMap { sum in
                energyOf[index].flatMap { own in intensity.map { sum + own * $0 / 3_600_000 } }
            }
        }
    }

    /// What a piece takes: what the inference waits for its weights, and what its device is busy with.
    private func work(
        _ problem: Problem, _ piece: Piece, _ points: [OperatingPoint?], isOnSameDevice: Bool, finishS: Double
    ) -> (computeS: Double, insideS: Double, waitS: Double, busyS: Double) {
        let device = problem.devices[piece.device]
        if let measured = piece.measured {
            let seconds = measured.latencyS * (problem.layers[piece.layers.lowerBound].reachProbability ?? 1)
            return (seconds, 0, 0, seconds)
        }
        var computeS = 0.0
        var insideS = 0.0
        var waitS = 0.0
        var busyS = 0.0
        for layer in piece.layers {
            let reach = problem.layers[layer].reachProbability ?? 1
            if layer > piece.layers.lowerBound {
                let seconds =
                    reach
                    * (Double(problem.layers[layer - 1].outputBytes) / device.memoryBandwidthBytesPerS
                        + (layer == 1 ? problem.requestS ?? 0 : 0))
                insideS += seconds
                busyS += seconds
            }
            let loadS =
                problem.weights == .resident
                ? 0 : reach * Double(problem.layers[layer].weightBytes) / device.memoryBandwidthBytesPerS
            let hides = problem.weights == .preloaded && !isOnSameDevice && layer == piece.layers.lowerBound
            if !hides {
                waitS += loadS
                busyS += loadS
            } else if problem.costModel == .sound {
                waitS += max(0, finishS + loadS - latencyS)
                busyS += loadS
            }
            let runS = reach * problem.layers[layer].flop / (points[piece.device]?.flops ?? device.flops)
            computeS += runS
            busyS += runS
        }
        return (computeS, insideS, waitS, busyS)
    }

    private static func hop(from: Device, to: Device, _ problem: Problem) -> (rate: Double, latencyS: Double)? {
        for link in problem.links {
            let ends = [from.networkBandwidthBytesPerS, to.networkBandwidthBytesPerS].compactMap { $0 }
            if link.between == [from.id, to.id] {
                return (ends.reduce(link.bandwidthBytesPerS, min), link.latencyS)
            }
            if link.between == [to.id, from.id] {
                return (ends.reduce(link.reverseBandwidthBytesPerS ?? link.bandwidthBytesPerS, min), link.latencyS)
            }
        }
        return nil
    }

    func value(_ objective: Objective) -> Double? {
        switch objective {
        case .latency: latencyS
        case .energy: energyJ
        case .carbon: carbonG
        case .throughput: cycleS
        }
    }
}
