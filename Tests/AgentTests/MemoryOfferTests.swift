import Agent
import Costs
import Testing

@Suite struct MemoryOfferTests {
    private func device(_ id: DeviceID, _ bytes: Int) -> Device {
        Device(id: id, flops: 1e9, memoryBandwidthBytesPerS: 1e9, memoryBytes: bytes)
    }

    @Test func `what did not fit is not offered again, and less after each kill`() {
        var offer = MemoryOffer()
        #expect(offer.offered([device("a", 800)]).map(\.memoryBytes) == [800])
        offer.killed(plannedBytes: 400, offeredBytes: 800, controlBytes: 600, now: .zero)
        #expect(offer.offered([device("a", 800)]).map(\.memoryBytes) == [300])
        offer.killed(plannedBytes: 280, offeredBytes: 300, controlBytes: 600, now: .seconds(1))
        #expect(offer.offered([device("a", 800)]).map(\.memoryBytes) == [210])
        // Nothing was planned: it is the board that has too little.
        offer.killed(plannedBytes: 0, offeredBytes: 210, controlBytes: 100, now: .seconds(2))
        #expect(offer.offered([device("a", 800)]).map(\.memoryBytes) == [75])
        #expect(offer.offered([device("a", 50)]).map(\.memoryBytes) == [50])
    }

    @Test func `several devices of a board share what is offered`() {
        var offer = MemoryOffer()
        offer.killed(plannedBytes: 400, offeredBytes: 800, controlBytes: nil, now: .zero)
        #expect(offer.offered([device("a", 600), device("b", 200)]).map(\.memoryBytes) == [225, 75])
    }

    @Test func `the whole is offered again after a while, and after twice as long where that was too soon`() {
        var offer = MemoryOffer()
        offer.killed(plannedBytes: 400, offeredBytes: 800, controlBytes: nil, now: .zero)
        let hold = MemoryOffer.firstHold
        let first = [hold - .seconds(1), hold, hold * 9].map { offer.forget(now: $0) }
        #expect(first == [false, true, false] && offer.limitBytes == nil)
        offer.killed(plannedBytes: 400, offeredBytes: 800, controlBytes: nil, now: .zero)
        let second = [hold, hold * 2].map { offer.forget(now: $0) }
        #expect(second == [false, true])
    }
}
