import Board
import Foundation
import Glibc
import TestKit
import Testing

@Suite struct SystemFrequencyControlTests {
    private static let state = "/state"
    private let policy = "/sys/devices/system/cpu/cpufreq/policy0"
    private let gpu = "/sys/class/devfreq/57000000.gpu"

    private func control(_ kernel: FakeKernel, mode: FrequencyControl.Mode = .control) -> FrequencyControl {
        FrequencyControl(root: SystemRoot(files: kernel), stateDirectory: Self.state, mode: mode)
    }

    private func domains(_ kernel: FakeKernel) -> [FrequencyDomain] {
        BoardInventory.discover(SystemRoot(files: kernel)).domains
    }

    @Test func `a plan's frequencies are set and read back, and everything is put back at the end`() throws {
        let kernel = FakeKernel(MadeUpBoards.jetsonNano)
        let before = kernel.copy()
        let domains = domains(kernel)
        let control = control(kernel)
        #expect(control.apply(921_600_000, to: domains[0]) == .applied(frequencyHz: 921_600_000))
        #expect(control.apply(537_600_000, to: domains[1]) == .applied(frequencyHz: 537_600_000))
        #expect(kernel.text("\(policy)/scaling_governor") == "performance")
        #expect(kernel.text("\(policy)/scaling_max_freq") == "921600")
        #expect(kernel.text("\(policy)/scaling_min_freq") == "102000")
        #expect(kernel.text("\(gpu)/min_freq") == "537600000")
        #expect(kernel.text("\(gpu)/max_freq") == "537600000")
        // A second plan keeps the first originals.
        #expect(control.apply(102_000_000, to: domains[0]) == .applied(frequencyHz: 102_000_000))
        #expect(control.apply(921_600_000, to: domains[1]) == .applied(frequencyHz: 921_600_000))

        #expect(control.restore().outcome == .restored)
        #expect(kernel.differences(from: before, without: Self.state) == [])
        #expect(!kernel.paths.contains { $0.hasPrefix(Self.state) })
        #expect(kernel.crossed.isEmpty)
        #expect(control.restore() == FrequencyRestoration(.nothingToDo))
    }

    @Test func `with hands off nothing is written at all`() {
        let kernel = FakeKernel(MadeUpBoards.jetsonNano)
        let domain = domains(kernel)[0]
        #expect(control(kernel, mode: .handsOff).apply(921_600_000, to: domain) == .handsOff)
        #expect(kernel.log.isEmpty && !kernel.paths.contains { $0.hasPrefix(Self.state) })
    }

