import Glibc
import TestSupport
import Testing

@testable import KenterEngine

@Suite struct CgroupLimitsTests {
    private static let unified = CgroupLayout(
        mountInformation: "30 23 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n",
        unifiedControllers: "cpu memory pids\n")
    private static let separate = CgroupLayout(
        mountInformation: ["memory", "cpu,cpuacct", "pids"].map {
            "30 23 0:26 / /sys/fs/cgroup/\($0) rw - cgroup cgroup rw,\($0)\n"
        }.joined(), unifiedControllers: "")

    private static func texts(_ limits: CgroupLimits) -> [String] {
        limits.settings.map { "\($0.file)=\($0.value)" }
    }

    private static func resources(memory: Int64? = nil, cpus: Int64? = nil, pids: Int64? = nil) -> ContainerResources {
        var resources = ContainerResources()
        (resources.memoryBytes, resources.nanoProcessors, resources.processes) = (memory, cpus, pids)
        return resources
    }

    @Test func theOneTreeGetsItsFourFiles() {
        let limits = CgroupLimits(
            Self.resources(memory: 64 << 20, cpus: 1_500_000_000, pids: 9), on: Self.unified, read: { _, _ in "max\n" })
        #expect(
            Self.texts(limits) == [
                "memory.max=67108864", "memory.swap.max=67108864", "cpu.max=150000 100000", "pids.max=9",
            ])
    }

    @Test func whatHasNoLimitGetsNone() {
        let none = Self.resources(pids: 0)
        #expect(
            Self.texts(CgroupLimits(none, on: Self.unified, read: { _, _ in nil })) == [
                "memory.max=max", "cpu.max=max 100000", "pids.max=max",
            ])
        #expect(
            Self.texts(CgroupLimits(none, on: Self.separate, read: { _, _ in nil })) == [
                "memory.limit_in_bytes=-1", "cpu.cfs_quota_us=-1", "pids.max=max",
            ])
    }

    @Test(
        "the limit of memory and swap is never below that of memory",
        arguments: [(32, 64, true), (128, 64, false), (64, 64, false)] as [(Int64, Int64, Bool)])
    func order(now: Int64, next: Int64, isRaised: Bool) {
        let limits = CgroupLimits(Self.resources(memory: next << 20), on: Self.separate) { _, file in
            file == "memory.memsw.limit_in_bytes" ? "\(now << 21)\n" : nil
        }
        let both = ["memory.memsw.limit_in_bytes=\(next << 21)", "memory.limit_in_bytes=\(next << 20)"]
        #expect(Array(Self.texts(limits).prefix(2)) == (isRaised ? both : both.reversed()))
    }

    @Test func aControllerThatTheHostLacksIsLeftOut() {
        let bare = CgroupLayout(
            mountInformation: "30 23 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n", unifiedControllers: "pids\n")
        #expect(
            Self.texts(CgroupLimits(Self.resources(pids: 3), on: bare, read: { _, _ in nil })) == ["pids.max=3"])
    }

    /// A group of plain files, with 100 MiB in use of which `dropped` can go.
    private static func group(dropped: String, _ body: (CgroupLayout, String) throws -> Void) throws {
        let directory = "/tmp/kenter-group-\(UInt32.random(in: 0...UInt32.max))"
        mkdir(directory, 0o700)
        let files = [
            "memory.current": "\(100 << 20)\n", "memory.stat": "inactive_file 0\n\(dropped)\n",
            "memory.max": "--------------\n", "memory.swap.max": "--------------\n",
            "cpu.max": "--------------\n", "pids.max": "-\n",
        ]
        defer {
            for name in files.keys { unlink("\(directory)/\(name)") }
            rmdir(directory)
        }
        for (name, text) in files { try TextFile.write(text, to: "\(directory)/\(name)") }
        var layout = Self.unified
        for controller in layout.controllers.keys { layout.controllers[controller] = "" }
        try body(layout, directory)
    }

    @Test func aRestoringSetsWhatItCan() throws {
        try Self.group(dropped: "active_file 7") { layout, group in
            let limits = Self.resources(memory: 64 << 20, cpus: 1_500_000_000, pids: 9)
            #expect(throws: RuntimeError.self) { try layout.limit(group, to: limits) }
            #expect(TextFile.read("\(group)/pids.max") == "-\n")
            unlink("\(group)/cpu.max")
            mkdir("\(group)/cpu.max", 0o700)
            #expect(throws: RuntimeError.self) { try layout.restore(group, to: limits) }
            #expect(TextFile.read("\(group)/pids.max") == "9\n")
            #expect(TextFile.read("\(group)/memory.max").hasPrefix("-"))
            rmdir("\(group)/cpu.max")
        }
    }

    @Test func memoryThatTheKernelCanDropIsInNobodysWay() throws {
        try Self.group(dropped: "active_file \(30 << 20)\nslab_reclaimable \(10 << 20)") { layout, group in
            try layout.limit(group, to: Self.resources(memory: 64 << 20))
            #expect(TextFile.read("\(group)/memory.max").hasPrefix("67108864"))
            #expect(throws: RuntimeError.self) { try layout.limit(group, to: Self.resources(memory: 48 << 20)) }
        }
    }
}
