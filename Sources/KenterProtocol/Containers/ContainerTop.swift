public import JSONRPC

/// The processes of a running container.
///
/// Fails with `notFound`, `conflict`.
public struct ContainerTop: RPCMethod {
    public static let name = "container.top"

    public var container: String

    public struct Result: Codable, Sendable {
        public struct Process: Codable, Sendable {
            public var user: String
            /// On the host.
            public var pid: Int
            public var parentPid: Int
            /// RFC 3339, UTC.
            public var startedAt: String
            public var cpuSeconds: Double
            /// Of one processor, on average since it was started: 0 to 99.
            public var cpuPercent: Int?
            /// Its controlling terminal, as the container sees it: `pts/0`; missing where it has none.
            public var terminal: String?
            public var command: String

            public init(
                user: String, pid: Int, parentPid: Int, startedAt: String, cpuSeconds: Double, cpuPercent: Int? = nil,
                terminal: String? = nil, command: String
            ) {
                self.user = user
                self.pid = pid
                self.parentPid = parentPid
                self.startedAt = startedAt
                self.cpuSeconds = cpuSeconds
                self.cpuPercent = cpuPercent
                self.terminal = terminal
                self.command = command
            }
        }

        public var processes: [Process]

        public init(
            processes: [Process] = []
        ) {
            self.processes = processes
        }
    }

    public init(
        container: String
    ) {
        self.container = container
    }
}
