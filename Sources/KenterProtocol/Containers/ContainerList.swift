public import JSONRPC

/// Containers, newest first.
public struct ContainerList: RPCMethod {
    public static let name = "container.list"

    /// Whether those that do not run are listed too.
    public var all: Bool?
    /// `NAME` or `NAME=VALUE`; all must match.
    public var labels: [String]?
    /// Any may match.
    public var names: [String]?
    public var limit: Int?
    /// `next` of the page before.
    public var cursor: String?

    public struct Result: Codable, Sendable {
        public var containers: [ContainerSummary]
        /// Where the next page starts; missing on the last one.
        public var next: String?

        public init(
            containers: [ContainerSummary] = [], next: String? = nil
        ) {
            self.containers = containers
            self.next = next
        }
    }

    public init(
        all: Bool? = nil, labels: [String]? = nil, names: [String]? = nil, limit: Int? = nil, cursor: String? = nil
    ) {
        self.all = all
        self.labels = labels
        self.names = names
        self.limit = limit
        self.cursor = cursor
    }
}

/// A line of `container.list`.
public struct ContainerSummary: Codable, Sendable {
    public var id: String
    public var name: String
    /// With a leading slash: its own name, then `/consumer/alias` for each link to it.
    public var names: [String]
    /// As it was named at creation.
    public var image: String
    /// Entry point and command.
    public var command: [String]
    public var state: ContainerStatus
    /// For people: "Up 3 minutes", "Exited (0) 2 hours ago".
    public var status: String
    /// While it runs, where it has a healthcheck.
    public var health: HealthStatus?
    /// RFC 3339, UTC.
    public var createdAt: String
    public var ports: [Port]
    /// Aliases of its own links.
    public var links: [String]
    public var labels: [String: String]

    public init(
        id: String, name: String, names: [String] = [], image: String, command: [String] = [], state: ContainerStatus,
        status: String, health: HealthStatus? = nil, createdAt: String, ports: [Port] = [], links: [String] = [],
        labels: [String: String] = [:]
    ) {
        self.id = id
        self.name = name
        self.names = names
        self.image = image
        self.command = command
        self.state = state
        self.status = status
        self.health = health
        self.createdAt = createdAt
        self.ports = ports
        self.links = links
        self.labels = labels
    }
}
