import Agent
import Costs
import TestbedKit
import Testing

extension OnThisMachine {
    /// An operator whose weights no board can hold, on boards whose limit the kernel holds them to.
    @Suite struct SharedLargeOperatorTests {
        /// AlexNet's largest operator has 151 MB of weights, all together 244.
        static let largestOperatorBytes = 9216 * 4096 * 4
        static let tight = TightBoards(boardBytes: 210_000_000, offeredBytes: 140_000_000)

        @Test func `boards share an operator that none of them can hold`() async throws {
            try #require(Self.largestOperatorBytes > Self.tight.offeredBytes)
            try await RunningBed.with(
                TightBoards.names, adjust: { Self.tight.apply(to: &$0) }, planner: .init(sharing: .on),
                model: "alexnet.onnx"
            ) { running, record in
                let sharing = try #require(record.plan.sharing)
                #expect(sharing.devices.count >= 2)
                let latencies = try await running.ask(6)
                print(
                    "an operator of 151 MB on boards that offer 140: requests take \(RunningBed.median(latencies)) s, "
                        + "predicted \(record.plan.latencyS) s; \(try Self.tight.expectKept(by: running, record))")
            }
        }
    }
}