    @Test func `a least limit above the wish is lowered first and put back`() {
        let kernel = FakeKernel(MadeUpBoards.raspberryPi4.merging(["\(policy)/scaling_min_freq": "1200000"]) { $1 })
        let domain = domains(kernel)[0]
        #expect(control(kernel).apply(800e6, to: domain) == .applied(frequencyHz: 800e6))
        #expect(
            kernel.log.map { $0.split(separator: "/").last } == [
                "scaling_min_freq=800000", "scaling_max_freq=800000", "scaling_governor=performance",
            ])
        #expect(control(kernel).restore().outcome == .restored)
        #expect(kernel.text("\(policy)/scaling_min_freq") == "1200000")
        #expect(kernel.text("\(policy)/scaling_max_freq") == "1500000")
        #expect(kernel.crossed.isEmpty)
    }

    @Test func `a speed that somebody set by hand is put back with its governor`() {
        let kernel = FakeKernel(
            MadeUpBoards.raspberryPi4.merging([
                "\(policy)/scaling_governor": "userspace", "\(policy)/scaling_setspeed": "1100000",
            ]) { $1 })
        let domain = domains(kernel)[0]
        #expect(control(kernel).apply(800e6, to: domain) == .applied(frequencyHz: 800e6))
        #expect(kernel.text("\(policy)/scaling_setspeed") == "<unsupported>")
        #expect(control(kernel).restore().outcome == .restored)
        #expect(kernel.text("\(policy)/scaling_setspeed") == "1100000")
    }

    @Test(arguments: ["scaling_max_freq", "scaling_governor", "scaling_min_freq"])
    func `a file that the kernel refuses leaves the clock as it was, with the reason`(file: String) {
        for code in [EINVAL, EACCES, EIO, EBUSY] {
            let kernel = FakeKernel(MadeUpBoards.raspberryPi4.merging(["\(policy)/scaling_min_freq": "1200000"]) { $1 })
            let domain = domains(kernel)[0]
            let before = kernel.copy()
            kernel.change { $0.writeErrors["\(policy)/\(file)"] = code }
            guard case .refused(let fault) = control(kernel).apply(800e6, to: domain) else {
                Issue.record("not refused")
                continue
            }
            #expect(fault.path == "\(policy)/\(file)")
            #expect(fault.description.contains(SystemErrno(code).description))
            #expect(fault.remedy.isEmpty == (code != EACCES))
            #expect(kernel.differences(from: before, without: Self.state) == [])
        }
    }

    @Test func `a hot board is told as throttled`() {
        let kernel = FakeKernel(MadeUpBoards.raspberryPi4)
        let domain = domains(kernel)[0]
        kernel.change { $0.caps[policy] = 1_000_000 }
        guard case .throttled(1e9, _) = control(kernel).apply(1.4e9, to: domain) else {
            Issue.record("not throttled")
            return
        }
    }

    @Test func `without a place for the journal nothing is written`() {
        let kernel = FakeKernel(MadeUpBoards.raspberryPi4)
        let domain = domains(kernel)[0]
        for path in ["\(Self.state)/frequency-journal.new", "sync"] {
            kernel.change { $0.writeErrors = [path: ENOSPC] }
            guard case .refused(let fault) = control(kernel).apply(800e6, to: domain) else {
                Issue.record("not refused")
                return
            }
            #expect(fault.description.contains("No space left on device"))
            #expect(kernel.log.isEmpty)
        }
    }

    @Test func `a journal of an earlier start of the kernel is discarded and nothing is written`() {
        let kernel = FakeKernel(MadeUpBoards.raspberryPi4)
        let domain = domains(kernel)[0]
        #expect(control(kernel).apply(800e6, to: domain) == .applied(frequencyHz: 800e6))
        let writes = kernel.log.count
        kernel.change { $0.files[MadeUpBoards.bootID] = Array("another\n".utf8) }
        #expect(control(kernel).restore().outcome == .discarded)
        #expect(kernel.log.count == writes)
        #expect(control(kernel).restore().outcome == .nothingToDo)
    }

    @Test func `what cannot be put back stays in the journal and is put back later`() {
        let kernel = FakeKernel(MadeUpBoards.jetsonNano)
        let before = kernel.copy()
        let domains = domains(kernel)
        #expect(control(kernel).apply(921_600_000, to: domains[0]) == .applied(frequencyHz: 921_600_000))
        #expect(control(kernel).apply(537_600_000, to: domains[1]) == .applied(frequencyHz: 537_600_000))
        kernel.change { $0.writeErrors["\(policy)/scaling_governor"] = EIO }
        let first = control(kernel).restore()
        #expect(first.outcome == .incomplete)
        #expect(first.faults.map(\.path) == ["\(policy)/scaling_governor"])
        #expect(kernel.text("\(gpu)/max_freq") == "921600000")
        kernel.change { $0.writeErrors = [:] }
        let second = control(kernel).restore()
        #expect(second.outcome == .restored)
        #expect(second.writes == [FrequencyWrite("\(policy)/scaling_governor", "schedutil")])
        #expect(kernel.differences(from: before, without: Self.state) == [])
    }

    @Test func `a journal that is none is named and nothing is written`() {
        for text in [
            "", "end 0\n", "lamella frequency journal 1\nboot b\nend 1\n",
            "lamella frequency journal 1\nboot b\n/etc/passwd 1\nend 1\n",
            "lamella frequency journal 1\nboot b\n\(policy)/../../scaling_max_freq 1\nend 1\n",
            "lamella frequency journal 1\nboot b\n\(policy)/scaling_max_freq -1\nend 1\n",
            "lamella frequency journal 1\nboot b\n\(policy)/scaling_max_freq 1\n\(policy)/scaling_max_freq 2\nend 2\n",
            "lamella frequency journal 1\nboot b\n\(policy)/scaling_max_freq 1\nend 1",
            "lamella frequency journal 1\nboot b\n\(policy)/scaling_governor a b\nend 1\n",
        ] {
            let kernel = FakeKernel(MadeUpBoards.raspberryPi4)
            let domain = domains(kernel)[0]
            kernel.change { $0.files["\(Self.state)/frequency-journal"] = Array(text.utf8) }
            let restoration = control(kernel).restore()
            #expect(restoration.outcome == .incomplete && restoration.faults.count == 1, "\(text)")
            guard case .refused = control(kernel).apply(800e6, to: domain) else {
                Issue.record("not refused: \(text)")
                continue
            }
            #expect(kernel.log.isEmpty)
        }
    }

    // MARK: Real files

    @Test func `on real files the journal is there while something is changed, and gone after it`() throws {
        let tree = try MadeUpTree(MadeUpBoards.raspberryPi4.merging(["/state/": ""]) { $1 })
        let root = SystemRoot(path: tree.path)
        let control = FrequencyControl(root: root, stateDirectory: tree.path + "/state")
        let domain = try #require(BoardInventory.discover(root).domains.first)
        #expect(control.apply(8e8, to: domain) == .applied(frequencyHz: 8e8))
        #expect(
            try tree.text("/state/frequency-journal")
                == "lamella frequency journal 1\nboot 7f6d7a3e-4a44-4c5c-8f57-0f2a55b2b6d1\n"
                + "\(policy)/scaling_max_freq 1500000\n\(policy)/scaling_governor ondemand\nend 2")
        #expect(try tree.text("\(policy)/scaling_max_freq") == "800000")
        // Another process, with nothing in memory.
        let other = FrequencyControl(root: root, stateDirectory: tree.path + "/state")
        #expect(other.restore().outcome == .restored)
        #expect(try tree.text("\(policy)/scaling_max_freq") == "1500000")
        #expect(try tree.text("\(policy)/scaling_governor") == "ondemand")
        #expect(try FileManager.default.contentsOfDirectory(atPath: tree.path + "/state").isEmpty)
    }

    @Test func `a link in the place of the journal's temporary file is not written through`() throws {
        let tree = try MadeUpTree(MadeUpBoards.raspberryPi4.merging(["/state/": "", "/victim": "whole"]) { $1 })
        let root = SystemRoot(path: tree.path)
        let control = FrequencyControl(root: root, stateDirectory: tree.path + "/state")
        let domain = try #require(BoardInventory.discover(root).domains.first)
        try FileManager.default.createSymbolicLink(
            atPath: tree.path + "/state/frequency-journal.new", withDestinationPath: tree.path + "/victim")
        guard case .refused = control.apply(8e8, to: domain) else {
            Issue.record("not refused")
            return
        }
        #expect(try tree.text("/victim") == "whole" && tree.text("\(policy)/scaling_max_freq") == "1500000")
    }

    // MARK: kill -9

    /// Two plans on two clocks, as an agent makes them.
    private func work(_ kernel: FakeKernel, _ domains: [FrequencyDomain]) {
        let control = control(kernel)
        _ = control.apply(614_400_000, to: domains[0])
        _ = control.apply(537_600_000, to: domains[1])
        _ = control.apply(102_000_000, to: domains[0])
        _ = control.apply(921_600_000, to: domains[1])
    }

    /// Kernels on which the agent died before its n-th operation, for every n, until it does not die any more.
    private func deaths(_ files: [String: String]) -> [FakeKernel] {
        var kernels: [FakeKernel] = []
        let domains = domains(FakeKernel(files))
        for operations in 1... {
            let kernel = FakeKernel(files)
            kernel.change { $0.operationsLeft = operations }
            work(kernel, domains)
            var left: Int?
            kernel.change {
                left = $0.operationsLeft
                $0.operationsLeft = nil
            }
            kernels.append(kernel)
            if let left, left > 0 { break }
        }
        return kernels
    }

    private var files: [String: String] {
        MadeUpBoards.jetsonNano.merging([
            "\(policy)/scaling_min_freq": "1224000", "\(gpu)/min_freq": "614400000", "\(gpu)/max_freq": "691200000",
        ]) { $1 }
    }

    @Test func `wherever the agent is killed, one restore puts everything back`() {
        let before = FakeKernel(files)
        let kernels = deaths(files)
        #expect(kernels.count > 15)
        for (number, kernel) in kernels.enumerated() {
            let restoration = control(kernel).restore()
            #expect([.restored, .nothingToDo].contains(restoration.outcome), "killed before \(number + 1)")
            #expect(kernel.differences(from: before, without: Self.state) == [], "killed before \(number + 1)")
            #expect(!kernel.paths.contains { $0.hasPrefix(Self.state) }, "killed before \(number + 1)")
            #expect(kernel.crossed.isEmpty)
        }
    }

    @Test func `wherever the restore itself is killed, the next one puts everything back`() {
        let before = FakeKernel(files)
        for (number, dead) in deaths(files).enumerated() {
            for operations in 1... {
                let kernel = FakeKernel(copying: dead)
                kernel.change { $0.operationsLeft = operations }
                _ = control(kernel).restore()
                var left: Int?
                kernel.change {
                    left = $0.operationsLeft
                    $0.operationsLeft = nil
                }
                #expect([.restored, .nothingToDo].contains(control(kernel).restore().outcome))
                #expect(
                    kernel.differences(from: before, without: Self.state) == [],
                    "killed before \(number + 1), then \(operations)"
                )
                #expect(!kernel.paths.contains { $0.hasPrefix(Self.state) })
                if let left, left > 0 { break }
            }
        }
    }

    @Test func `wherever the power fails, the next start writes nothing to the fresh kernel`() {
        for kernel in deaths(files) {
            kernel.change { state in
                for (path, text) in files { state.files[path] = Array((text + "\n").utf8) }
                state.files[MadeUpBoards.bootID] = Array("next\n".utf8)
                state.log = []
            }
            #expect([.discarded, .nothingToDo].contains(control(kernel).restore().outcome))
            #expect(kernel.log.isEmpty && !kernel.paths.contains { $0.hasPrefix(Self.state) })
        }
    }
}
