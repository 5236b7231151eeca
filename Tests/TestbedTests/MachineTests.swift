import TestbedKit
import Testing

/// What can be told about the machine without touching it.
@Suite struct MachineTests {
    static let separate = """
        tmpfs /sys/fs/cgroup tmpfs rw 0 0
        cgroup /sys/fs/cgroup/cpu,cpuacct cgroup rw,nosuid,cpu,cpuacct 0 0
        cgroup /sys/fs/cgroup/memory cgroup rw,memory 0 0
        cgroup2 /sys/fs/cgroup/unified cgroup2 rw 0 0
        """
    static let unified = "cgroup2 /sys/fs/cgroup cgroup2 rw,nosuid,nodev,noexec,relatime 0 0\n"

    @Test func `control groups are found, of either version or mixed`() throws {
        let old = try ControlGroupPlaces.find(mounts: Self.separate) { _ in ["hugetlb"] }
        #expect(old.cpu == .init(path: "/sys/fs/cgroup/cpu,cpuacct", version: 1))
        #expect(old.memory == .init(path: "/sys/fs/cgroup/memory", version: 1))
        #expect(old.all == ["/sys/fs/cgroup/cpu,cpuacct", "/sys/fs/cgroup/memory"])
        let new = try ControlGroupPlaces.find(mounts: Self.unified) { _ in ["cpuset", "cpu", "memory"] }
        #expect(new.cpu == .init(path: "/sys/fs/cgroup", version: 2) && new.accounting == new.cpu)
        #expect(new.all == ["/sys/fs/cgroup"])
        let mixed = try ControlGroupPlaces.find(
            mounts: "cgroup /c/memory cgroup rw,memory 0 0\n" + Self.unified, unifiedControllers: { _ in ["cpu"] })
        #expect(mixed.memory.version == 1 && mixed.cpu.version == 2)
        let error = #expect(throws: TestbedError.self) {
            try ControlGroupPlaces.find(mounts: "", unifiedControllers: { _ in [] })
        }
        #expect(error?.description.contains("'cpu'") == true)
    }

    @Test func `the period is as short as the least quota allows`() {
        #expect(abs(ControlGroup.period(cores: 0.4) - 0.003) < 1e-9)
        #expect(abs(ControlGroup.period(cores: 0.05) - 0.024) < 1e-9)
        #expect(ControlGroup.period(cores: 0) == ControlGroup.periodsS.upperBound)
        #expect(ControlGroup.period(cores: 64) == ControlGroup.periodsS.lowerBound)
    }

    @Test func `names tell whose they are, and others' are left alone`() throws {
        let name = BedName(process: 4_194_304, number: 63)
        #expect(BedName(groupOrNamespace: name.text) == name)
        #expect(BedName(groupOrNamespace: name.namespace(of: "le-potato-2")) == name)
        #expect(BedName(interface: name.bridge) == name)
        #expect(BedName(interface: name.port(89)) == name && name.port(89).utf8.count <= 15)
        #expect(BedName(folder: "lamella-testbed-4194304-63") == name)
        for other in [
            "lamella", "lamella-", "lamella-x-1", "lamella-1-64", "lamella-run-3A", "lamella--1-2", "docker0",
        ] {
            #expect(BedName(groupOrNamespace: other) == nil, "\(other)")
            #expect(BedName(folder: other) == nil, "\(other)")
        }
        for other in ["lm", "lo", "lm12", "lm12n", "lmn3", "lm0n1", "lm12n64"] {
            #expect(BedName(interface: other) == nil, "\(other)")
        }
    }

    @Test func `a rate is of payload, and its burst short`() {
        #expect(BoardNetwork.shape(1e6) == "tbf rate 1045580bps burst 3028 limit 4194304")
        #expect(BoardNetwork.shape(1e8) == "tbf rate 104558011bps burst 104558 limit 4194304")
    }

    @Test func `a command that fails says so, with its words`() async throws {
        let error = await #expect(throws: TestbedError.self) {
            try await SystemCommand.run(["sh", "-c", "echo no such bridge >&2; exit 3"])
        }
        #expect(error?.description.contains("exit code 3: no such bridge") == true)
        let missing = await #expect(throws: TestbedError.self) { try await SystemCommand.run(["no-such-program"]) }
        #expect(missing?.description.contains("install it") == true)
    }

    @Test(arguments: [("12\n", 12), ("+7", 7), ("0x1F", 31), ("010", 8), ("0", 0)] as [(String, UInt64)])
    func `numbers are read as the kernel reads them`(text: String, value: UInt64) throws {
        #expect(try KernelText.number(Array(text.utf8)) == value)
    }
}
