import Testing

@testable import KenterEngine

/// What the kernel's files say of a group, with texts of real hosts.
@Suite struct CgroupUsageTests {
    @Test func `a group of a v2 tree`() {
        let files = [
            "cpu/cpu.stat": "usage_usec 1234567\nuser_usec 1000000\nsystem_usec 234567\n",
            "memory/memory.current": "5242880\n", "memory/memory.max": "67108864\n", "pids/pids.current": "3\n",
            "memory/memory.stat": "anon 1000\nfile 2000\ninactive_anon 1\ninactive_file 1048576\n",
            "io/io.stat":
                "8:0 rbytes=4096 wbytes=8192 rios=1 wios=2 dbytes=0 dios=0\n8:16 rbytes=1 wbytes=2 rios=1 wios=1\n",
        ]
        let usage = CgroupUsage(.v2) { files["\($0)/\($1)"] }
        #expect(usage.cpuNanoseconds == 1_234_567_000 && usage.pids == 3)
        #expect(usage.memoryBytes == 4_194_304 && usage.memoryLimitBytes == 67_108_864)
        #expect(usage.blockReadBytes == 4097 && usage.blockWriteBytes == 8194)
        #expect(CgroupUsage(.v2) { $1 == "memory.max" ? "max\n" : nil }.memoryLimitBytes == nil)
    }

    @Test(arguments: [CgroupLayout.Version.v1, .hybrid]) func `a group of v1 trees`(_ version: CgroupLayout.Version) {
        let files = [
            "cpuacct/cpuacct.usage": "1234567\n", "pids/pids.current": "3\n",
            "memory/memory.usage_in_bytes": "5242880\n", "memory/memory.limit_in_bytes": "9223372036854771712\n",
            "memory/memory.stat": "inactive_file 1\ntotal_inactive_file 1048576\n",
            "blkio/blkio.throttle.io_service_bytes":
                "8:0 Read 4096\n8:0 Write 8192\n8:0 Sync 1\n8:0 Total 12288\n8:16 Read 1\nTotal 12289\n",
        ]
        let usage = CgroupUsage(version) { files["\($0)/\($1)"] }
        #expect(usage.cpuNanoseconds == 1_234_567 && usage.pids == 3)
        #expect(usage.memoryBytes == 4_194_304 && usage.memoryLimitBytes == nil)
        #expect(usage.blockReadBytes == 4097 && usage.blockWriteBytes == 8192)
    }

    @Test func `what is not there is not counted`() {
        let usage = CgroupUsage(.v2) { _, _ in nil }
        #expect(usage.cpuNanoseconds == nil && usage.memoryBytes == nil && usage.pids == nil)
        #expect(usage.blockReadBytes == nil && usage.memoryLimitBytes == nil)
    }
}
