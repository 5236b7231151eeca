import Costs

/// A chain of two model layers on two devices with figures that can be worked out in the head.
public enum HandMadeProblem {
    public static func make(memoryOfA: Int = 1_000_000, memoryOfB: Int = 1_000_000) -> Problem {
        Problem(
            model: "hand-made",
            layers: [
                PlannedLayer(
                    name: "source", kind: .source, flop: 0, weightBytes: 0, outputBytes: 1000, activationPeakBytes: 1000
                ),
                PlannedLayer(name: "one", flop: 2e6, weightBytes: 4000, outputBytes: 2000, activationPeakBytes: 3000),
                PlannedLayer(name: "two", flop: 6e6, weightBytes: 8000, outputBytes: 100, activationPeakBytes: 2100),
                PlannedLayer(
                    name: "destination", kind: .destination, flop: 0, weightBytes: 0, outputBytes: 4,
                    activationPeakBytes: 104),
            ],
            devices: [
                Device(id: "A", flops: 1e6, memoryBandwidthBytesPerS: 1e4, memoryBytes: memoryOfA),
                Device(
                    id: "B", deviceClass: .cloud, flops: 4e6, memoryBandwidthBytesPerS: 1e5, memoryBytes: memoryOfB,
                    networkBandwidthBytesPerS: 500, runtimeBytes: 50),
            ],
            links: [Link(between: "B", "A", bandwidthBytesPerS: 1000, latencyS: 0.25)],
            source: "A", destination: "A",
            inputs: [InputSource(figure: "all", source: "made up")])
    }
}
