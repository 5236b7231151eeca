import Costs

/// Random planning problems, the same for the same seed.
public struct RandomProblem: Sendable {
    public enum Memory: Sendable, CaseIterable {
        /// Every device holds the whole model.
        case loose
        /// All devices together hold little more than the model.
        case tight
        /// All devices together hold hardly more than the model: as hard as packing bins.
        case packed
        /// All devices together hold less than the model.
        case impossible
    }

    /// Model layers; `source` and `destination` come on top.
    public var layers: Int
    public var devices: Int
    public var memory: Memory
    /// Leave out some links, pin some layers, give some devices a runtime size.
    public var withConstraints: Bool

    public init(layers: Int, devices: Int, memory: Memory, withConstraints: Bool = true) {
        self.layers = layers
        self.devices = devices
        self.memory = memory
        self.withConstraints = withConstraints
    }

    public func make(seed: UInt64) -> Problem {
        var generator = SeededGenerator(seed: seed)
        let layers = makeLayers(&generator)
        let devices = makeDevices(&generator, layers: layers)
        var links: [Link] = []
        for first in devices.indices {
            for second in devices.indices where second > first {
                let isPresent = !withConstraints || generator.chance(0.9)
                let link = Link(
                    between: devices[first].id, devices[second].id,
                    bandwidthBytesPerS: generator.logarithmic(in: 1e6...1e9),
                    latencyS: generator.chance(0.5) ? generator.logarithmic(in: 1e-5...1e-2) : 0)
                if isPresent { links.append(link) }
            }
        }
        var pins: [Pin] = []
        if withConstraints, generator.chance(0.3) {
            pins.append(
                Pin(
                    layer: Int.random(in: 1...self.layers, using: &generator),
                    device: devices[Int.random(in: 0..<self.devices, using: &generator)].id))
        }
        return Problem(
            model: "random-\(seed)", layers: layers, devices: devices, links: links, source: devices[0].id,
            destination: devices[generator.chance(0.5) ? 0 : self.devices - 1].id,
            weights: generator.chance(0.5) ? .everyInference : .resident, pins: pins)
    }

    private func makeLayers(_ generator: inout SeededGenerator) -> [PlannedLayer] {
        var bytes = Int(generator.logarithmic(in: 1e4...1e7)) * 4
        var layers = [
            PlannedLayer(
                name: "source", kind: .source, flop: 0, weightBytes: 0, outputBytes: bytes, activationPeakBytes: bytes)
        ]
        for index in 0..<self.layers {
            let output = Int(generator.logarithmic(in: 1e3...1e6)) * 4
            layers.append(
                PlannedLayer(
                    name: "layer\(index)", flop: generator.logarithmic(in: 1e6...1e10),
                    weightBytes: generator.chance(0.3) ? 0 : Int(generator.logarithmic(in: 1e3...1e7)) * 4,
                    outputBytes: output, activationPeakBytes: bytes + output))
            bytes = output
        }
        layers.append(
            PlannedLayer(
                name: "destination", kind: .destination, flop: 0, weightBytes: 0, outputBytes: 4,
                activationPeakBytes: bytes + 4))
        return layers
    }

    private func makeDevices(_ generator: inout SeededGenerator, layers: [PlannedLayer]) -> [Device] {
        let weights = layers.reduce(0) { $0 + $1.weightBytes }
        let peak = layers.map(\.activationPeakBytes).max() ?? 0
        let heaviest = layers.map(\.weightBytes).max() ?? 0
        let floor = (layers.first?.activationPeakBytes ?? 0) + (layers.last?.activationPeakBytes ?? 0)
        let areEqual = generator.chance(0.2)
        var made: [Device] = []
        for index in 0..<devices {
            let memoryBytes =
                switch memory {
                case .loose: 2 * (weights + peak) + 1_000_000
                case .tight:
                    max(floor, peak / 2)
                        + max(
                            Int(Double(weights) * Double.random(in: 0.5...2.5, using: &generator) / Double(devices)),
                            Int(Double(heaviest) * Double.random(in: 0.4...1.6, using: &generator)))
                case .packed:
                    peak + Int(Double(weights) * Double.random(in: 1...1.1, using: &generator) / Double(devices))
                case .impossible: Int(0.8 * Double(weights) / Double(devices))
                }
            let device = Device(
                id: DeviceID("d\(index)"), deviceClass: DeviceClass.allCases[index % 3],
                flops: generator.logarithmic(in: 1e9...1e13),
                memoryBandwidthBytesPerS: generator.logarithmic(in: 5e8...5e11), memoryBytes: memoryBytes,
                networkBandwidthBytesPerS: withConstraints && generator.chance(0.3)
                    ? generator.logarithmic(in: 1e6...1e9) : nil,
                runtimeBytes: withConstraints && generator.chance(0.2) ? memoryBytes / 20 : nil)
            if areEqual, var copy = made.first {
                copy.id = device.id
                copy.node = device.node
                made.append(copy)
            } else {
                made.append(device)
            }
        }
        return made
    }
}
