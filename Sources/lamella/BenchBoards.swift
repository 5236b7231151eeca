import Costs
import ModelGraph

/// Seeded boards for the planners' measurements.
enum BenchBoards {
    /// Boards that together hold the layers about twice, where these are small enough for that; each holds at least any
    /// one layer, so that there is a plan, and with three or more none holds all of them.
    ///
    /// - Parameter points: operating points of each; with more than one, power grows with the cube of the clock.
    static func make(
        count: Int, weightBytes: Int, largestLayerBytes: Int, peakBytes: Int, points: Int, seed: UInt64
    ) -> (devices: [Device], links: [Link]) {
        var generator = SeededGenerator(seed: seed)
        let share = 2 * weightBytes / count
        let devices = (0..<count).map { index in
            var device = Device(
                id: DeviceID("board\(index)"), flops: Double.random(in: 1e9...5e10, using: &generator),
                memoryBandwidthBytesPerS: Double.random(in: 1e9...1e10, using: &generator),
                memoryBytes: max(
                    Int(Double(share) * Double.random(in: 0.8...1.2, using: &generator)), largestLayerBytes)
                    + peakBytes,
                computePowerW: Double.random(in: 4...20, using: &generator),
                idlePowerW: Double.random(in: 1...3, using: &generator),
                transferPower: TransferPower(
                    uploadWPerMbitPerS: 0.001, downloadWPerMbitPerS: 0.001, baseW: 0.3))
            guard points > 1 else { return device }
            let most = device.computePowerW ?? 4
            let idle = device.idlePowerW ?? 1
            device.operatingPoints = (1...points).map { step in
                let part = 0.4 + 0.6 * Double(step) / Double(points)
                return OperatingPoint(
                    frequencyHz: 1e9 * part, flops: device.flops * part,
                    computePowerW: idle + (most - idle) * part * part * part)
            }
            return device
        }
        var links: [Link] = []
        for first in 0..<count {
            for second in (first + 1)..<count {
                links.append(
                    Link(
                        between: devices[first].id, devices[second].id,
                        bandwidthBytesPerS: Double.random(in: 1e6...1e8, using: &generator)))
            }
        }
        return (devices, links)
    }

    /// A model on such boards: least latency; or, with several points, least energy within 1.3 times that latency.
    static func problem(of graph: ModelGraph, devices: Int, points: Int, seed: UInt64) throws -> Problem {
        let layers = graph.layers(.operator)
        let boards = make(
            count: devices, weightBytes: graph.weightBytes, largestLayerBytes: layers.map(\.weightBytes).max() ?? 0,
            peakBytes: layers.map(\.activationPeakBytes).max() ?? 0, points: points, seed: seed)
        return try Problem(
            model: graph.name, graphLayers: layers,
            inputBytes: graph.activationBytes(of: graph.inputs), devices: boards.devices,
            links: boards.links, source: boards.devices[0].id, destination: boards.devices[0].id)
    }

    /// A chain of random layers on such boards.
    static func chain(layers: Int, devices: Int, points: Int, seed: UInt64) throws -> Problem {
        var generator = SeededGenerator(seed: seed &+ 77)
        var bytes = 600_000
        var made = [
            PlannedLayer(
                name: "source", kind: .source, flop: 0, weightBytes: 0, outputBytes: bytes, activationPeakBytes: bytes)
        ]
        for index in 0..<layers {
            let output = Int(generator.logarithmic(in: 1e4...1e6))
            made.append(
                PlannedLayer(
                    name: "layer\(index)", flop: generator.logarithmic(in: 1e6...1e9),
                    weightBytes: Int(generator.logarithmic(in: 1e3...1e7)), outputBytes: output,
                    activationPeakBytes: bytes + output))
            bytes = output
        }
        made.append(
            PlannedLayer(
                name: "destination", kind: .destination, flop: 0, weightBytes: 0, outputBytes: 4,
                activationPeakBytes: bytes + 4))
        let boards = make(
            count: devices, weightBytes: made.reduce(0) { $0 + $1.weightBytes },
            largestLayerBytes: made.map(\.weightBytes).max() ?? 0,
            peakBytes: made.map(\.activationPeakBytes).max() ?? 0, points: points, seed: seed)
        let problem = Problem(
            model: "chain of \(layers)", layers: made, devices: boards.devices, links: boards.links,
            source: boards.devices[0].id, destination: boards.devices[0].id)
        try problem.validate()
        return problem
    }
}
