import Sharing
import Testing

@Suite struct SharedProgramTests {
    /// Rows of every operator cut in the middle, on two devices; device 0 is source and destination.
    private func rows(_ shared: SharedGraph) throws -> SharedAssignment {
        SharedAssignment(
            deviceCount: 2, source: 0, destination: 0,
            layouts: try shared.graph.operators.indices.map { try shared.share($0, .height, cuts: [6]) })
    }

    @Test func `halo rows move once, and what is owned does not move`() throws {
        let shared = try HandGraphs.residual()
        let transfers = try Transfers(rows(shared), shared)
        #expect(
            transfers.all.map(\.description) == [
                "x[0..<1, 0..<4, 5..<12, 0..<10] from 0 to 1", "b[0..<1, 0..<4, 6..<7, 0..<10] from 1 to 0",
                "b[0..<1, 0..<4, 5..<6, 0..<10] from 0 to 1", "y[0..<1, 0..<4, 6..<12, 0..<10] from 1 to 0",
            ])
        #expect(transfers.all.map(\.consumer) == [0, 2, 2, 4])
        #expect(transfers.byteCount(shared) == 4 * 40 * (7 + 1 + 1 + 6))
    }

    @Test func `redundant computation takes the place of an exchange`() throws {
        let shared = try HandGraphs.residual()
        var assignment = try rows(shared)
        for position in [0, 1] {
            let whole = Region.whole(shared.shape(of: position))
            assignment.layouts[position] = SharedLayout([
                whole.replacing(2, with: 0..<7), whole.replacing(2, with: 5..<12),
            ])
        }
        try assignment.verify(shared)
        #expect(try Transfers(assignment, shared).all.map(\.tensor) == ["x", "y"])
        #expect(try SharedProgram(assignment, shared).segmentCount == 2)
    }

    @Test func `runs without an exchange between them are one segment, and sends follow what they send`() throws {
        let shared = try HandGraphs.residual()
        let program = try SharedProgram(rows(shared), shared)
        try program.verify(shared)
        let kinds = program.devices.map { steps in
            steps.map { step in
                switch step {
                case .receive(let content, _): "receive \(content.tensor)"
                case .send(let content, _): "send \(content.tensor)"
                case .run(let segment): "run \(segment.parts.map(\.position))"
                }
            }
        }
        #expect(kinds[0] == ["send x", "run [0, 1]", "send b", "receive b", "run [2, 3]", "receive y"])
        #expect(kinds[1] == ["receive x", "run [0, 1]", "send b", "receive b", "run [2, 3]", "send y"])
    }

    @Test func `the verifier finds what is missing, stuck, sent to nobody or computed by nobody`() throws {
        let shared = try HandGraphs.residual()
        let assignment = try rows(shared)
        let good = try SharedProgram(assignment, shared)
        for device in good.devices.indices {
            for step in good.devices[device].indices {
                var devices = good.devices
                devices[device].remove(at: step)
                #expect(throws: SharingError.self) {
                    try SharedProgram(devices: devices, source: 0, destination: 0).verify(shared)
                }
            }
        }
        var waiting = good.devices
        // Both wait for the other's row before they send theirs.
        waiting[0].swapAt(2, 3)
        waiting[1].swapAt(2, 3)
        let stuck = #expect(throws: SharingError.self) {
            try SharedProgram(devices: waiting, source: 0, destination: 0).verify(shared)
        }
        #expect(stuck?.sentence.hasPrefix("device 0 waits for ever at step 2: receive b") == true)
        var gap = assignment
        gap.layouts[1].regions[1] = gap.layouts[1].regions[1].replacing(2, with: 7..<12)
        let uncovered = #expect(throws: SharingError.self) { try gap.verify(shared) }
        #expect(uncovered?.sentence.hasPrefix("nobody computes [0..<1, 0..<4, 6..<7, 0..<10] of tensor 'b'") == true)
    }

    @Test func `what nobody reads is not run`() throws {
        // Of every four rows the pooling reads the first: the last three rows are computed for nobody.
        let graph = try HandGraphs.graph(
            inputs: [("x", [1, 4, 12, 10])], weights: [], outputs: ["y"],
            [
                HandGraphs.node("Relu", ["x"], "a"),
                HandGraphs.node(
                    "MaxPool", ["a"], "y", ["kernel_shape": .integers([1, 1]), "strides": .integers([4, 1])]),
            ])
        let assignment = SharedAssignment(
            deviceCount: 2, source: 0, destination: 0,
            layouts: [
                .cut([1, 4, 12, 10], axis: 2, at: [9]), .single(0, of: 2, shape: [1, 4, 3, 10]),
            ])
        let program = try SharedProgram(assignment, graph)
        try program.verify(graph)
        #expect(program.segmentCount == 1)
        #expect(program.devices[1].allSatisfy { if case .run = $0 { false } else { true } })
    }
}
