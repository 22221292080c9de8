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

    private static func uptimeNanoseconds() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_BOOTTIME, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    /// `nil` when the process has ended meanwhile.
    private static func process(_ pid: Int32, _ bootTime: Int64, _ ticks: Int64) -> ContainerTop.Result.Process? {
        guard let text = SmallFile.readText("/proc/\(pid)/stat"), let end = text.lastIndex(of: ")"),
            let start = text.firstIndex(of: "(")
        else { return nil }
        let name = text[text.index(after: start)..<end]
        let fields = text[text.index(after: end)...].split(separator: " ")
        guard fields.count > 19, let parent = Int(fields[1]), let userTicks = Int64(fields[11]),
            let systemTicks = Int64(fields[12]), let startTicks = Int64(fields[19])
        else { return nil }
        var status = stat()
        guard stat("/proc/\(pid)", &status) == 0 else { return nil }
        let arguments = (SmallFile.readText("/proc/\(pid)/cmdline") ?? "").split(separator: "\0").joined(separator: " ")
        return ContainerTop.Result.Process(
            user: "\(status.st_uid)", pid: Int(pid), parentPid: parent,
            startedAt: Timestamp(nanoseconds: bootTime + startTicks * (1_000_000_000 / ticks)).description,
            cpuSeconds: Double(userTicks + systemTicks) / Double(ticks),
            command: arguments.isEmpty ? "[\(name)]" : arguments)
    }
}
