import CLinux
import Glibc
import JSONRPC
import KenterProtocol
import KenterState

extension ContainerService {
    /// The processes of a running container, from the host's /proc.
    func top(_ params: ContainerTop) throws -> ContainerTop.Result {
        let container = try find(params.container)
        guard container.state.isRunning else {
            throw RPCError(.conflict, "Container \(container.id) is not running")
        }
        let bootTime = Timestamp.now.nanoseconds - Self.uptimeNanoseconds()
        let ticks = Int64(sysconf(Int32(_SC_CLK_TCK)))
        return ContainerTop.Result(
            processes: runtime.processes(of: container.id).compactMap { Self.process($0, bootTime, ticks) })
    }

    /// The name of a terminal's device number, as proc(5) has it; containers have only those of devpts.
    private static func terminal(_ device: Int) -> String? {
        let (major, minor) = (device >> 8 & 0xfff, device & 0xff | device >> 12 & 0xfff00)
        return (136...143).contains(major) ? "pts/\((major - 136) << 8 + minor)" : nil
    }

    private static func uptimeNanoseconds() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_BOOTTIME, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    /// `nil` when the process has ended meanwhile.
    private static func process(_ pid: Int32, _ bootTime: Int64, _ ticks: Int64) -> ContainerTop.Result.Process? {
        // Bytes: the name is the process's own choice, and a mark that combines with a parenthesis hides it from text.
        guard let text = SmallFile.readText("/proc/\(pid)/stat")?.utf8,
            let start = text.firstIndex(of: UInt8(ascii: "(")),
            let end = text.lastIndex(of: UInt8(ascii: ")")), start < end
        else { return nil }
        let name = String(decoding: text[text.index(after: start)..<end], as: UTF8.self)
        let fields = String(decoding: text[text.index(after: end)...], as: UTF8.self).split(separator: " ")
        guard fields.count > 19, let parent = Int(fields[1]), let userTicks = Int64(fields[11]),
            let systemTicks = Int64(fields[12]), let startTicks = Int64(fields[19]), let terminal = Int(fields[4])
        else { return nil }
        var status = stat()
        guard stat("/proc/\(pid)", &status) == 0 else { return nil }
        let arguments = (SmallFile.readText("/proc/\(pid)/cmdline") ?? "").split(separator: "\0").joined(separator: " ")
        let startedAt = Timestamp(nanoseconds: bootTime + startTicks * (1_000_000_000 / ticks))
        let cpuSeconds = Double(userTicks + systemTicks) / Double(ticks)
        let livedSeconds = max(1, Timestamp.now.seconds(since: startedAt))
        return ContainerTop.Result.Process(
            user: "\(status.st_uid)", pid: Int(pid), parentPid: parent, startedAt: startedAt.description,
            cpuSeconds: cpuSeconds, cpuPercent: min(99, Int(100 * cpuSeconds / Double(livedSeconds))),
            terminal: Self.terminal(terminal),
            command: arguments.isEmpty ? "[\(name)]" : arguments)
    }
}
