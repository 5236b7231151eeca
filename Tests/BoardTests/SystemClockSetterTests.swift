import Board
import TestKit
import Testing

/// Clocks for a measurement, on a kernel that is made up.
@Suite struct SystemClockSetterTests {
    private let policy = "/sys/devices/system/cpu/cpufreq/policy0"

    private func setter(_ kernel: FakeKernel) throws -> (ClockSetter, FrequencyControl) {
        let root = SystemRoot(files: kernel)
        let control = FrequencyControl(root: root, stateDirectory: "/state")
        return (
            try #require(ClockSetter(control: control, domains: BoardInventory.discover(root).cpuPolicies)), control
        )
    }

    /// The kernel changes a file by itself.
    private func show(_ kernel: FakeKernel, _ file: String, _ text: String) {
        kernel.change { $0.files["\(policy)/\(file)"] = Array((text + "\n").utf8) }
    }

    @Test func `a clock is in force once the limit and the clock itself say so, and is put back`() throws {
        let kernel = FakeKernel(MadeUpBoards.raspberryPi4)
        let before = kernel.copy()
        let (setter, control) = try setter(kernel)
        var busy = 0
        // Made up, the clock follows its limit only when there is work.
        let answer = setter.set(800e6) {
            busy += 1
            if busy == 2 { show(kernel, "scaling_cur_freq", "800000") }
        }
        #expect(answer == .inForce && busy == 2)
        #expect(setter.check(800e6) == .inForce)
        // The board becomes hot: the kernel lowers the limit.
        show(kernel, "scaling_max_freq", "700000")
        guard case .notInForce(let why) = setter.check(800e6) else {
            Issue.record("a clock that is held counts as in force")
            return
        }
        #expect(why.contains("scaling_max_freq"))
        show(kernel, "scaling_cur_freq", "900000")
        #expect(control.restore().outcome == .restored)
        #expect(kernel.differences(from: before, without: "/state") == [])
    }

    @Test func `only clocks that the kernel lists may be asked for`() throws {
        let (setter, _) = try setter(FakeKernel(MadeUpBoards.raspberryPi4))
        #expect(setter.frequenciesHz == stride(from: 6e8, through: 15e8, by: 1e8).map { $0 })
        #expect(setter.fault(600e6) == nil)
        let fault = try #require(setter.fault(650e6))
        #expect(fault.hasPrefix("650 MHz is no clock of policy0; it has 600 MHz, 700 MHz"))
    }
}
