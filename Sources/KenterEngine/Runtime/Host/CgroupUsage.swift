/// What the processes of a cgroup have used, as the kernel counts it; `nil` for what this host does not count.
struct CgroupUsage: Equatable {
    var cpuNanoseconds: Int64?
    /// Without pages of files that the kernel can drop at once, as Docker counts.
    var memoryBytes: Int64?
    /// Without all that the kernel can drop to keep a limit; `nil` where the kernel refuses a limit itself.
    var heldMemoryBytes: Int64?
    /// `nil` where it has none.
    var memoryLimitBytes: Int64?
    var pids: Int64?
    var blockReadBytes: Int64?
    var blockWriteBytes: Int64?

    /// - Parameter read: The text of a controller's file in the group; `nil` where there is none.
    init(_ version: CgroupLayout.Version, read: (_ controller: String, _ file: String) -> String?) {
        func number(_ controller: String, _ file: String) -> Int64? {
            read(controller, file).flatMap { Int64($0.split(separator: "\n").first ?? "") }
        }
        func field(_ name: String, _ controller: String, _ file: String) -> Int64? {
            read(controller, file).flatMap { Self.field(name, $0) }
        }
        pids = number("pids", "pids.current")
        if version == .v2 {
            cpuNanoseconds = field("usage_usec", "cpu", "cpu.stat").map { $0 * 1000 }
            let cached = field("inactive_file", "memory", "memory.stat") ?? 0
            memoryBytes = number("memory", "memory.current").map { max(0, $0 - cached) }
            let dropped = ["active_file", "slab_reclaimable"].compactMap { field($0, "memory", "memory.stat") }
            heldMemoryBytes = memoryBytes.map { max(0, $0 - dropped.reduce(0, +)) }
            memoryLimitBytes = number("memory", "memory.max")
            let words = read("io", "io.stat")?.split(whereSeparator: \.isWhitespace)
            blockReadBytes = words.map { Self.sum($0.filter { $0.hasPrefix("rbytes=") }.map { $0.dropFirst(7) }) }
            blockWriteBytes = words.map { Self.sum($0.filter { $0.hasPrefix("wbytes=") }.map { $0.dropFirst(7) }) }
        } else {
            cpuNanoseconds = number("cpuacct", "cpuacct.usage")
            let cached = field("total_inactive_file", "memory", "memory.stat") ?? 0
            memoryBytes = number("memory", "memory.usage_in_bytes").map { max(0, $0 - cached) }
            // Without a limit it is the largest number of pages.
            memoryLimitBytes = number("memory", "memory.limit_in_bytes").flatMap { $0 < 1 << 60 ? $0 : nil }
            // `8:0 Read 4096`, a line for each device and kind.
            let lines = read("blkio", "blkio.throttle.io_service_bytes")?.split(separator: "\n")
                .map { $0.split(separator: " ") }.filter { $0.count == 3 }
            blockReadBytes = lines.map { Self.sum($0.filter { $0[1] == "Read" }.map { $0[2] }) }
            blockWriteBytes = lines.map { Self.sum($0.filter { $0[1] == "Write" }.map { $0[2] }) }
        }
    }

    /// The number behind a name, in lines of `name number`.
    private static func field(_ name: String, _ text: String) -> Int64? {
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ")
            if words.count == 2, words[0] == name { return Int64(words[1]) }
        }
        return nil
    }

    private static func sum(_ numbers: [Substring]) -> Int64 {
        numbers.reduce(0) { $0 + (Int64($1) ?? 0) }
    }
}

extension CgroupLayout {
    func usage(of group: String) -> CgroupUsage {
        CgroupUsage(version) { controller, file in
            controllers[controller].flatMap { SmallFile.readText("\($0)\(group)/\(file)") }
        }
    }
}
