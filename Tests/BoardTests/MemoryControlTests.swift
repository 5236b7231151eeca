import Board
import Testing

@Suite struct MemoryControlTests {
    private func read(_ files: [String: String]) -> MemoryControl { MemoryControl.read { files[$0] } }

    @Test func `of version 2 the least limit on the way up counts, and the group's own kills`() {
        var files = [
            "/proc/self/mounts": "cgroup2 /sys/fs/cgroup cgroup2 rw,nosuid 0 0\n",
            "/proc/self/cgroup": "0::/system.slice/lamella.service\n",
            "/sys/fs/cgroup/system.slice/lamella.service/memory.max": "max\n",
            "/sys/fs/cgroup/system.slice/lamella.service/memory.events": "low 0\nhigh 0\nmax 12\noom 2\noom_kill 1\n",
            "/sys/fs/cgroup/system.slice/memory.max": "300000000\n",
        ]
        #expect(read(files) == MemoryControl(limitBytes: 300_000_000, kills: 1))
        files["/sys/fs/cgroup/system.slice/lamella.service/memory.max"] = "200000000\n"
        #expect(read(files).limitBytes == 200_000_000)
    }

    @Test func `of version 1 the largest number is no limit`() {
        var files = [
            "/proc/self/mounts": """
            cgroup /sys/fs/cgroup/cpu cgroup rw,cpu 0 0
            cgroup /sys/fs/cgroup/memory cgroup rw,memory 0 0
            cgroup2 /sys/fs/cgroup/unified cgroup2 rw 0 0
            """,
            "/proc/self/cgroup": "4:memory:/bed/pi\n1:cpu:/bed/pi\n0::/\n",
            "/sys/fs/cgroup/memory/bed/pi/memory.limit_in_bytes": "9223372036854771712\n",
            "/sys/fs/cgroup/memory/bed/pi/memory.oom_control": "oom_kill_disable 0\nunder_oom 0\noom_kill 3\n",
        ]
        #expect(read(files) == MemoryControl(limitBytes: nil, kills: 3))
        files["/sys/fs/cgroup/memory/bed/pi/memory.limit_in_bytes"] = "300000000\n"
        #expect(read(files).limitBytes == 300_000_000)
    }

    @Test func `without control groups the machine's own count is taken, and without that nothing is known`() {
        #expect(read(["/proc/vmstat": "pgfault 7\noom_kill 4\n"]) == MemoryControl(kills: 4))
        #expect(read([:]) == MemoryControl())
    }
}
