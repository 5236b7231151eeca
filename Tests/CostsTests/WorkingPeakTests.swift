import Costs
import Testing

@Suite struct WorkingPeakTests {
    @Test func `a layer needs its activations, or what a runner takes where that is more`() throws {
        var layer = PlannedLayer(name: "a", flop: 1, weightBytes: 100, outputBytes: 10, activationPeakBytes: 30)
        #expect(layer.workingPeakBytes == 30)
        layer.runnerPeakBytes = 20
        #expect(layer.workingPeakBytes == 30)
        layer.runnerPeakBytes = 250
        #expect(layer.workingPeakBytes == 250)
    }
}
