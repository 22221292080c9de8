import CLinux
import Glibc
package import JSONRPC
package import KenterProtocol

/// The environment of a container's process, put together from all that has a say in it.
package struct EnvironmentAssembly: Sendable {
    package static let defaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

    package var hostname: String
    /// Whether the process gets a terminal.
    package var hasTerminal: Bool
    /// Variables of the container's links, in order.
    package var linkVariables: [LinkVariable]
    package var imageEnv: [String]
    /// `NAME=VALUE` of the container itself; `NAME` alone removes a variable, whoever else sets it.
    package var ownEnv: [String]
    /// The same for one `container.exec`; beats all.
    package var execEnv: [String]
    /// The user's home directory, for a HOME that nobody set.
    package var home: String?

    package init(
        hostname: String, hasTerminal: Bool = false, linkVariables: [LinkVariable] = [], imageEnv: [String] = [],
        ownEnv: [String] = [], execEnv: [String] = [], home: String? = nil
    ) {
        self.hostname = hostname
        self.hasTerminal = hasTerminal
        self.linkVariables = linkVariables
        self.imageEnv = imageEnv
        self.ownEnv = ownEnv
        self.execEnv = execEnv
        self.home = home
    }

    /// `NAME=VALUE` entries: PATH, HOSTNAME, TERM, link variables, the image's and the container's own, HOME.
    ///
    /// Of several values for a name the later one wins, in the place of the first.
    package func assembled() -> [String] {
        var entries = EnvironmentEntries()
        entries.set("PATH=\(Self.defaultPath)")
        entries.set("HOSTNAME=\(hostname)")
        if hasTerminal { entries.set("TERM=xterm") }
        for variable in linkVariables { entries.set("\(variable.name)=\(variable.value)") }
        for entry in imageEnv + ownEnv + execEnv { entries.set(entry) }
        if let home, !entries.has("HOME") { entries.set("HOME=\(home)") }
        return entries.list
    }
}

extension EnvironmentAssembly {
    /// The kernel's bound on one `NAME=VALUE` with its end (MAX_ARG_STRLEN, execve(2)).
    static let stringLimitBytes = 128 << 10

    /// The kernel's bound on all arguments and variables: a quarter of the stack limit, at least 128 KiB, at most 6 MiB.
    package static func totalLimitBytes(stackLimitBytes: UInt64) -> Int {
        Int(clamping: min(max(stackLimitBytes / 4, UInt64(stringLimitBytes)), 6 << 20))
    }

    /// Refuses what execve(2) would refuse, before anything is started, and names the largest variables.
    ///
    /// Fails with `precondition`.
    package static func checkSize(
        _ environment: [String], arguments: [String], container: String, stackLimitBytes: UInt64
    ) throws(RPCError) {
        let limit = totalLimitBytes(stackLimitBytes: stackLimitBytes)
        // Each string has an end, and a pointer to it.
        let total = (environment + arguments).reduce(0) { $0 + $1.utf8.count + 1 + 8 }
        let oversized = environment.filter { $0.utf8.count >= stringLimitBytes }
        guard total > limit || !oversized.isEmpty else { return }
        let largest = (oversized.isEmpty ? environment : oversized)
            .sorted { ($0.utf8.count, $1) > ($1.utf8.count, $0) }.prefix(3)
            .map { "\($0.prefix { $0 != "=" }) (\($0.utf8.count) bytes)" }.joined(separator: ", ")
        let bound =
            oversized.isEmpty
            ? "with its arguments it has \(total) bytes, and the kernel takes \(limit)"
            : "the kernel takes less than \(stringLimitBytes) bytes in one variable"
        throw RPCError(
            .precondition, "the environment of \(container) is too large: \(bound); the largest variables: \(largest)")
    }

    /// The stack limit of this process, which its children inherit.
    package static var stackLimitBytes: UInt64 {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(3), &limit) == 0 else { return 8 << 20 }
        return UInt64(limit.rlim_cur)
    }
}
