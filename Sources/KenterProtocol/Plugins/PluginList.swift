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
    public enum State: String, Codable, Sendable, CaseIterable {
        case starting, running
        /// Died; will be started again.
        case backingOff
        /// Died too often; waits for `plugin.restart`.
        case failed
        case stopped
        /// From elsewhere, and not enabled: it is never run.
        case disabled
    }

    public var name: String
    public var version: String?
    /// Its executable; for a plugin at an address, that: `tcp://127.0.0.1:7071`.
    public var path: String
    /// Whether it came with the engine: then it is enabled, and its file is not pinned.
    public var isShipped: Bool
    /// SHA-256 of the file that was enabled, 64 hexadecimal digits.
    public var digest: String?
    /// What the digest does not cover: modules that a script imports.
    public var remark: String?
    /// Variables that it may set although they change how programs run.
    public var grantedVariables: [String]
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
        name: String, version: String? = nil, path: String, isShipped: Bool = true, digest: String? = nil,
        remark: String? = nil, grantedVariables: [String] = [], roles: [String] = [], state: State, pid: Int? = nil,
        since: String,
        reason: String? = nil, lastStderr: [String] = [], restartCount: Int
    ) {
        self.name = name
        self.version = version
        self.path = path
        self.isShipped = isShipped
        self.digest = digest
        self.remark = remark
        self.grantedVariables = grantedVariables
        self.roles = roles
        self.state = state
        self.pid = pid
        self.since = since
        self.reason = reason
        self.lastStderr = lastStderr
        self.restartCount = restartCount
    }
}
