public import JSONRPC

/// Plugins by name. Never waits for one.
public struct PluginList: RPCMethod {
    public static let name = "plugin.list"

    public var limit: Int?
    public var cursor: String?

    public struct Result: Codable, Sendable {
        public var plugins: [PluginSummary]
        public var next: String?

        public init(
            plugins: [PluginSummary] = [], next: String? = nil
        ) {
            self.plugins = plugins
            self.next = next
        }
    }

    public init(
        limit: Int? = nil, cursor: String? = nil
    ) {
        self.limit = limit
        self.cursor = cursor
    }
}

/// A plugin as the API shows it.
public struct PluginSummary: Codable, Sendable {
    public enum State: String, Codable, Sendable {
        case starting, running
        /// Died; will be started again.
        case backingOff
        /// Died too often; waits for `plugin.restart`.
        case failed
        case stopped
    }

    public var name: String
    public var version: String?
    public var path: String
    public var roles: [String]
    public var state: State
    public var pid: Int?
    /// RFC 3339, UTC: since when it is in this state.
    public var since: String
    /// Why it is not running.
    public var reason: String?
    /// The last lines of its standard error.
    public var lastStderr: [String]
    public var restartCount: Int

    public init(
        name: String, version: String? = nil, path: String, roles: [String] = [], state: State, pid: Int? = nil,
        since: String, reason: String? = nil, lastStderr: [String] = [], restartCount: Int
    ) {
        self.name = name
        self.version = version
        self.path = path
        self.roles = roles
        self.state = state
        self.pid = pid
        self.since = since
        self.reason = reason
        self.lastStderr = lastStderr
        self.restartCount = restartCount
    }
}
