public import JSONRPC

/// What the consumer of a link is to see: a pure function of its parameters.
public struct ProviderLinkPlan: RPCMethod, Equatable {
    public static let name = "provider.link.plan"

    public struct Consumer: Codable, Sendable, Equatable {
        public var id: String
        public var name: String
        public var hostname: String
        public var addresses: ContainerAddresses

        public init(
            id: String, name: String, hostname: String, addresses: ContainerAddresses
        ) {
            self.id = id
            self.name = name
            self.hostname = hostname
            self.addresses = addresses
        }
    }

    public struct Source: Codable, Sendable, Equatable {
        public var id: String
        public var name: String
        public var hostname: String
        public var addresses: ContainerAddresses
        /// As configured, `NAME=VALUE`; entries without `=` are kept.
        public var env: [String]
        /// `3306/tcp`.
        public var exposedPorts: [String]
        public var labels: [String: String]
        public var running: Bool

        public init(
            id: String, name: String, hostname: String, addresses: ContainerAddresses, env: [String] = [],
            exposedPorts: [String] = [], labels: [String: String] = [:], running: Bool
        ) {
            self.id = id
            self.name = name
            self.hostname = hostname
            self.addresses = addresses
            self.env = env
            self.exposedPorts = exposedPorts
            self.labels = labels
            self.running = running
        }
    }

    public var linkId: String
    public var alias: String
    public var options: [String: String]
    public var consumer: Consumer
    public var source: Source

    public typealias Result = LinkPlan

    public init(
        linkId: String, alias: String, options: [String: String] = [:], consumer: Consumer, source: Source
    ) {
        self.linkId = linkId
        self.alias = alias
        self.options = options
        self.consumer = consumer
        self.source = source
    }
}

/// What a link provider wants its consumer to see. The engine checks all of it before it applies any of it.
public struct LinkPlan: Codable, Sendable, Equatable {
    public var env: [LinkVariable]
    public var hosts: [LinkHostsEntry]
    public var files: [LinkFile]
    public var firewall: [LinkPortRule]
    /// Names of source variables that an option held back.
    public var withheld: [String]
    public var warnings: [String]

    public init(
        env: [LinkVariable] = [], hosts: [LinkHostsEntry] = [], files: [LinkFile] = [], firewall: [LinkPortRule] = [],
        withheld: [String] = [], warnings: [String] = []
    ) {
        self.env = env
        self.hosts = hosts
        self.files = files
        self.firewall = firewall
        self.withheld = withheld
        self.warnings = warnings
    }
}
