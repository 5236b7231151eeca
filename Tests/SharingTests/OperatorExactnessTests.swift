import Costs
import Sharing
import Testing

/// Every kind of operator, shared along every axis of its result between 2 to 5 devices, gives what it gives unsplit.
@Suite struct OperatorExactnessTests {
    static let kinds = WindowKinds.all + MatrixKinds.all + MovementKinds.all

    @Test(arguments: kinds)
    func `a shared operator gives the unsplit result`(kind: OperatorKind) throws {
        try Effort.withFolder { folder in
            var generator = SeededGenerator(seed: 2026)
            // One axis each, then two axes at once.
            for way in [[0], [1], [2], [3], nil] {
                var shared = 0
                var tried = 0
                while shared < Effort.rounds, tried < 20 * Effort.rounds {
                    tried += 1
                    var drawn = generator.split()
                    if try share(kind, way, &drawn, folder) { shared += 1 }
                }
                if let axis = way?.first, kind.axes.contains(axis) {
                    #expect(shared == Effort.rounds, "axis \(axis): shared \(shared) of \(tried) cases")
                }
            }
        }
    }

    /// False where the case has no such axis to share.
    private func share(
        _ kind: OperatorKind, _ way: [Int]?, _ generator: inout SeededGenerator, _ folder: String
    ) throws -> Bool {
        let seed = generator.state
        var sketch = ModelSketch(generator.split())
        let outputs = kind.build(&sketch)
        let process = try InProcess(try sketch.model(outputs: outputs), folder: folder)
        let last = process.shared.graph.operators.count - 1
        let shareable = process.shared.shareableAxes(of: last)
        let axes = way ?? Array(shareable.shuffled(using: &generator).prefix(2))
        guard !axes.isEmpty, axes.allSatisfy(shareable.contains), way != nil || axes.count == 2 else { return false }
        let devices = Int.random(in: 2...5, using: &generator)
        var assignment = RandomLayouts.assignment(process.shared, devices: devices, &generator)
        assignment.layouts[last] = RandomLayouts.layout(
            process.shared.shape(of: last), axes: axes, devices: devices, &generator)
        let program = try SharedProgram(assignment, process.shared)
        try program.verify(process.shared)
        let inputs = sketch.randomInputs()
        // Where an element of Resize comes from is a rounded number, and the part's is counted from its own start.
        let excess = Exactness.excess(
            try process.run(program, inputs), try process.whole(inputs),
            floor: kind.name == "Resize" ? Exactness.modelFloor : Exactness.operatorFloor)
        let node = process.shared.graph.nodes[process.shared.graph.operators[last].node]
        #expect(
            excess <= 1,
            "seed \(seed): \(node) of \(sketch.inputShapes) as \(assignment.layouts[last].regions) is off by \(excess)")
        return true
    }
}
