import Runtime
import Testing

@Suite struct TransportBenchmarkTests {
    @Test func `what make bench measures of the transport runs to its end`() async throws {
        let bytesPerS = try await TransportBenchmark.run(tensorBytes: 1 << 16, count: 20)
        #expect(bytesPerS > 0)
    }
}
