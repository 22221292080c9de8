import Glibc
import JSONRPC
import KenterClient
import KenterProtocol

struct ContainerTopCommand: Command {
    static let abstract = "Show a container's processes."

    let engine: EngineOptions
    let json: Bool
    let container: String

    init(_ arguments: inout ArgumentReader) throws(CommandFailure) {
        engine = try EngineOptions(&arguments)
        json = arguments.flag("json", "Print one JSON array instead of a table.")
        container = arguments.operand("CONTAINER")
    }

    func run() async throws {
        let client = try await engine.connect()
        if json {
            let result = try await client.call(ContainerTop.name, ["container": .string(container)])
            return Output.line(PrettyJSON.text(result["processes"] ?? []))
        }
        let result = try await client.call(ContainerTop(container: container))
        var table = Table(["UID", "PID", "PPID", "C", "STIME", "TTY", "TIME", "CMD"])
        for process in result.processes {
            table.add([
                Self.userName(process.user), "\(process.pid)", "\(process.parentPid)", "\(process.cpuPercent ?? 0)",
                String(process.startedAt.dropFirst(11).prefix(5)), process.terminal ?? "?",
                Self.time(process.cpuSeconds), process.command,
            ])
        }
        Output.write(table.text)
    }

    /// The host's name for a user, where it has one: the engine's host is this one.
    static func userName(_ user: String) -> String {
        guard let number = uid_t(user), let entry = getpwuid(number) else { return user }
        return String(cString: entry.pointee.pw_name)
    }

    /// `01:02:03`
    static func time(_ seconds: Double) -> String {
        let whole = Int(min(max(0, seconds), 1e15))
        let parts = [whole / 3600, whole / 60 % 60, whole % 60]
        return parts.map { $0 < 10 ? "0\($0)" : "\($0)" }.joined(separator: ":")
    }
}
