import Agent
import Board
import ChildProcesses
import Testing

@Suite struct RunnerPulseTests {
    /// How many looks it takes until the runner is taken for dead.
    private func looks(_ pulse: RunnerPulse) -> Int {
        var pulse = pulse
        var count = 1
        while !pulse.look() { count += 1 }
        return count
    }

    @Test func `a runner that says nothing for ten looks is taken for dead`() {
        var pulse = RunnerPulse()
        pulse.heard()
        #expect(looks(pulse) == RunnerPulse.maximumSilentLooks)
        _ = pulse.look()
        pulse.heard()
        #expect(looks(pulse) == RunnerPulse.maximumSilentLooks)
    }

    @Test func `a runner that is being read from a slow disk has more time`() {
        #expect(looks(RunnerPulse()) == RunnerPulse.maximumSilentLooksAtStart)
    }
}

@Suite struct RunnerLossTests {
    private func loss(
        _ exit: ChildExit?, isSilent: Bool = false, kills before: Int?, _ after: Int?, limitBytes: Int? = nil
    ) -> RunnerLoss {
        RunnerLoss(
            exit: exit, isSilent: isSilent, before: MemoryControl(kills: before),
            after: MemoryControl(limitBytes: limitBytes, kills: after))
    }

    @Test func `a kill that the kernel counts as one for memory is named so, with the limit`() {
        #expect(loss(.signal(9), kills: 2, 3, limitBytes: 300).cause == .killedForMemory(limitBytes: 300))
        #expect(loss(.signal(9), kills: 2, 3).cause == .killedForMemory(limitBytes: nil))
        #expect(loss(.signal(9), kills: 2, 3, limitBytes: 300).description.contains("killed for memory"))
    }

    @Test func `any other end is what it is`() {
        #expect(loss(.signal(9), kills: 2, 2).cause == .ended(ChildExit.signal(9).description))
        #expect(loss(.signal(9), kills: nil, 2).cause == .ended(ChildExit.signal(9).description))
        #expect(loss(.code(1), kills: 2, 3).cause == .ended(ChildExit.code(1).description))
        #expect(loss(.signal(9), isSilent: true, kills: 2, 3).cause == .silent(.seconds(10)))
    }
}
